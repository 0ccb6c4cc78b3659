"""The table "What happens, and what is booked" (design, money rules), a row cut into its parts where it has several.

Where a line is told: search for its words after `@tells`.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from ledger.chart import Code
from ledger.models import Transfer
from tests.books.soundness import wrong

P = ParamSpec("P")
Pair = tuple[Code, Code]

# Debit and credit of everything that the event books; the settlements have a transfer in each of two funds.
TABLE: dict[str, set[Pair]] = {
    "grant arrives": {(Code.BANK, Code.BUDGET)},
    "money arrives that nobody knows": {(Code.BANK, Code.UNIDENTIFIED)},
    "… and is recognised: a settlement": {(Code.UNIDENTIFIED, Code.BANK), (Code.BANK, Code.BUDGET)},
    "run issued": {(Code.BUDGET, Code.CHEQUES)},
    "cheque activated": {(Code.CHEQUES, Code.PURSES)},
    "cheque expires while the programme runs": {(Code.CHEQUES, Code.BUDGET)},
    "cheque expires after the programme": {(Code.CHEQUES, Code.TO_RETURN)},
    "cheque is voided": {(Code.CHEQUES, Code.BUDGET)},
    "purse is voided while the programme runs": {(Code.PURSES, Code.BUDGET)},
    "purse expires after the programme": {(Code.PURSES, Code.TO_RETURN)},
    "reissued": {(Code.CHEQUES, Code.CHEQUES)},
    "gift from a purse": {(Code.PURSES, Code.POTS)},
    "donation settled, to a campaign": {(Code.STRIPE_CLEARING, Code.POTS)},
    "donation settled, to a neighbourhood": {(Code.STRIPE_CLEARING, Code.RESERVES)},
    "Stripe's fee": {(Code.PAYMENT_COSTS, Code.STRIPE_CLEARING)},
    "… campaign bears it: taken at payout": {(Code.POTS, Code.PAYMENT_COSTS)},
    "… operator bears it: a settlement": {
        (Code.OPERATOR_COSTS, Code.BANK),
        (Code.BANK, Code.PAYMENT_COSTS),
    },
    "match": {(Code.BUDGET, Code.POTS)},
    "gift from the neighbourhood's reserve": {(Code.RESERVES, Code.POTS)},
    "gift moved to another campaign": {(Code.POTS, Code.POTS)},
    "campaign fails: purse": {(Code.POTS, Code.PURSES)},
    "campaign fails: match": {(Code.POTS, Code.BUDGET)},
    "campaign fails: donor": {(Code.POTS, Code.REFUNDS), (Code.REFUNDS, Code.STRIPE_CLEARING)},
    "payout approved": {(Code.POTS, Code.PAYOUTS), (Code.UNACCOUNTED, Code.UNACCOUNTED_CONTRA)},
    "bank statement shows it leaving": {(Code.PAYOUTS, Code.BANK)},
    "bank rejects it before it left: reversal": {
        (Code.PAYOUTS, Code.POTS),
        (Code.UNACCOUNTED_CONTRA, Code.UNACCOUNTED),
    },
    "bank returns it afterwards: sent anew": {(Code.BANK, Code.PAYOUTS), (Code.PAYOUTS, Code.BANK)},
    "bank returns it afterwards: back to the pot": {
        (Code.BANK, Code.PAYOUTS),
        (Code.PAYOUTS, Code.POTS),
        (Code.UNACCOUNTED_CONTRA, Code.UNACCOUNTED),
    },
    "receipt approved": {(Code.UNACCOUNTED_CONTRA, Code.UNACCOUNTED)},
    "leftover comes back, split over its funds": {
        (Code.BANK, Code.TO_RETURN),
        (Code.BANK, Code.RESERVES),
        (Code.UNACCOUNTED_CONTRA, Code.UNACCOUNTED),
    },
    "programme closes": {(Code.BUDGET, Code.TO_RETURN)},
    "money goes back to the funder": {(Code.TO_RETURN, Code.PAYOUTS), (Code.PAYOUTS, Code.BANK)},
    "dispute opened, its fee": {
        (Code.DISPUTED, Code.STRIPE_CLEARING),
        (Code.PAYMENT_COSTS, Code.STRIPE_CLEARING),
    },
    "… won": {(Code.STRIPE_CLEARING, Code.DISPUTED)},
    "… lost with money in the pot": {(Code.POTS, Code.DISPUTED)},
    "… lost after payout: a settlement": {(Code.OPERATOR_COSTS, Code.BANK), (Code.BANK, Code.DISPUTED)},
    "Stripe pays out to the bank": {(Code.BANK, Code.STRIPE_CLEARING)},
    "Stripe takes back from the bank": {(Code.STRIPE_CLEARING, Code.BANK)},
    "bank charges": {(Code.OPERATOR_COSTS, Code.BANK)},
    "operator puts in its own money": {(Code.BANK, Code.OPERATOR_MEANS)},
}

# Line of the table -> names of the stories that tell it, as they were imported.
TOLD: dict[str, list[str]] = {}


def tells(*lines: str, red: tuple[str, ...] = ()) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Marks a story of these lines. When it is told, all that they book is in the books, and every check of the books is green.

    `red`: the checks that are not, and must be so, where the site itself cannot do it yet: no row of ours stands for it.
    """

    def told(story: Callable[P, None]) -> Callable[P, None]:
        for line in lines:
            TOLD.setdefault(line, []).append(story.__name__)

        @wraps(story)
        def tell(*args: P.args, **kwargs: P.kwargs) -> None:
            story(*args, **kwargs)
            assert wanted(lines) <= pairs()
            assert set(wrong()) == set(red)

        return tell

    return told


def wanted(lines: tuple[str, ...]) -> set[Pair]:
    return set().union(*(TABLE[line] for line in lines))


def pairs() -> set[Pair]:
    """Debit and credit of every transfer there is."""
    return {
        (Code(debit), Code(credit))
        for debit, credit in Transfer.objects.values_list("debit__kind_id", "credit__kind_id").distinct()
    }
