"""A programme with its fund, its rules and its request for money; a sponsor's grant."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from stdnum import iso11649

from common.references import find_rf
from ledger import queries as books
from ledger.chart import Code, FundKind
from people.models import Organisation, OrganisationKind
from programmes import operations as programmes
from programmes.models import FundingRequest, Grant, Programme
from programmes.operations import RuleSet
from tests import cast
from tests.cast import NOW
from tests.ledger.roles import refusal

pytestmark = pytest.mark.django_db
RULES = RuleSet(
    cheque_value_cents=750,
    days_to_activate=35,
    max_target_cents=150_000,
    days_to_account=21,
    conditions="Het initiatief is voor de hele buurt.",
)


def programme(here: cast.World, name: str = "Buurtcheques 2026", **change: Any) -> Programme:
    given: dict[str, Any] = {
        "organisation": here.klinker,
        "name": name,
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2026, 12, 31),
        "budget_cents": 2_500_000,
        "rules": RULES,
        "made_by": here.karin,
        "now": NOW,
        "agreement": "Prestatieafspraken 2026, artikel 4",
    }
    return programmes.make_programme(**(given | change))


def municipality() -> Organisation:
    return Organisation.objects.create(
        kind=OrganisationKind.MUNICIPALITY, name="Gemeente Oeverdam", slug="oeverdam"
    )


def grant(here: cast.World, **change: Any) -> Grant:
    given: dict[str, Any] = {
        "organisation": municipality(),
        "host": here.klinker,
        "name": "Samen voor groen",
        "amount_cents": 500_000,
        "match_percent": 50,
        "per_campaign_cents": 25_000,
        "matches_cheques": False,
        "starts_on": date(2026, 3, 1),
        "ends_on": date(2026, 10, 31),
        "made_by": None,
        "now": NOW,
    }
    return programmes.make_grant(**(given | change))


def test_a_programme_gets_a_fund_rules_and_a_request_for_its_budget() -> None:
    here = cast.world()
    made = programme(here)

    assert (made.organisation, made.made_by, made.made_at) == (here.klinker, here.karin, NOW)
    assert (made.agreement, made.closed_at) == ("Prestatieafspraken 2026, artikel 4", None)
    fund = books.funds_of(organisation_id=here.klinker.pk).get()
    assert (fund.pk, fund.kind, fund.name) == (made.fund_id, FundKind.PROGRAMME, "Buurtcheques 2026")

    rules = made.versions.get()
    assert (rules.version, rules.published_by, rules.published_at) == (1, here.karin, NOW)
    assert (
        RuleSet(
            rules.cheque_value_cents,
            rules.days_to_activate,
            rules.max_target_cents,
            rules.days_to_account,
            rules.conditions,
        )
        == RULES
    )
    request = fund.funding_requests.get()
    assert (request.amount_cents, request.made_by, request.made_at) == (2_500_000, here.karin, NOW)


def test_a_budget_that_was_asked_for_is_not_there_yet() -> None:
    made = programme(cast.world())
    assert books.totals_by_code(fund_id=made.fund_id) == {Code.BUDGET: 0}


def test_the_budget_arrives_under_its_reference() -> None:
    made = programme(cast.world())
    cast.receive(2_500_000, reference=made.fund.funding_requests.get().reference)
    assert books.totals_by_code(fund_id=made.fund_id) == {Code.BANK: 2_500_000, Code.BUDGET: 2_500_000}


def test_every_request_has_a_reference_of_its_own_that_checks_out_and_is_found_back() -> None:
    made = programme(cast.world())
    for cents in range(1, 50):
        programmes.request_funding(fund_id=made.fund_id, amount_cents=cents, made_by=None, now=NOW)
    references = list(FundingRequest.objects.values_list("reference", flat=True))
    assert len(set(references)) == 50
    for reference in references:
        assert iso11649.is_valid(reference)
        assert reference in find_rf(f"Budget 2026 {iso11649.format(reference)}")


def test_a_request_for_nothing_is_refused() -> None:
    made = programme(cast.world())
    for cents in (0, -1):
        with pytest.raises(IntegrityError), transaction.atomic():
            programmes.request_funding(fund_id=made.fund_id, amount_cents=cents, made_by=None, now=NOW)


@pytest.mark.parametrize("change", [{"budget_cents": 0}, {"ends_on": date(2025, 12, 31)}])
def test_of_a_programme_that_cannot_be_nothing_remains(change: dict[str, Any]) -> None:
    here = cast.world()
    with pytest.raises(IntegrityError), transaction.atomic():
        programme(here, **change)
    assert not Programme.objects.exists()
    assert not books.funds_of(organisation_id=here.klinker.pk).exists()


def test_a_programme_of_one_day_is_a_programme() -> None:
    assert programme(cast.world(), ends_on=date(2026, 1, 1)).ends_on == date(2026, 1, 1)


def test_a_name_is_used_once_by_one_organisation() -> None:
    here = cast.world()
    programme(here)
    with pytest.raises(IntegrityError, match="programme_name_once_per_organisation"), transaction.atomic():
        programme(here)
    programme(here, organisation=municipality())


def test_new_rules_are_a_new_version_and_the_old_one_stays_as_it_was() -> None:
    here = cast.world()
    made = programme(here)
    old = made.rules
    new = programmes.publish_rules(
        programme=made, rules=replace(RULES, cheque_value_cents=1_000), published_by=here.youssef, now=NOW
    )
    assert (new.version, new.cheque_value_cents, new.published_by) == (2, 1_000, here.youssef)
    assert made.rules == new
    old.refresh_from_db()
    assert (old.version, old.cheque_value_cents) == (1, 750)


def test_what_was_made_under_older_rules_keeps_them() -> None:
    here = cast.world()
    cast.dwellings(here, 3)
    made = cast.funded(here)
    run = cast.issued(here, made)
    campaign = cast.campaign(here, made)
    programmes.publish_rules(
        programme=made, rules=RuleSet(cheque_value_cents=1_000), published_by=here.karin, now=NOW
    )
    run.refresh_from_db()
    campaign.refresh_from_db()
    assert (run.rules.version, campaign.rules.version, made.rules.version) == (1, 1, 2)
    assert run.value_cents == 750


def test_a_version_exists_once() -> None:
    made = programme(cast.world())
    error = refusal(
        "INSERT INTO programmes_rules (programme_id, version, published_at, cheque_value_cents, days_to_activate,"
        " days_to_account, conditions) VALUES (%s, 1, now(), 750, 42, 28, '')",
        made.pk,
    )
    assert error.diag.constraint_name == "rules_version_once_per_programme"


def test_a_grant_has_a_fund_of_its_sponsor_and_asks_for_its_sum() -> None:
    here = cast.world()
    made = grant(here)
    fund = made.fund
    assert (fund.kind, fund.organisation, fund.name) == (
        FundKind.GRANT,
        made.organisation,
        "Samen voor groen",
    )
    assert (made.host, made.match_percent, made.per_campaign_cents) == (here.klinker, 50, 25_000)
    assert (made.matches_cheques, made.starts_on, made.ends_on) == (
        False,
        date(2026, 3, 1),
        date(2026, 10, 31),
    )
    assert [(r.amount_cents, r.made_at) for r in fund.funding_requests.all()] == [(500_000, NOW)]
    assert books.funds_of(organisation_id=here.klinker.pk).count() == 0


def test_one_sponsor_may_give_two_grants_each_with_its_own_money() -> None:
    here = cast.world()
    first = grant(here)
    second = programmes.make_grant(
        organisation=first.organisation,
        host=here.klinker,
        name="Samen eten",
        amount_cents=100,
        match_percent=100,
        per_campaign_cents=100,
        matches_cheques=True,
        starts_on=first.starts_on,
        ends_on=first.ends_on,
        made_by=None,
        now=NOW,
    )
    assert first.fund_id != second.fund_id


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"match_percent": 0}, "grant_match_percent"),
        ({"match_percent": 501}, "grant_match_percent"),
        ({"ends_on": date(2026, 2, 28)}, "grant_ends_after_it_starts"),
        ({"amount_cents": 0}, "funding_request_above_zero"),
    ],
)
def test_of_a_grant_that_cannot_be_nothing_remains(change: dict[str, Any], rule: str) -> None:
    here = cast.world()
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        grant(here, **change)
    assert not Grant.objects.exists()


@pytest.mark.parametrize("percent", [1, 500])
def test_a_match_is_between_one_percent_and_five_times(percent: int) -> None:
    assert grant(cast.world(), match_percent=percent).match_percent == percent
