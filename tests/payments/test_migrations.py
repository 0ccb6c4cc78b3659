"""Migrations that fill what was not kept before, over rows that were there."""

from datetime import timedelta

from django.core.management import call_command

from campaigns import pledges
from payments.models import BankLine, PayoutRun
from payments.statements import import_statement, recognise
from programmes import operations as programmes
from programmes.models import FundingRequest
from tests import cast
from tests.campaigns.giving import gift, purses
from tests.cast import NOW
from tests.payments.paying import paid_out


def migrate(name: str) -> None:
    call_command("migrate", "payments", name, database="owner", verbosity=0)


def test_lines_from_before_find_the_request_that_they_answer(own_database: str) -> None:
    here = cast.world()
    fund = cast.programme(here, budget_cents=10_000).fund

    def asked(amount_cents: int, *, after_days: int) -> FundingRequest:
        moment = NOW + timedelta(days=after_days)
        return programmes.request_funding(
            fund_id=fund.pk, amount_cents=amount_cents, made_by=here.karin, now=moment
        )

    def recognised(line: BankLine, request: FundingRequest, *, after_days: int) -> None:
        recognise(line_id=line.pk, request=request, by=here.thea, now=NOW + timedelta(days=after_days))

    first = fund.funding_requests.get()
    cast.receive(6_000, reference=first.reference)
    content = cast.statement(
        cast.line(4_000, remittance="de rest"),
        cast.line(2_500, remittance="extra"),
        cast.line(1, remittance="?"),
    )
    (imported,) = import_statement(content=content, by=None, now=NOW)
    rest, extra, _ = imported.statement.lines.all()
    recognised(rest, first, after_days=1)
    of_the_same_amount = asked(2_500, after_days=2)
    asked(99_000, after_days=2)
    recognised(extra, of_the_same_amount, after_days=3)
    asked(4_000, after_days=4)
    answered = dict(BankLine.objects.order_by("pk").values_list("pk", "funding_request"))
    assert list(answered.values()) == [first.pk, first.pk, of_the_same_amount.pk, None]

    migrate("0006")
    migrate("0012")

    assert dict(BankLine.objects.values_list("pk", "funding_request")) == answered


def test_files_from_before_hold_the_payouts_that_know_them(own_database: str) -> None:
    here = cast.world()
    cast.dwellings(here, 1)
    programme = cast.funded(here)
    (purse,) = purses(cast.issued(here, programme), 1)
    bench = cast.campaign(here, programme, target_cents=500)
    pledges.pledge(gift=gift(purse, bench, 500), now=NOW)
    payout = paid_out(here, bench)
    migrate("0010")
    migrate("0012")
    assert list(PayoutRun.objects.get().holds.all()) == [payout]
