"""Verbs of funding: make a programme with its rules, ask for money, add a sponsor's grant."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction

from common.references import new_rf
from ledger import operations as ledger
from ledger.chart import Code, FundKind
from people.models import Organisation, User
from programmes.models import FundingRequest, Grant, Programme, Rules


class RulesChanged(Exception):
    """Somebody published another version since. `version` is the newest."""

    def __init__(self, version: int) -> None:
        super().__init__(f"version {version}")
        self.version = version


class AskedMeanwhile(Exception):
    """Somebody asked for money of this fund since. `count`: how many requests there are."""

    def __init__(self, fund_id: int, count: int) -> None:
        super().__init__(f"fund {fund_id}: {count} requests")
        self.fund_id = fund_id
        self.count = count


@dataclass(frozen=True)
class RuleSet:
    """What the rules of a programme say; amounts in cents, None or 0: not used."""

    cheque_value_cents: int
    days_to_activate: int = 42
    max_target_cents: int | None = None
    days_to_account: int = 28
    conditions: str = ""


@transaction.atomic
def make_programme(
    *,
    organisation: Organisation,
    name: str,
    starts_on: date,
    ends_on: date,
    budget_cents: int,
    rules: RuleSet,
    made_by: User | None,
    now: datetime,
    agreement: str = "",
) -> Programme:
    """A programme with its fund, the first version of its rules, and a request for its budget (`budget_cents`: > 0)."""
    fund = ledger.open_fund(kind=FundKind.PROGRAMME, name=name, organisation=organisation, now=now)
    programme = Programme.objects.create(
        organisation=organisation,
        fund=fund,
        name=name,
        starts_on=starts_on,
        ends_on=ends_on,
        agreement=agreement,
        made_by=made_by,
        made_at=now,
    )
    publish_rules(programme=programme, rules=rules, published_by=made_by, now=now)
    request_funding(fund_id=fund.pk, amount_cents=budget_cents, made_by=made_by, now=now)
    return programme


@transaction.atomic
def publish_rules(
    *,
    programme: Programme,
    rules: RuleSet,
    published_by: User | None,
    now: datetime,
    after: int | None = None,
) -> Rules:
    """A new version. What was made under an older one keeps that one.

    `after`: the version that it is made from, so that the same form counts once. Raises RulesChanged.
    """
    Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    newest = programme.versions.order_by("-version").first()
    version = newest.version if newest else 0
    if after is not None and after != version:
        raise RulesChanged(version)
    return Rules.objects.create(
        programme=programme,
        version=version + 1,
        published_at=now,
        published_by=published_by,
        cheque_value_cents=rules.cheque_value_cents,
        days_to_activate=rules.days_to_activate,
        max_target_cents=rules.max_target_cents,
        days_to_account=rules.days_to_account,
        conditions=rules.conditions,
    )


@transaction.atomic
def request_funding(
    *, fund_id: int, amount_cents: int, made_by: User | None, now: datetime, after: int | None = None
) -> FundingRequest:
    """A request with a payment reference of its own; the budget account is opened so that the money finds it.

    `after`: how many requests of this fund came before, so that the same form counts once. Raises AskedMeanwhile.
    """
    if after is not None:
        _expect_requests(fund_id, after)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('programmes_fundingrequest', 'id'))")
        number = cursor.fetchone()[0]
    ledger.account(fund_id=fund_id, code=Code.BUDGET)
    return FundingRequest.objects.create(
        pk=number,
        fund_id=fund_id,
        amount_cents=amount_cents,
        reference=new_rf(f"10{number:08d}"),
        made_by=made_by,
        made_at=now,
    )


def _expect_requests(fund_id: int, count: int) -> None:
    """One at a time for one fund: every fund has a request from its first day, and the first is locked."""
    requests = FundingRequest.objects.filter(fund_id=fund_id)
    requests.select_for_update(no_key=True).order_by("pk").first()
    found = requests.count()
    if found != count:
        raise AskedMeanwhile(fund_id, found)


@transaction.atomic
def make_grant(
    *,
    organisation: Organisation,
    host: Organisation,
    name: str,
    amount_cents: int,
    match_percent: int,
    per_campaign_cents: int,
    matches_cheques: bool,
    starts_on: date,
    ends_on: date,
    made_by: User | None,
    now: datetime,
) -> Grant:
    """A sponsor's money beside what residents give to the campaigns of a host, with a fund and a request of its own."""
    fund = ledger.open_fund(kind=FundKind.GRANT, name=name, organisation=organisation, now=now)
    grant = Grant.objects.create(
        organisation=organisation,
        host=host,
        fund=fund,
        name=name,
        match_percent=match_percent,
        per_campaign_cents=per_campaign_cents,
        matches_cheques=matches_cheques,
        starts_on=starts_on,
        ends_on=ends_on,
        made_at=now,
    )
    request_funding(fund_id=fund.pk, amount_cents=amount_cents, made_by=made_by, now=now)
    return grant


@transaction.atomic
def add_grant(
    *,
    organisation: Organisation,
    host: Organisation,
    name: str,
    amount_cents: int,
    match_percent: int,
    per_campaign_cents: int,
    matches_cheques: bool,
    starts_on: date,
    ends_on: date,
    now: datetime,
) -> tuple[Grant, bool]:
    """The grant, and whether it is new: the sponsor's grant of this name to this host is made once. As `make_grant` does."""
    # Two of one sponsor wait for each other. NO KEY: rows that refer to it need not wait.
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    there = Grant.objects.filter(organisation=organisation, host=host, name=name).first()
    if there is not None:
        return there, False
    made = make_grant(
        organisation=organisation,
        host=host,
        name=name,
        amount_cents=amount_cents,
        match_percent=match_percent,
        per_campaign_cents=per_campaign_cents,
        matches_cheques=matches_cheques,
        starts_on=starts_on,
        ends_on=ends_on,
        made_by=None,
        now=now,
    )
    return made, True
