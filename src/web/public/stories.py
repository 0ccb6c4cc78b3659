"""What a campaign's page tells about its money: the way of the euro, the receipts, the last gifts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import Campaign, Pledge, Receipt, State
from cheques.runs import last_day
from payments.models import Payout
from web.look.cards import ChainStep, ReceiptCard, ReceiptGroup, ReceiptLine
from web.look.formats import clock_time, euro, long_date, whole
from web.look.origins import Origin
from web.public.whereabouts import ORIGINS, Position


@dataclass(frozen=True)
class Money:
    """Where a campaign's money is, over all funds. In cents; the five sum to what was given."""

    positions: Sequence[Position]

    @property
    def given_cents(self) -> int:
        return sum(one.given_cents for one in self.positions)

    @property
    def pot_cents(self) -> int:
        return sum(one.pot_cents for one in self.positions)

    @property
    def waiting_cents(self) -> int:
        return sum(one.waiting_cents for one in self.positions)

    @property
    def spent_cents(self) -> int:
        return sum(one.spent_cents for one in self.positions)

    @property
    def returned_cents(self) -> int:
        return sum(one.returned_cents for one in self.positions)

    @property
    def costs_cents(self) -> int:
        return sum(one.costs_cents for one in self.positions)

    @property
    def paid_cents(self) -> int:
        """What left the pot for the initiator, without the costs."""
        return self.waiting_cents + self.spent_cents + self.returned_cents


def chain(campaign: Campaign, money: Money, payout: Payout | None) -> tuple[ChainStep, ...]:
    """The way of this campaign's money, from the gifts to the receipts."""
    if campaign.state == State.FAILED:
        return _chain_failed(campaign)
    return (
        _step_given(campaign),
        _step_pot(campaign, money),
        _step_paid(campaign, money, payout),
        *_steps_receipts(money),
    )


def _step_given(campaign: Campaign) -> ChainStep:
    times = campaign.times_given
    if not times:
        return ChainStep("cheque", _("Nobody gave yet"), _("You can be the first."), done=False)
    title = ngettext("Given %(count)s time", "Given %(count)s times", times) % {"count": whole(times)}
    return ChainStep("cheque", title, _("With neighbourhood cheques and with own money."))


def _step_pot(campaign: Campaign, money: Money) -> ChainStep:
    if money.pot_cents:
        text = _("The money is in the account of %(operator)s. %(initiator)s cannot take it out.")
        words = {"operator": settings.OPERATOR_NAME, "initiator": campaign.initiator.name}
        return ChainStep("pot", _("%(amount)s in the pot") % {"amount": euro(money.pot_cents)}, text % words)
    if money.given_cents:
        title = _("%(amount)s was in the pot") % {"amount": euro(money.given_cents)}
        return ChainStep("pot", title, _("The pot is empty now: all of it was paid out."))
    return ChainStep("pot-empty", _("The pot is still empty"), done=False)


def _step_paid(campaign: Campaign, money: Money, payout: Payout | None) -> ChainStep:
    host = campaign.host.name
    if payout is None or not money.paid_cents:
        text = _("That happens when %(target)s is in and two people of %(host)s agree.")
        if campaign.state == State.REACHED:
            text = _("That happens when two people of %(host)s agree.")
        words = {"target": euro(campaign.target_cents), "host": host}
        return ChainStep("to-come", _("Nothing paid out yet"), text % words, done=False)
    costs = ""
    if money.costs_cents:
        costs = " " + _("%(costs)s went to the costs of online payments.") % {
            "costs": euro(money.costs_cents)
        }
    if payout.confirmed_on is None:
        text = _("Two people of %(host)s agreed. The bank is handling it.") % {"host": host}
        title = _("%(amount)s is on its way to %(initiator)s")
    else:
        text = _("On %(day)s, after two people of %(host)s agreed.") % {
            "day": long_date(payout.confirmed_on),
            "host": host,
        }
        title = _("%(amount)s paid out to %(initiator)s")
    words = {"amount": euro(money.paid_cents), "initiator": campaign.initiator.name}
    return ChainStep("bank-building", title % words, text + costs)


def _steps_receipts(money: Money) -> list[ChainStep]:
    steps = []
    if money.spent_cents:
        title = _("%(amount)s spent, with a receipt") % {"amount": euro(money.spent_cents)}
        steps.append(ChainStep("receipt", title, shown_of_receipts()))
    if money.returned_cents:
        title = _("%(amount)s was left over and went back") % {"amount": euro(money.returned_cents)}
        steps.append(ChainStep("purse", title, _("To the funders and the fund of the neighbourhood.")))
    if money.waiting_cents:
        title = _("Receipts for %(amount)s are still to come") % {"amount": euro(money.waiting_cents)}
        steps.append(ChainStep("receipt-empty", title, shown_of_receipts(), done=False))
    if not steps:
        steps.append(ChainStep("receipt-empty", _("No receipts yet"), shown_of_receipts(), done=False))
    return steps


