"""The chart of accounts: which kinds of account there are and how each behaves.

The database holds the same list in `ledger_kind` (its functions read it there); a test compares the two.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class FundKind(TextChoices):
    PROGRAMME = "programme", _("Programme")
    GRANT = "grant", _("Grant")
    DONATIONS = "donations", _("Donations")
    OPERATOR = "operator", _("Operator's own means")
    SUSPENSE = "suspense", _("Suspense")


class Side(StrEnum):
    DEBIT = "debit"
    CREDIT = "credit"


class Code(IntEnum):
    BANK = 1000
    STRIPE_CLEARING = 1100
    DISPUTED = 1200
    BUDGET = 2000
    CHEQUES = 2100
    PURSES = 2200
    POTS = 2300
    PAYOUTS = 2500
    REFUNDS = 2600
    TO_RETURN = 2700
    RESERVES = 2800
    UNIDENTIFIED = 2900
    OPERATOR_MEANS = 3000
    PAYMENT_COSTS = 4000
    OPERATOR_COSTS = 4900
    UNACCOUNTED = 9500
    UNACCOUNTED_CONTRA = 9510


@dataclass(frozen=True)
class Kind:
    """`guarded`: never below zero. `pooled`: increases are only appended, the balance is a checkpoint and what came since.

    `rgs` is the reference code of the Dutch national chart (RGS MKB 3.7). The audit file allows one account for each
    code, so an account whose only fitting code is taken has none; memorandum accounts have none either.
    """

    code: Code
    name: Promise | str
    side: Side
    guarded: bool
    pooled: bool
    rgs: str | None


CHART = {
    kind.code: kind
    for kind in (
        Kind(Code.BANK, _("Bank"), Side.DEBIT, False, True, "BLimBanRba"),
        Kind(Code.STRIPE_CLEARING, _("Stripe clearing"), Side.DEBIT, False, True, "BVorTusTon"),
        Kind(Code.DISPUTED, _("Disputed donations"), Side.DEBIT, False, False, None),
        Kind(Code.BUDGET, _("Budget not yet issued"), Side.CREDIT, True, False, "BSchOpaNbi"),
        Kind(Code.CHEQUES, _("Cheques outstanding"), Side.CREDIT, True, False, "BSchOvsVou"),
        Kind(Code.PURSES, _("Purses of residents"), Side.CREDIT, True, False, None),
        Kind(Code.POTS, _("Pots of campaigns"), Side.CREDIT, True, True, "BSchOvsGif"),
        Kind(Code.PAYOUTS, _("Payouts on their way"), Side.CREDIT, True, False, "BSchTusTbt"),
        Kind(Code.REFUNDS, _("Refunds on their way"), Side.CREDIT, True, False, None),
        Kind(Code.TO_RETURN, _("To return to the funder"), Side.CREDIT, True, False, "BSchOvsSuv"),
        Kind(Code.RESERVES, _("Neighbourhood reserves"), Side.CREDIT, True, True, "BEivBefBef"),
        Kind(Code.UNIDENTIFIED, _("Unidentified receipts"), Side.CREDIT, True, False, "BSchTusTov"),
        Kind(Code.OPERATOR_MEANS, _("Operator's own means"), Side.CREDIT, False, False, "BEivSevSti"),
        Kind(Code.PAYMENT_COSTS, _("Payment costs to be borne"), Side.DEBIT, False, True, "WBedAdlBan"),
        Kind(Code.OPERATOR_COSTS, _("Costs and losses borne by the operator"), Side.DEBIT, False, True, None),
        Kind(Code.UNACCOUNTED, _("Paid out, not yet accounted for"), Side.DEBIT, True, False, None),
        Kind(
            Code.UNACCOUNTED_CONTRA,
            _("Paid out, not yet accounted for (contra)"),
            Side.CREDIT,
            True,
            False,
            None,
        ),
    )
}
