"""The proof of a cheque: for who holds it, checked with the file that needs nothing of us."""

import json
import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from ledger.models import Account, Entry, Signature
from tests import cast
from tests.ledger.sealing import KEY, public, seal, verified
from tests.web.residents.conftest import Street
from tests.web.residents.letters import activated, letter, opened
from web.residents.views_proof import FREE_PROOFS


@pytest.fixture
def street(own_database: str) -> Street:
    """Committed: seals and proofs are read on other connections."""
    here = cast.world()
    cast.dwellings(here, 20)
    programme = cast.funded(here)
    return Street(here, cast.issued(here, programme), cast.campaign(here, programme, target_cents=10_000))


def give(client: Client, street: Street, amount: str) -> None:
    address = reverse("give", args=[street.bench.slug])
    key = re.search(r'name="key" value="([^"]+)"', client.get(address).content.decode())
    assert key is not None
    assert client.post(address, {"key": key[1], "amount": amount}).status_code == 302


def test_who_holds_a_cheque_downloads_the_proof_and_checks_it_without_us(
    client: Client, street: Street, tmp_path: Path
) -> None:
    neighbour = activated(Client(), street.letter())
    give(neighbour, street, "7,50")
    mine = street.letter()
    activated(client, mine)
    give(client, street, "2,50")
    seal()
    give(neighbour_of(street), street, "1,00")
    seal()
    assert reverse("cheque_proof") in client.get("/cheque/saldo/").content.decode()
    answer = client.get(reverse("cheque_proof"))
    file = tmp_path / "cheque.jsonl"
    file.write_bytes(answer.content)
    head = re.search("head ([0-9a-f]{64})", verified(file, "--key", public(KEY)).said)
    found = verified(file, "--key", public(KEY), "--expect-head", head[1] if head else "")
    assert found.status == 0, found.said
    # Issued, activated, given; and the newest head, in a seal of which nothing is shown.
    assert (
        f'an extract that calls itself "cheque {mine.cheque.pk}": 3 entries with 3 transfers, 2 seals'
        in found.said
    )


def neighbour_of(street: Street) -> Client:
    return activated(Client(), street.letter())


def test_nothing_of_another_cheque_is_in_it(client: Client, street: Street) -> None:
    give(neighbour_of(street), street, "7,50")
    mine = street.letter()
    activated(client, mine)
    give(client, street, "2,50")
    seal()
    lines = [json.loads(line) for line in client.get(reverse("cheque_proof")).content.splitlines()]
    shown = [line for line in lines if "debit" in line]
    mine.cheque.refresh_from_db()
    assert mine.cheque.purse is not None
    own = {mine.cheque.account_id, mine.cheque.purse.account_id}
    assert [bool({line["debit"], line["credit"]} & own) for line in shown] == [True] * 3
    others = Account.objects.filter(kind_id__in=[2100, 2200]).exclude(pk__in=own)
    assert others.count() > 1
    subjects = {line[side] for line in shown for side in ("debit_subject", "credit_subject")}
    assert not subjects & set(others.values_list("key", flat=True))


def test_what_has_no_seal_yet_comes_within_a_minute(client: Client, street: Street) -> None:
    opened(client, street.letter())
    assert "within a minute" in client.get("/cheque/").content.decode()
    answer = client.get(reverse("cheque_proof"), follow=True)
    assert "Your proof is there within a minute." in answer.content.decode()
    seal()
    assert client.get(reverse("cheque_proof"))["Content-Disposition"].startswith("attachment")
    client.post(reverse("cheque_activate"))  # a new entry
    assert "within a minute" in client.get("/cheque/saldo/").content.decode()
    assert client.get(reverse("cheque_proof")).status_code == 302


def test_only_who_has_the_cheque_open_gets_it_and_looking_changes_nothing(
    client: Client, street: Street
) -> None:
    seal()
    assert Client().get(reverse("cheque_proof"))["Location"] == reverse("cheque_landing")
    opened(client, letter(street.run.cheques.order_by("pk")[3]))
    before = (Entry.objects.count(), Signature.objects.count())
    assert client.get(reverse("cheque_proof")).status_code == 200
    assert client.post(reverse("cheque_proof")).status_code == 405
    assert (Entry.objects.count(), Signature.objects.count()) == before


def test_who_asks_for_it_very_often_waits_and_nobody_else_does(client: Client, street: Street) -> None:
    seal()
    opened(client, street.letter())
    answers = [client.get(reverse("cheque_proof")).status_code for _ in range(FREE_PROOFS + 1)]
    assert answers == [200] * (FREE_PROOFS + 1)
    answer = client.get(reverse("cheque_proof"), follow=True)
    assert "This was tried very often. Wait 1 minute and then try again." in answer.content.decode()
    neighbour = Client()
    opened(neighbour, street.letter())
    assert neighbour.get(reverse("cheque_proof")).status_code == 200