def shown_of_receipts() -> str:
    """What everybody gets to see: what else stands on a receipt may be somebody's own."""
    return _("Of each receipt you see the shop, the date and the amount.")


def _chain_failed(campaign: Campaign) -> tuple[ChainStep, ...]:
    waiting = campaign.pledges.filter(state=Pledge.State.RELEASED).exists()
    return (
        ChainStep(
            "pot-empty",
            _("The target was not reached"),
            _("%(target)s was needed, until %(day)s.")
            % {"target": euro(campaign.target_cents), "day": long_date(last_day(campaign.deadline))},
        ),
        ChainStep(
            "purse",
            _("Everybody gets the money back"),
            _(
                "Cheques are with the residents again. Who paid with own money gets it back in the bank account."
            ),
            done=not waiting,
        ),
    )


def receipt_card(campaign: Campaign, money: Money, receipts: Sequence[Receipt]) -> ReceiptCard:
    """Where the money went, adding up to what was in the pot."""
    groups = [_group_spent(campaign, money, receipts), _group_returned(campaign, money)]
    if money.waiting_cents:
        line = ReceiptLine(
            _("With %(initiator)s") % {"initiator": campaign.initiator.name}, money.waiting_cents
        )
        groups.append(
            ReceiptGroup(_("Paid out, receipt to follow"), (line,), _("Receipt to follow, together"))
        )
    if money.costs_cents:
        line = ReceiptLine(_("Payment provider"), money.costs_cents, origin=Origin.GIFT)
        groups.append(ReceiptGroup(_("Costs of payments"), (line,), _("Costs together")))
    return ReceiptCard(
        title=_("Where the money went"),
        groups=tuple(group for group in groups if group.lines),
        closing=_("Exactly what was in the pot."),
    )


def _group_spent(campaign: Campaign, money: Money, receipts: Sequence[Receipt]) -> ReceiptGroup:
    lines = [
        ReceiptLine(
            f"{receipt.supplier}: {receipt.description}",
            receipt.amount_cents,
            note=_("Receipt of %(day)s") % {"day": long_date(receipt.bought_on)},
        )
        for receipt in receipts
    ]
    over = sum(receipt.amount_cents for receipt in receipts) - money.spent_cents
    if over > 0:
        lines.append(ReceiptLine(_("Paid by %(initiator)s") % {"initiator": campaign.initiator.name}, -over))
    return ReceiptGroup(_("Paid to"), tuple(lines), _("Spent with a receipt"))


def _group_returned(campaign: Campaign, money: Money) -> ReceiptGroup:
    lines = [
        ReceiptLine(_returned_to(campaign, one), one.returned_cents, origin=one.origin)
        for one in sorted(money.positions, key=lambda one: list(Origin).index(one.origin))
        if one.returned_cents
    ]
    return ReceiptGroup(_("Left over, given back to"), tuple(lines), _("Given back together"))


def _returned_to(campaign: Campaign, position: Position) -> str:
    if position.origin is Origin.GIFT:
        return _("Fund of %(neighbourhood)s") % {"neighbourhood": campaign.neighbourhood.name}
    return position.owner


@dataclass(frozen=True)
class FeedLine:
    """A gift as everybody may see it."""

    text: str
    when: str
    origin: Origin
    cents: int


def feed(pledges: Sequence[Pledge], now: datetime) -> list[FeedLine]:
    return [
        FeedLine(
            _who(pledge),
            when(pledge.given_at, now),
            ORIGINS.get(pledge.fund.kind, Origin.FUND),
            pledge.amount_cents,
        )
        for pledge in pledges
    ]


def _who(pledge: Pledge) -> str:
    if pledge.grant_id is not None:
        return _("%(sponsor)s added to it") % {"sponsor": pledge.name}
    if pledge.fund.kind == "programme":
        return _("A neighbour gave with a neighbourhood cheque")
    if pledge.name:
        return _("Gift from %(name)s") % {"name": pledge.name}
    return _("Somebody gave money")


def when(moment: datetime, now: datetime) -> str:
    """Today with the time, yesterday, or the day."""
    day, today = timezone.localdate(moment), timezone.localdate(now)
    if day == today:
        return _("today, %(time)s") % {"time": clock_time(moment)}
    if day == today - timedelta(days=1):
        return _("yesterday")
    return long_date(moment)
