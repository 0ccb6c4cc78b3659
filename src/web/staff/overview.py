"""What the first page of staff shows: where the budget is, how far the newest run came, what waits for a second person."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, overload

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns import queries as campaigns
from campaigns.models import Campaign, Receipt, State
from cheques.models import Cheque, ChequeRun
from ledger import queries as books
from ledger.chart import Code, FundKind
from payments.models import PayeeAccount, Payout
from payments.queries import arrived_by_fund
from people.models import Organisation, User
from programmes.models import Programme
from web.look.formats import euro, whole
from web.look.stages import RowBar, RowPart, Stage, StageBar
from web.templatetags.staff import moment


@dataclass(frozen=True)
class Budget:
    """A programme's money now. The stages and what goes back to the funder sum to what was received."""

    received_cents: int
    bar: StageBar
    to_return_cents: int
    waiting_cents: int  # of runs that wait for a second person

    @property
    def free_cents(self) -> int:
        return self.bar.stages[0].cents

    @property
    def after_waiting_cents(self) -> int:
        return self.free_cents - self.waiting_cents


def budget_of(programme: Programme) -> Budget:
    totals = books.totals_by_code(fund_id=programme.fund_id)
    received = arrived_by_fund([programme.fund_id]).get(programme.fund_id, 0)
    kept = [totals.get(code, 0) for code in (Code.BUDGET, Code.CHEQUES, Code.PURSES, Code.POTS, Code.PAYOUTS)]
    to_return = totals.get(Code.TO_RETURN, 0)
    # Whatever is no longer anywhere has left for an initiator or a supplier.
    paid_out = max(received - sum(kept) - to_return, 0)
    words = (
        _("Not yet issued"),
        _("With residents, not active"),
        _("Saved by residents"),
        _("In pots of campaigns"),
        _("Payout on its way"),
        _("Paid out"),
    )
    stages = (
        Stage(at, word, cents)
        for at, (word, cents) in enumerate(zip(words, [*kept, paid_out], strict=True), 1)
    )
    waiting = ChequeRun.objects.filter(rules__programme=programme, state=ChequeRun.State.PREPARED).aggregate(
        cents=Sum(F("value_cents") * F("dwellings"), default=0)
    )
    return Budget(received, StageBar(tuple(stages)), to_return, waiting["cents"])


def _percent(part: int, whole: int) -> int:
    """Rounded to the nearest."""
    return (200 * part + whole) // (2 * whole)


@dataclass(frozen=True)
class FunnelRow:
    """What happened to the cheques of one neighbourhood, in cheques. `saved`: something is left in the purse."""

    name: str
    slug: str
    sent: int
    given: int
    saved: int
    longest: int

    @property
    def waiting(self) -> int:
        return self.sent - self.given - self.saved

    @property
    def active_percent(self) -> int:
        return _percent(self.given + self.saved, self.sent)

    @property
    def bar(self) -> RowBar:
        return RowBar(
            (
                RowPart(4, pgettext("cheques", "given"), self.given),
                RowPart(3, pgettext("cheques", "saved"), self.saved),
                RowPart(2, pgettext("cheques", "not active"), self.waiting),
            ),
            self.longest,
        )


@dataclass(frozen=True)
class Funnel:
    """The newest run that was issued, per neighbourhood; amounts to the cent from the purses."""

    run: ChequeRun
    rows: tuple[FunnelRow, ...]
    total: FunnelRow
    given_cents: int
    saved_cents: int
    is_over: bool  # no cheque of this run can become active any more

    @property
    def sent_cents(self) -> int:
        return self.total.sent * self.run.value_cents

    @property
    def waiting_cents(self) -> int:
        return self.sent_cents - self.given_cents - self.saved_cents


def issued_runs(programme: Programme) -> QuerySet[ChequeRun]:
    return ChequeRun.objects.filter(
        rules__programme=programme, state__in=[ChequeRun.State.ISSUED, ChequeRun.State.PRINTED]
    ).order_by("-approved_at", "-pk")


