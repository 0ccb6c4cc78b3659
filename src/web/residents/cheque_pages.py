"""What the pages of a cheque show: the cheque, the gifts done with it, the campaigns near, the way of its money."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, QuerySet, Value, When
from django.utils.translation import gettext as _

from campaigns.models import Campaign, Pledge, State
from campaigns.queries import near
from cheques.models import Cheque, Purse
from cheques.runs import last_day
from ledger import heads
from payments.queries import arrived_by_fund
from places.models import Neighbourhood
from web.look.cards import ChainStep, ChequeCard
from web.look.formats import euro
from web.public.pots import BADGES
from web.public.stories import shown_of_receipts


def place(cheque: Cheque) -> Neighbourhood | None:
    return cheque.dwelling.neighbourhood if cheque.dwelling is not None else None


def valid_until(cheque: Cheque) -> date:
    """The last day on which its money can be given."""
    return last_day(cheque.run.valid_until)


def card(cheque: Cheque, amount_cents: int) -> ChequeCard:
    here = place(cheque)
    return ChequeCard(
        amount_cents=amount_cents,
        round_name=cheque.run.name,
        valid_until=valid_until(cheque),
        given_by=cheque.run.rules.programme.organisation.name,
        meant_for=here.name if here is not None else _("your neighbourhood"),
        activate_until=last_day(cheque.run.activate_before) if cheque.purse is None else None,
    )


def accounts(cheque: Cheque) -> list[int]:
    """Ids of its own accounts in the books: of the cheque, and of the purse once there is one."""
    return [cheque.account_id] if cheque.purse is None else [cheque.account_id, cheque.purse.account_id]


def has_proof(cheque: Cheque) -> bool:
    """Whether all that was booked on it is sealed."""
    return heads.is_sealed(accounts(cheque))


def campaigns_near(cheque: Cheque, now: datetime) -> QuerySet[Campaign]:
    """Campaigns that take gifts in the district of this cheque: those of its own neighbourhood first."""
    here = place(cheque)
    found = near(here, host=cheque.run.rules.programme.organisation, now=now)
    if here is None:
        return found
    return found.order_by(Case(When(neighbourhood=here, then=Value(0)), default=Value(1)), "deadline", "pk")


@dataclass(frozen=True)
class GiftDone:
    """A gift with this letter. `badge`: how its campaign stands."""

    pledge: Pledge
    badge: str

    @property
    def is_back(self) -> bool:
        return self.pledge.state == Pledge.State.RETURNED


def gifts_done(purse: Purse) -> list[GiftDone]:
    """Newest first."""
    pledges = (
        Pledge.objects.filter(source_id=purse.account_id)
        .select_related("campaign")
        .order_by("-given_at", "-pk")
    )
    return [GiftDone(pledge, BADGES[State(pledge.campaign.state)]) for pledge in pledges]


def chain(cheque: Cheque, gifts: Sequence[GiftDone], left_cents: int) -> tuple[ChainStep, ...]:
    """Where the money of this cheque came from, and where it goes."""
    programme = cheque.run.rules.programme
    host = programme.organisation.name
    value = euro(cheque.value_cents)
    given_cents = sum(gift.pledge.amount_cents for gift in gifts if not gift.is_back)
    words = {
        "host": host,
        "programme": programme.name,
        "received": euro(arrived_by_fund([programme.fund_id]).get(programme.fund_id, 0)),
        "value": value,
    }
    steps = [
        ChainStep(
            "house",
            _("%(host)s pays") % words,
            _("%(host)s gave %(received)s for %(programme)s. Your %(value)s comes from there.") % words,
        ),
        ChainStep(
            "cheque",
            _("You got a cheque of %(value)s") % words,
            _("The letter is yours. You need no account."),
        ),
    ]
    if given_cents:
        steps.append(_step_given(given_cents, left_cents))
    else:
        steps.append(
            ChainStep("pot", _("Soon in the pot of a campaign"), _("You choose which one."), done=False)
        )
    spent = any(gift.pledge.campaign.state == State.DONE for gift in gifts if not gift.is_back)
    if spent:
        steps.append(ChainStep("receipt", _("There are receipts"), _("Look at the page of the campaign.")))
    else:
        steps.append(_step_receipts())
    return tuple(steps)


def _step_receipts() -> ChainStep:
    return ChainStep(
        "receipt-empty", _("After that you see what was bought"), shown_of_receipts(), done=False
    )


def _step_given(given_cents: int, left_cents: int) -> ChainStep:
    title = _("You gave %(given)s") % {"given": euro(given_cents)}
    if left_cents:
        return ChainStep("pot", title, _("You still have %(left)s.") % {"left": euro(left_cents)})
    return ChainStep("pot", title, _("That was all of it."))


def chain_of_gift(pledge: Pledge) -> tuple[ChainStep, ...]:
    """What happens next with a gift that was just made."""
    campaign = pledge.campaign
    words = {
        "amount": euro(pledge.amount_cents),
        "campaign": campaign.title,
        "target": euro(campaign.target_cents),
    }
    steps = [ChainStep("cheque", _("You gave %(given)s") % {"given": words["amount"]})]
    added = list(pledge.matched_by.all())
    for match in added:
        text = _("%(sponsor)s added %(amount)s") % {"sponsor": match.name, "amount": euro(match.amount_cents)}
        steps.append(ChainStep("purse", text))
    steps.append(ChainStep("pot", _("It is in the pot of %(campaign)s now") % words))
    if campaign.state == State.COLLECTING:
        steps.append(
            ChainStep(
                "to-come",
                _("At %(target)s the pot is paid out") % words,
                _("If the target is not reached, the money comes back to your cheque."),
                done=False,
            )
        )
    else:
        steps.append(
            ChainStep(
                "to-come",
                _("The target is reached: the pot will be paid out"),
                _("Two people check that."),
                done=False,
            )
        )
    steps.append(_step_receipts())
    return tuple(steps)
