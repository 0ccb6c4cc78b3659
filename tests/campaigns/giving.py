"""Gifts as the tests make them: straight from an account, and a sponsor beside them."""

from datetime import date

from campaigns import pledges
from campaigns.models import Campaign
from cheques import operations as cheques
from cheques.models import ChequeRun, Purse
from people.models import Organisation, OrganisationKind
from programmes import operations as programmes
from programmes.models import Grant
from tests import cast
from tests.cast import NOW


def purses(run: ChequeRun, count: int) -> list[Purse]:
    """The first so many cheques of a run, activated."""
    ids = run.cheques.order_by("pk").values_list("pk", flat=True)[:count]
    return cheques.activate_all(cheque_ids=list(ids), now=NOW)


def gift(purse: Purse, campaign: Campaign, amount_cents: int, *, key: str = "first") -> pledges.Gift:
    return pledges.Gift(
        campaign_id=campaign.pk,
        key=f"gift:{purse.pk}:{key}",
        kind="gift",
        source_account_id=purse.account_id,
        fund_id=purse.fund_id,
        amount_cents=amount_cents,
    )


def grant(
    here: cast.World,
    *,
    amount_cents: int,
    percent: int = 50,
    per_campaign_cents: int = 100_000,
    received: bool = True,
    matches_cheques: bool = True,
) -> Grant:
    """The municipality adds to gifts of this autumn; its money is there unless `received` is False."""
    municipality, _ = Organisation.objects.get_or_create(
        slug="oeverdam", defaults={"kind": OrganisationKind.MUNICIPALITY, "name": "Gemeente Oeverdam"}
    )
    made = programmes.make_grant(
        organisation=municipality,
        host=here.klinker,
        name="Samen voor groen",
        amount_cents=amount_cents,
        match_percent=percent,
        per_campaign_cents=per_campaign_cents,
        matches_cheques=matches_cheques,
        starts_on=date(2026, 9, 1),
        ends_on=date(2026, 12, 31),
        made_by=None,
        now=NOW,
    )
    if received:
        cast.receive(amount_cents, reference=made.fund.funding_requests.get().reference)
    return made