def funnel_of(run: ChequeRun, *, now: datetime) -> Funnel:
    """In one query, whatever the number of neighbourhoods."""
    active = Q(state=Cheque.State.ACTIVATED)
    found = list(
        run.cheques.values("dwelling__neighbourhood__name", "dwelling__neighbourhood__slug")
        .annotate(
            sent=Count("pk"),
            active=Count("pk", filter=active),
            saved=Count("pk", filter=active & Q(purse__account__balance_cents__gt=0)),
            saved_cents=Sum("purse__account__balance_cents", filter=active, default=0),
        )
        .order_by("dwelling__neighbourhood__name")
    )
    longest = max((row["sent"] for row in found), default=0)
    rows = tuple(
        FunnelRow(
            name=row["dwelling__neighbourhood__name"],
            slug=row["dwelling__neighbourhood__slug"],
            sent=row["sent"],
            given=row["active"] - row["saved"],
            saved=row["saved"],
            longest=longest,
        )
        for row in found
    )
    total = FunnelRow(
        name="",
        slug="",
        sent=sum(row.sent for row in rows),
        given=sum(row.given for row in rows),
        saved=sum(row.saved for row in rows),
        longest=longest,
    )
    saved_cents = sum(row["saved_cents"] for row in found)
    given_cents = sum(row["active"] for row in found) * run.value_cents - saved_cents
    return Funnel(run, rows, total, given_cents, saved_cents, run.activate_before <= now)


@dataclass(frozen=True)
class Earlier:
    """A run before the newest, in a word. Both in cheques."""

    name: str
    active: int
    sent: int

    @property
    def percent(self) -> int:
        return _percent(self.active, self.sent) if self.sent else 0


def earlier_runs(programme: Programme, newest: ChequeRun) -> list[Earlier]:
    runs = (
        issued_runs(programme)
        .exclude(pk=newest.pk)
        .annotate(active=Count("cheques", filter=Q(cheques__state=Cheque.State.ACTIVATED)))[:3]
    )
    return [Earlier(run.name, run.active, run.dwellings) for run in runs]


@dataclass(frozen=True)
class Task:
    """Something that waits for a second person. `barred`: why it must be somebody else than the one who looks."""

    title: str
    url: str
    barred: str
    amount_cents: int | None
    facts: tuple[tuple[str, str], ...]


class Tasks(Sequence[Task]):
    """Runs, payouts and bank accounts of the host, in this order. Only the part that is asked for is read."""

    def __init__(self, user: User, organisation: Organisation) -> None:
        self.user = user
        self.kinds: tuple[tuple[QuerySet[Any], Callable[[Any, User], Task]], ...] = (
            (prepared_runs(organisation), _run_task),
            (proposed_payouts(organisation), _payout_task),
            (accounts_to_approve(organisation), _account_task),
        )
        self.counts = [found.count() for found, _task in self.kinds]

    def __len__(self) -> int:
        return sum(self.counts)

    def __iter__(self) -> Iterator[Task]:
        return iter(self[:])

    @overload
    def __getitem__(self, wanted: int) -> Task: ...
    @overload
    def __getitem__(self, wanted: slice) -> list[Task]: ...
    def __getitem__(self, wanted: int | slice) -> Task | list[Task]:
        if isinstance(wanted, int):
            return self[wanted : wanted + 1][0]
        tasks: list[Task] = []
        start, stop, _step = wanted.indices(len(self))
        for (found, task), count in zip(self.kinds, self.counts, strict=True):
            tasks += [task(one, self.user) for one in found[max(start, 0) : max(stop, 0)]]
            start, stop = start - count, stop - count
        return tasks


def tasks_for(user: User, organisation: Organisation) -> Tasks:
    """All that waits for a second person, as this one sees it."""
    return Tasks(user, organisation)


def _made(thing: ChequeRun | Payout | PayeeAccount) -> tuple[str, str]:
    return _("Made by"), f"{thing.made_by}, {moment(thing.made_at)}"


def barred(thing: ChequeRun | Payout | PayeeAccount, user: User) -> str:
    """Why this person may not be the second one; empty for who may."""
    if thing.made_by_id == user.pk:
        return _("You made this yourself. Therefore a colleague must decide.")
    if isinstance(thing, Payout) and thing.campaign.initiator.user_id == user.pk:
        return _("This is a campaign of your own. Therefore a colleague must decide.")
    return ""


