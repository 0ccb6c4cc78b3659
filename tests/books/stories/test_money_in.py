"""Money comes in: a budget, an amount that nobody knows, the operator's own; and what the bank takes for it."""

from ledger import operations as ledger
from ledger.chart import Code, FundKind
from payments.models import BankLine
from payments.statements import recognise
from programmes import operations as programmes
from tests import cast
from tests.books.stories.table import tells
from tests.books.stories.telling import balances, booked, newest
from tests.cast import NOW
from tests.payments.paying import take_in


def fund_of_operator(here: cast.World, kind: FundKind) -> int:
    return ledger.fund_of(organisation=here.operator, kind=kind, name="Stichting Buurtpot", now=NOW).pk


@tells("grant arrives")
def test_the_budget_of_de_klinker_arrives(here: cast.World) -> None:
    """De Klinker transfers € 1.000,00 under the reference that stands on its request. From now on it can be issued."""
    programme = cast.programme(here)
    request = programme.fund.funding_requests.get()
    (line,) = take_in(cast.line(100_000, structured_reference=request.reference))
    assert (line.kind, line.funding_request) == (BankLine.Kind.FUNDING, request)
    assert booked(line.entry_id) == [(Code.BANK, Code.BUDGET, 100_000)]
    assert balances(programme.fund_id) == {Code.BANK: 100_000, Code.BUDGET: 100_000}


@tells("money arrives that nobody knows")
def test_money_without_a_reference_lies_apart(here: cast.World) -> None:
    """€ 250,00 comes in with the words "voor de buurt". It is on the account, so it is booked; it is nobody's yet."""
    (line,) = take_in(cast.line(25_000, remittance="voor de buurt"))
    assert line.kind == BankLine.Kind.UNKNOWN
    assert booked(line.entry_id) == [(Code.BANK, Code.UNIDENTIFIED, 25_000)]
    suspense = fund_of_operator(here, FundKind.SUSPENSE)
    assert balances(suspense) == {Code.BANK: 25_000, Code.UNIDENTIFIED: 25_000}


@tells("… and is recognised: a settlement")
def test_money_that_was_nobodys_turns_out_to_be_the_budget(here: cast.World) -> None:
    """De Klinker forgot the reference. Thea sees whose money it is: over the bank it goes from suspense to the programme.

    No euro left the account, so over both funds the bank stays as it was.
    """
    programme = cast.programme(here, budget_cents=25_000)
    (line,) = take_in(cast.line(25_000, remittance="budget 2026"))
    request = programme.fund.funding_requests.get()
    recognise(line_id=line.pk, request=request, by=here.thea, now=NOW)
    assert newest("bank line recognised") == [
        (Code.UNIDENTIFIED, Code.BANK, 25_000),
        (Code.BANK, Code.BUDGET, 25_000),
    ]
    assert balances(fund_of_operator(here, FundKind.SUSPENSE)) == {}
    assert balances(programme.fund_id) == {Code.BANK: 25_000, Code.BUDGET: 25_000}


@tells("operator puts in its own money", "bank charges")
def test_the_foundation_pays_what_the_bank_charges_from_its_own_money(here: cast.World) -> None:
    """Stichting Buurtpot puts € 50,00 of its own on the account. The bank takes € 9,95 a quarter: no neighbourhood pays that."""
    own = fund_of_operator(here, FundKind.OPERATOR)
    request = programmes.request_funding(fund_id=own, amount_cents=5_000, made_by=here.thea, now=NOW)
    (put_in,) = take_in(cast.line(5_000, structured_reference=request.reference))
    assert booked(put_in.entry_id) == [(Code.BANK, Code.OPERATOR_MEANS, 5_000)]
    (charged,) = take_in(cast.line(995, credit=False, transaction_code="ACMT-MDOP-CHRG"))
    assert charged.kind == BankLine.Kind.CHARGES
    assert booked(charged.entry_id) == [(Code.OPERATOR_COSTS, Code.BANK, 995)]
    assert balances(own) == {Code.BANK: 4_005, Code.OPERATOR_MEANS: 5_000, Code.OPERATOR_COSTS: 995}
