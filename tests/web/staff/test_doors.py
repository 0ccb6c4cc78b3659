"""Who gets in where. Every address under /beheer/ is walked: a new one without a place in this list fails."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker

from people.models import Membership, Role
from tests import cast
from tests.web.staff import street
from tests.web.staff.street import Street, as_
from web.staff.urls import urlpatterns

# Address -> what of the street it shows, as arguments of the address.
HOST_OBJECTS = {
    "staff_programme": lambda here: [here.programme.pk],
    "staff_more_funding": lambda here: [here.programme.pk],
    "staff_new_rules": lambda here: [here.programme.pk],
    "staff_run": lambda here: [here.issued.pk],
    "staff_issue_run": lambda here: [here.prepared.pk],
    "staff_cancel_run": lambda here: [here.prepared.pk],
    "staff_run_letters": lambda here: [here.issued.pk],
    "staff_letters_file": lambda here: [here.issued.pk, 1],
    "staff_cheque": lambda here: [here.cheque.pk],
    "staff_campaign": lambda here: [here.submitted.slug],
    "staff_approve_campaign": lambda here: [here.submitted.slug],
    "staff_refuse_campaign": lambda here: [here.submitted.slug],
    "staff_propose_payout": lambda here: [here.reached.slug],
    "staff_approve_account": lambda here: [here.account.pk],
    "staff_payout": lambda here: [here.payout.pk],
    "staff_approve_payout": lambda here: [here.payout.pk],
    "staff_refuse_payout": lambda here: [here.payout.pk],
    "staff_withdraw_payout": lambda here: [here.payout.pk],
    "staff_receipt": lambda here: [here.receipt.pk],
    "staff_receipt_file": lambda here: [here.receipt.pk],
    "staff_approve_receipt": lambda here: [here.receipt.pk],
    "staff_refuse_receipt": lambda here: [here.receipt.pk],
}
HOST_PAGES = (
    "staff_programmes",
    "staff_new_programme",
    "staff_dwellings",
    "staff_import_dwellings",
    "staff_example_list",
    "staff_runs",
    "staff_new_run",
    "staff_prepare_run",
    "staff_cheques",
    "staff_campaigns",
    "staff_payouts",
    "staff_receipts",
    "staff_tasks",
)
BANK_OBJECTS = {
    "staff_statement": lambda here: [here.statement.pk],
    "staff_line": lambda here: [here.unknown.pk],
    "staff_recognise": lambda here: [here.unknown.pk, here.request.pk],
    "staff_refund_again": lambda here: [here.refund.pk],
    "staff_payment_file": lambda here: [here.payment_file.pk],
    "staff_close_period": lambda here: [here.closing.pk],
    "staff_withdraw_closing": lambda here: [here.closing.pk],
    "staff_end_witness": lambda here: [here.witness.pk],
}
BANK_PAGES = (
    "staff_bank",
    "staff_import_statement",
    "staff_lines",
    "staff_payment_files",
    "staff_make_payment_file",
    "staff_periods",
    "staff_witnesses",
)
SPONSOR_OBJECTS = {"staff_grant": lambda here: [here.grant.pk]}
SPONSOR_PAGES = ("staff_grants",)
FOR_ANY_ROLE = ("staff_home", "staff_organisation")
FOR_BROKERS = ("staff_campaign", "staff_campaigns", "staff_approve_campaign", "staff_refuse_campaign")
ONLY_POSTED = {
    "staff_more_funding",
    "staff_prepare_run",
    "staff_approve_campaign",
    "staff_refuse_campaign",
    "staff_propose_payout",
    "staff_refuse_payout",
    "staff_withdraw_payout",
    "staff_approve_receipt",
    "staff_refuse_receipt",
    "staff_import_statement",
    "staff_refund_again",
}
OBJECTS = HOST_OBJECTS | BANK_OBJECTS | SPONSOR_OBJECTS
ALL = (*OBJECTS, *HOST_PAGES, *BANK_PAGES, *SPONSOR_PAGES, *FOR_ANY_ROLE)


@pytest.fixture(scope="module")
def kept_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: DjangoDbBlocker, kept_files: Path) -> Iterator[Street]:
    """One street for all doors: what a test does to it is rolled back after the test."""
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(MEDIA_ROOT=kept_files):
            made = street.build()
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def here(
    built: Street, django_db_blocker: DjangoDbBlocker, settings: Settings, kept_files: Path
) -> Iterator[Street]:
    settings.MEDIA_ROOT = kept_files
    with django_db_blocker.unblock(), transaction.atomic():
        yield built
        transaction.set_rollback(True)


def url(name: str, here: Street) -> str:
    return reverse(name, args=OBJECTS[name](here) if name in OBJECTS else [])


def statuses(client: Client, address: str) -> set[int]:
    """What a look and a sent form answer; 405 where an address takes one of both only."""
    return {client.get(address).status_code, client.post(address).status_code} - {405}


def test_every_address_of_staff_is_in_these_lists() -> None:
    assert {pattern.name for pattern in urlpatterns} == set(ALL)


@pytest.mark.parametrize("name", HOST_OBJECTS)
def test_staff_of_another_organisation_find_nothing_of_de_klinker(name: str, here: Street) -> None:
    assert statuses(as_(here.nora), url(name, here)) == {404}


@pytest.mark.parametrize("name", sorted(set(HOST_OBJECTS) - ONLY_POSTED))
def test_staff_of_de_klinker_see_their_own(name: str, here: Street) -> None:
    assert as_(here.world.youssef).get(url(name, here)).status_code == 200


@pytest.mark.parametrize("name", [*SPONSOR_OBJECTS])
def test_another_sponsor_finds_nothing_and_the_own_one_does(name: str, here: Street) -> None:
    assert statuses(as_(here.zoe), url(name, here)) == {404}
    assert as_(here.sanne).get(url(name, here)).status_code == 200


@pytest.mark.parametrize("name", [*BANK_OBJECTS, *BANK_PAGES])
def test_the_bank_is_the_treasurers_alone(name: str, here: Street) -> None:
    for stranger in (here.nora, here.world.karin, here.world.bea, here.sanne, here.world.mees):
        assert statuses(as_(stranger), url(name, here)) == {404}
    if name not in ONLY_POSTED:
        assert as_(here.world.thea).get(url(name, here)).status_code == 200


@pytest.mark.parametrize("name", ALL)
def test_who_has_not_signed_in_is_sent_to_sign_in(name: str, here: Street) -> None:
    address = url(name, here)
    answer = Client().post(address) if name in ONLY_POSTED else Client().get(address)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", sorted({*HOST_OBJECTS, *HOST_PAGES} - {*FOR_BROKERS}))
def test_a_broker_finds_no_page_about_money(name: str, here: Street) -> None:
    assert statuses(as_(here.world.bea), url(name, here)) == {404}


@pytest.mark.parametrize("name", ["staff_campaign", "staff_campaigns"])
def test_a_broker_sees_campaigns(name: str, here: Street) -> None:
    assert as_(here.world.bea).get(url(name, here)).status_code == 200


@pytest.mark.parametrize("name", [*HOST_OBJECTS, *HOST_PAGES])
def test_treasurer_sponsor_auditor_and_initiator_find_no_page_of_the_host(name: str, here: Street) -> None:
    for other in (here.world.thea, here.sanne, here.world.mees, here.world.fatma):
        assert statuses(as_(other), url(name, here)) == {404}


@pytest.mark.parametrize("name", sorted(ONLY_POSTED))
def test_a_look_changes_nothing_so_verbs_are_not_to_be_looked_at(name: str, here: Street) -> None:
    client = as_(here.world.thea if name in BANK_PAGES else here.world.youssef)
    assert client.get(url(name, here)).status_code == 405


def test_without_a_second_step_staff_are_sent_to_make_one(here: Street) -> None:
    client = Client()
    client.force_login(here.world.karin)
    answer = client.get(reverse("staff_home"))
    assert (answer.status_code, answer["Location"]) == (302, reverse("mfa_activate_totp"))


def test_who_left_the_organisation_finds_nothing(here: Street) -> None:
    here.world.karin.memberships.update(until=cast.NOW)
    assert as_(here.world.karin).get(reverse("staff_home")).status_code == 404


@pytest.mark.parametrize(
    ("who", "shown", "hidden"),
    [
        (
            "karin",
            ("staff_runs", "staff_payouts", "staff_receipts", "staff_campaigns"),
            ("staff_bank", "staff_grants"),
        ),
        ("bea", ("staff_campaigns",), ("staff_runs", "staff_payouts", "staff_receipts", "staff_bank")),
        ("thea", ("staff_bank", "staff_payment_files"), ("staff_payouts", "staff_campaigns", "staff_runs")),
        ("sanne", ("staff_grants",), ("staff_campaigns", "staff_bank", "staff_payouts")),
    ],
)
def test_the_menu_shows_what_the_role_may_do(
    who: str, shown: tuple[str, ...], hidden: tuple[str, ...], here: Street
) -> None:
    user = here.sanne if who == "sanne" else getattr(here.world, who)
    page = as_(user).get(reverse("staff_home"), follow=True).content.decode()
    menu = page[page.index("<nav") : page.index("</nav>")]
    for name in (*shown, "account_logout"):
        assert f'href="{reverse(name)}"' in menu
    for name in hidden:
        assert f'href="{reverse(name)}"' not in menu


def test_who_works_for_two_organisations_chooses_one(here: Street) -> None:
    Membership.objects.create(
        user=here.world.thea, organisation=here.world.klinker, role=Role.STAFF, since=cast.NOW
    )
    client = as_(here.world.thea)
    page = client.get(reverse("staff_organisation")).content.decode()
    assert f'name="organisation" value="{here.world.klinker.pk}"' in page
    client.post(reverse("choose_organisation"), {"organisation": here.world.klinker.pk})
    assert client.get(reverse("staff_home")).context["member"].organisation == here.world.klinker
    client.post(reverse("choose_organisation"), {"organisation": here.world.operator.pk})
    assert client.get(reverse("staff_home"))["Location"] == reverse("staff_bank")


@pytest.mark.parametrize("wanted", ["", "0", "x", "99999999999999999999", "\0"])
def test_nobody_chooses_an_organisation_that_is_not_theirs(wanted: str, here: Street) -> None:
    assert (
        as_(here.world.thea).post(reverse("choose_organisation"), {"organisation": wanted}).status_code == 404
    )
    nora = here.nora.memberships.get().organisation_id
    assert (
        as_(here.world.thea).post(reverse("choose_organisation"), {"organisation": nora}).status_code == 404
    )


@pytest.mark.parametrize("path", ["uitgiften", "uitbetalingen", "bonnen", "cheques", "regelingen"])
def test_a_number_that_cannot_be_is_not_found(path: str, here: Street) -> None:
    assert as_(here.world.karin).get(f"/beheer/{path}/99999999999999999999/").status_code == 404


@pytest.mark.parametrize("name", [*BANK_OBJECTS, *BANK_PAGES])
def test_a_treasurer_of_another_organisation_finds_no_bank(name: str, here: Street) -> None:
    Membership.objects.filter(user=here.nora).update(role=Role.TREASURER)
    assert statuses(as_(here.nora), url(name, here)) == {404}