def _run_task(run: ChequeRun, user: User) -> Task:
    what = _("%(count)s cheques of %(value)s") % {
        "count": whole(run.dwellings),
        "value": euro(run.value_cents),
    }
    return Task(
        title=_("Run %(name)s") % {"name": run.name},
        url=reverse("staff_issue_run", args=[run.pk]),
        barred=barred(run, user),
        amount_cents=run.total_cents,
        facts=((_("What"), what), _made(run)),
    )


def _payout_task(payout: Payout, user: User) -> Task:
    return Task(
        title=_("Payout %(title)s") % {"title": payout.campaign.title},
        url=reverse("staff_approve_payout", args=[payout.pk]),
        barred=barred(payout, user),
        amount_cents=payout.amount_cents,
        facts=(*origins_of(payout), _made(payout)),
    )


def origins_of(payout: Payout) -> list[tuple[str, str]]:
    """What a payout takes from each kind of fund, in words. Its parts and their funds are known."""
    words = {
        FundKind.PROGRAMME: _("From cheques"),
        FundKind.DONATIONS: _("From donations"),
        FundKind.GRANT: _("From sponsors"),
    }
    cents: dict[str, int] = {}
    for part in payout.parts.all():
        word = words.get(FundKind(part.fund.kind), part.fund.name)
        cents[word] = cents.get(word, 0) + part.amount_cents
    return [(word, euro(amount)) for word, amount in cents.items()]


def _account_task(account: PayeeAccount, user: User) -> Task:
    return Task(
        title=_("Bank account of %(name)s") % {"name": account.initiator.name},
        url=reverse("staff_approve_account", args=[account.pk]),
        barred=barred(account, user),
        amount_cents=None,
        facts=((_("Ends in"), account.iban[-4:]), _made(account)),
    )


def prepared_runs(organisation: Organisation) -> QuerySet[ChequeRun]:
    return (
        ChequeRun.objects.filter(rules__programme__organisation=organisation, state=ChequeRun.State.PREPARED)
        .select_related("made_by", "rules__programme")
        .order_by("made_at", "pk")
    )


def payouts_of(organisation: Organisation) -> QuerySet[Payout]:
    return (
        Payout.objects.filter(campaign__rules__programme__organisation=organisation)
        .select_related("campaign__initiator", "made_by", "approved_by")
        .prefetch_related("parts__fund")
    )


def proposed_payouts(organisation: Organisation) -> QuerySet[Payout]:
    return payouts_of(organisation).filter(state=Payout.State.PROPOSED).order_by("made_at", "pk")


def accounts_of(organisation: Organisation) -> QuerySet[PayeeAccount]:
    """The accounts that initiators gave whom this host will perhaps pay: a draft or a refused plan shows it to nobody."""
    theirs = Campaign.objects.filter(
        rules__programme__organisation=organisation,
        state__in=(State.SUBMITTED, State.COLLECTING, State.REACHED, State.PAID),
    ).values("initiator_id")
    return PayeeAccount.objects.filter(initiator_id__in=theirs).select_related("initiator", "made_by")


def accounts_to_approve(organisation: Organisation) -> QuerySet[PayeeAccount]:
    """Of each initiator the newest one, where nobody has approved it: an older one no longer counts."""
    newest = PayeeAccount.objects.filter(initiator_id=OuterRef("initiator_id")).order_by("-made_at", "-pk")
    return (
        accounts_of(organisation)
        .filter(approved_by__isnull=True, pk=Subquery(newest.values("pk")[:1]))
        .order_by("made_at", "pk")
    )


def receipts_of(organisation: Organisation) -> QuerySet[Receipt]:
    return Receipt.objects.filter(campaign__rules__programme__organisation=organisation).select_related(
        "campaign__initiator", "submitted_by", "file"
    )


@dataclass(frozen=True)
class Counts:
    """What one person can decide alone."""

    campaigns: int
    receipts: int


def counts_for(organisation: Organisation) -> Counts:
    return Counts(
        campaigns=campaigns.to_review(organisation).count(),
        receipts=receipts_of(organisation)
        .filter(state=Receipt.State.SUBMITTED, campaign__state__in=(State.PAID, State.DONE))
        .count(),
    )


def chosen(programmes: Sequence[Programme], wanted: str) -> Programme | None:
    """The programme with this number, else the first."""
    return next((one for one in programmes if str(one.pk) == wanted), programmes[0] if programmes else None)
