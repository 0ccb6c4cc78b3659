"""How a story shows what is booked, and what it needs beside the cast."""

from campaigns.models import Campaign, Pledge
from cheques import operations as cheques
from cheques.models import Purse
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code
from ledger.models import Entry, Transfer
from payments.models import BankLine, BankStatement
from programmes.models import Programme
from tests import cast
from tests.campaigns.giving import purses
from tests.cast import NOW, TODAY

Booked = list[tuple[Code, Code, int]]


def booked(entry_id: int) -> Booked:
    """Debit, credit and cents of each transfer of an entry, in order."""
    found = Transfer.objects.filter(entry_id=entry_id).order_by("pk")
    return [
        (Code(debit), Code(credit), cents)
        for debit, credit, cents in found.values_list("debit__kind_id", "credit__kind_id", "amount_cents")
    ]


def newest(kind: str) -> Booked:
    """What the newest entry of a kind booked."""
    return booked(Entry.objects.filter(kind=kind).order_by("-pk").values_list("pk", flat=True)[0])


def balances(*fund_ids: int) -> dict[Code, int]:
    """The balances in cents of these funds together, by code, those at zero left out."""
    found: dict[Code, int] = {}
    for fund_id in fund_ids:
        for code, cents in books.totals_by_code(fund_id=fund_id).items():
            found[Code(code)] = found.get(Code(code), 0) + cents
    return {code: cents for code, cents in found.items() if cents}


def post(kind: str, *moves: tuple[int, int, int], here: cast.World | None = None) -> int:
    """An entry of (debit, credit, cents), for what the site has no operation for yet. With `here`: by Karin and Youssef."""
    posted = ledger.post(
        key=f"{kind} {Entry.objects.count()}",
        kind=kind,
        moves=[ledger.Move(*move) for move in moves],
        made_by=here.karin if here else None,
        approved_by=here.youssef if here else None,
        now=NOW,
    )
    return posted.entry_id


def bank_shows(entry_id: int, cents: int) -> None:
    """A statement with one line that is this entry. `cents`: signed; what came in is above zero."""
    before = BankStatement.objects.order_by("-pk").first()
    opening = before.closing_cents if before else 0
    statement = BankStatement.objects.create(
        identification=f"made for {entry_id}",
        iban="NL00",
        opening_on=TODAY,
        opening_cents=opening,
        closing_on=TODAY,
        closing_cents=opening + cents,
        imported_at=NOW,
    )
    BankLine.objects.create(
        statement=statement,
        position=1,
        fingerprint=f"made for {entry_id}",
        credit=cents > 0,
        amount_cents=abs(cents),
        booked_on=TODAY,
        kind=BankLine.Kind.STRIPE if cents > 0 else BankLine.Kind.PAYOUT,
        entry_id=entry_id,
    )


def street(here: cast.World, count: int = 1) -> tuple[Programme, list[Purse]]:
    """A budget of € 1.000,00, and a cheque of € 7,50 for each of so many dwellings, all activated."""
    cast.dwellings(here, count)
    programme = cast.funded(here)
    return programme, purses(cast.issued(here, programme), count)


def give(purse: Purse, campaign: Campaign, cents: int) -> Pledge:
    return cheques.give(
        purse_id=purse.pk, campaign_id=campaign.pk, amount_cents=cents, key=f"to {campaign.pk}", now=NOW
    ).pledge
