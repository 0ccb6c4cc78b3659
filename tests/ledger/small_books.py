"""Books to count by hand: De Klinker's programme with its bank, its budget and what hangs under it, and a grant."""

from dataclasses import dataclass
from datetime import date

from ledger import operations as ledger
from ledger import statements
from ledger.chart import Code, FundKind
from ledger.operations import Move, Posted
from ledger.queries import AccountLine
from people.models import Organisation, OrganisationKind, User
from tests.cast import NOW, person


@dataclass(frozen=True)
class SmallBooks:
    """Ids of accounts. All are in De Klinker's fund, but `other_budget` and `other_bank`: those are the municipality's."""

    karin: User
    youssef: User
    klinker: Organisation
    fund: int
    other_fund: int
    bank: int
    clearing: int
    budget: int
    cheque: int
    purse: int
    pot: int
    way: int
    other_way: int
    to_return: int
    other_bank: int
    other_budget: int

    @property
    def two(self) -> tuple[User, User]:
        """Who makes and who approves, where the books ask for both."""
        return self.karin, self.youssef


def small_books() -> SmallBooks:
    klinker = Organisation.objects.create(
        kind=OrganisationKind.CORPORATION, name="Woonstichting De Klinker", slug="de-klinker"
    )
    town = Organisation.objects.create(
        kind=OrganisationKind.MUNICIPALITY, name="Gemeente Oeverdam", slug="oeverdam"
    )
    fund = ledger.open_fund(kind=FundKind.PROGRAMME, name="Buurtcheques", organisation=klinker, now=NOW).pk
    grant = ledger.open_fund(kind=FundKind.GRANT, name="Samen voor groen", organisation=town, now=NOW).pk

    def account(code: Code, key: str = "") -> int:
        return ledger.account(fund_id=fund, code=code, key=key, name=key.capitalize())

    return SmallBooks(
        karin=person("Karin"),
        youssef=person("Youssef"),
        klinker=klinker,
        fund=fund,
        other_fund=grant,
        bank=account(Code.BANK),
        clearing=account(Code.STRIPE_CLEARING),
        budget=account(Code.BUDGET),
        cheque=account(Code.CHEQUES, "cheque:1"),
        purse=account(Code.PURSES, "purse:1"),
        pot=account(Code.POTS, "campaign:1"),
        way=account(Code.PAYOUTS, "payout:1"),
        other_way=account(Code.PAYOUTS, "payout:2"),
        to_return=account(Code.TO_RETURN),
        other_bank=ledger.account(fund_id=grant, code=Code.BANK),
        other_budget=ledger.account(fund_id=grant, code=Code.BUDGET),
    )


def book(
    key: str,
    *moves: tuple[int, int, int],
    by: tuple[User | None, User | None] = (None, None),
    on: date | None = None,
    note: str = "",
) -> Posted:
    """Posts an entry of (debit, credit, cents). `by`: maker and approver."""
    made_by, approved_by = by
    return ledger.post(
        key=key,
        kind="test",
        moves=[Move(*move) for move in moves],
        now=NOW,
        made_by=made_by,
        approved_by=approved_by,
        effective_on=on,
        note=note,
    )


def lines_of(account_id: int) -> list[AccountLine]:
    """All lines of an account, in the order of their days."""
    return list(statements.lines(statements.statement(account_id=account_id, since=date.min, until=date.max)))


def undo(key: str, entry_id: int, on: date | None = None) -> Posted:
    return ledger.reverse(key=key, entry_id=entry_id, now=NOW, effective_on=on)
