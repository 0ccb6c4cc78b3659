"""The treasurer adds and ends witnesses."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from ledger import heads, seals
from ledger.models import Key
from people.models import AccessLog
from tests import cast
from tests.cast import NOW, World
from tests.ledger.sealing import KEY, public
from tests.web.signing_in import signed_in


@pytest.fixture
def world(db: None) -> World:
    return cast.world()


@pytest.fixture
def thea(world: World) -> Client:
    return signed_in(Client(headers={"accept-language": "en"}), world.thea)


def page(client: Client) -> str:
    return " ".join(client.get("/beheer/bank/getuigen/").content.decode().split())


def test_a_witness_is_added_by_one_person_and_that_is_written_down(thea: Client, world: World) -> None:
    assert "Nobody is a witness yet" in page(thea)
    answer = thea.post(
        "/beheer/bank/getuigen/", {"holder": "Huurders De Klinker", "public": public(KEY)}, follow=True
    )
    assert "Huurders De Klinker is a witness now." in answer.content.decode()
    (witness,) = heads.witnesses()
    assert (bytes(witness.public).hex(), witness.until) == (public(KEY), None)
    log = AccessLog.objects.get(what=AccessLog.What.WITNESS_ADDED)
    assert (log.user, log.organisation, log.number) == (world.thea, world.operator, witness.pk)
    assert "nothing yet" in page(thea)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Fill this in."),
        ("abc", "no public key of Ed25519"),
        ("-----BEGIN PRIVATE KEY-----", "This is a private key."),
    ],
)
def test_what_is_no_public_key_is_not_added(thea: Client, typed: str, said: str) -> None:
    answer = thea.post("/beheer/bank/getuigen/", {"holder": "Huurders", "public": typed})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Key.objects.exists()


def test_a_key_is_that_of_one_witness(thea: Client) -> None:
    seals.add_witness(public=bytes.fromhex(public(KEY)), holder="Huurders", now=NOW)
    answer = thea.post("/beheer/bank/getuigen/", {"holder": "Anders", "public": public(KEY)})
    assert "This key is known already." in answer.content.decode()
    assert [key.holder for key in heads.witnesses()] == ["Huurders"]
    assert not AccessLog.objects.filter(what=AccessLog.What.WITNESS_ADDED).exists()


def test_a_witness_is_ended_after_a_question_and_once(thea: Client) -> None:
    witness = seals.add_witness(public=bytes.fromhex(public(KEY)), holder="Huurders", now=NOW)
    address = f"/beheer/bank/getuigen/{witness.pk}/einde/"
    assert "Take no more signatures of Huurders?" in thea.get(address).content.decode()
    assert heads.witnesses().get().until is None
    for _time in range(2):
        answer = thea.post(address, follow=True)
        assert "Huurders is no witness any more." in answer.content.decode()
    assert heads.witnesses().get().until is not None
    assert AccessLog.objects.filter(what=AccessLog.What.WITNESS_ENDED).count() == 1
    assert "That was done already." in thea.get(address).content.decode()
    assert "until 23 November 2026" in page(thea)


def test_the_operators_own_key_is_no_witness_to_end(thea: Client) -> None:
    key = Key.objects.create(public=bytes(range(32)), holder="x", witness=False, since=NOW)
    assert thea.get(f"/beheer/bank/getuigen/{key.pk}/einde/").status_code == 404


def test_many_witnesses_are_paged_and_cost_the_same(
    thea: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    seals.add_witness(public=bytes.fromhex(public(KEY)), holder="Huurders", now=NOW)
    page(thea)
    with django_assert_max_num_queries(12) as few:
        page(thea)
    for number in range(30):
        seals.add_witness(public=bytes([number]) * 32, holder=f"Getuige {number}", now=NOW)
    with django_assert_num_queries(len(few.captured_queries)):
        assert "Page 1 of 2" in page(thea)
