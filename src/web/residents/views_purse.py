"""Choosing what to do with an active cheque: give all or a part, save the rest, begin something."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.models import Campaign, Pledge, State
from campaigns.pledges import TakesNoGifts
from campaigns.queries import parts
from cheques import operations
from cheques.models import Cheque, Purse
from ledger import queries as books
from people.models import Organisation
from web.look.formats import euro
from web.public import matches, pots
from web.residents import cheque_pages, sessions, words
from web.residents.forms import GiveForm, too_much, typed

NEAR_SHOWN = 3
CHOICES_ON_A_PAGE = 12


def _stopped(cheque: Cheque, purse: Purse) -> words.Words | None:
    """What stands in the way of giving from this purse now."""
    host = cheque.run.rules.programme.organisation
    if cheque.frozen:
        return words.of_cheque(operations.Frozen(cheque), host=host)
    if timezone.now() >= purse.valid_until:
        return words.of_cheque(operations.PurseExpired(purse), host=host)
    return None


@require_safe
@sessions.with_cheque
def purse(request: HttpRequest, cheque: Cheque) -> HttpResponseBase:
    """What is left, what was done with it, and what to choose from."""
    if cheque.purse is None:
        return redirect("cheque")
    left_cents = books.balance(cheque.purse.account_id)
    gifts = cheque_pages.gifts_done(cheque.purse)
    shown = {
        "cheque": cheque,
        "left_cents": left_cents,
        "gifts": gifts,
        "chain": cheque_pages.chain(cheque, gifts, left_cents),
        "valid_until": cheque_pages.valid_until(cheque),
        "just_activated": request.session.pop(sessions.JUST_ACTIVATED, False),
        "stopped": _stopped(cheque, cheque.purse),
        "place": cheque_pages.place(cheque),
        "has_proof": cheque_pages.has_proof(cheque),
    }
    if left_cents and not shown["stopped"]:
        near = cheque_pages.campaigns_near(cheque, timezone.now())
        found = list(near[: NEAR_SHOWN + 1])
        shown |= {
            "card": cheque_pages.card(cheque, left_cents),
            "choices": [_choice(card, left_cents) for card in pots.cards(found[:NEAR_SHOWN])],
            "more": near.count() if len(found) > NEAR_SHOWN else 0,
        }
    return render(request, "web/residents/purse.html", shown)


def _choice(card: pots.Card, left_cents: int) -> dict[str, object]:
    gift_cents = min(left_cents, card.campaign.room_cents)
    form = GiveForm(left_cents=left_cents, initial={"amount": typed(gift_cents)}, auto_id=False)
    return {"card": card, "gift_cents": gift_cents, "form": form}


@require_safe
@sessions.with_cheque
def choose(request: HttpRequest, cheque: Cheque) -> HttpResponseBase:
    """All campaigns near that take gifts."""
    if cheque.purse is None:
        return redirect("cheque")
    left_cents = books.balance(cheque.purse.account_id)
    found = cheque_pages.campaigns_near(cheque, timezone.now())
    page = Paginator(found, CHOICES_ON_A_PAGE).get_page(request.GET.get("page"))
    shown = {
        "page": page,
        "choices": [_choice(card, left_cents) for card in pots.cards(list(page.object_list))],
        "left_cents": left_cents,
        "place": cheque_pages.place(cheque),
    }
    return render(request, "web/residents/choose.html", shown)


@require_safe
@sessions.with_cheque
def saved(request: HttpRequest, cheque: Cheque) -> HttpResponseBase:
    """Saving needs nothing but the letter; this page says so."""
    if cheque.purse is None:
        return redirect("cheque")
    shown = {
        "left_cents": books.balance(cheque.purse.account_id),
        "valid_until": cheque_pages.valid_until(cheque),
        "place": cheque_pages.place(cheque),
    }
    return render(request, "web/residents/saved.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@sessions.with_cheque
def give(request: HttpRequest, cheque: Cheque, slug: str) -> HttpResponseBase:
    """How much to give to one campaign. The same form sent twice gives once."""
    if cheque.purse is None:
        request.session[sessions.WANTED] = slug
        return redirect("cheque")
    found = Campaign.objects.public().select_related("initiator", "neighbourhood", "rules__programme")
    campaign = get_object_or_404(found, slug=slug)
    left_cents = books.balance(cheque.purse.account_id)
    if request.method == "POST":
        return _give(request, cheque, cheque.purse, campaign, left_cents)
    if _stopped(cheque, cheque.purse) or not left_cents:
        return redirect("purse")  # which says why
    host = cheque.run.rules.programme.organisation
    if campaign.rules.programme.organisation_id != host.pk:
        return _elsewhere(request, campaign, host)
    if not campaign.takes_gifts(timezone.now()):
        return _closed(request, campaign)
    form = GiveForm(left_cents=left_cents, initial={"amount": typed(min(left_cents, campaign.room_cents))})
    return _ask(request, cheque, campaign, form, 200)


def _ask(
    request: HttpRequest, cheque: Cheque, campaign: Campaign, form: GiveForm, status: int
) -> HttpResponse:
    gift_cents = min(form.left_cents, campaign.room_cents)
    offers = matches.offers(campaign=campaign, with_cheque=True, now=timezone.now())
    shown = {
        "cheque": cheque,
        "campaign": campaign,
        "form": form,
        "all_form": GiveForm(
            left_cents=form.left_cents, initial={"amount": typed(gift_cents)}, auto_id=False
        ),
        "left_cents": form.left_cents,
        "gift_cents": gift_cents,
        "keeps_cents": form.left_cents - gift_cents,
        "pot": pots.bar(campaign, parts(campaign)),
        "offers": offers,
        "just_activated": request.session.pop(sessions.JUST_ACTIVATED, False),
        "becomes_cents": gift_cents
        + matches.added_to(gift_cents, room_cents=campaign.room_cents, offers=offers),
    }
    return render(request, "web/residents/give.html", shown, status=status)


def _closed(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    text = _(
        "%(campaign)s does not need money any more.\nYour money is still here. You can choose another campaign."
    )
    messages.info(request, text % {"campaign": campaign.title})
    return redirect("purse")


def _elsewhere(request: HttpRequest, campaign: Campaign, host: Organisation) -> HttpResponse:
    text = _(
        "Choose another campaign. You cannot give this money to %(campaign)s.\n"
        "It is for campaigns in neighbourhoods of %(host)s."
    )
    messages.info(request, text % {"campaign": campaign.title, "host": host.name})
    return redirect("purse")


def _give(
    request: HttpRequest, cheque: Cheque, purse: Purse, campaign: Campaign, left_cents: int
) -> HttpResponse:
    form = GiveForm(request.POST, left_cents=left_cents)
    if not form.is_valid():
        return _ask(request, cheque, campaign, form, 422)
    asked_cents = form.cleaned_data["amount"]
    try:
        given = operations.give(
            purse_id=purse.pk,
            campaign_id=campaign.pk,
            amount_cents=asked_cents,
            key=f"{campaign.pk}:{asked_cents}:{form.cleaned_data['key'].hex}",
            now=timezone.now(),
        )
    except operations.PurseTooSmall as error:
        if not error.balance_cents:
            return redirect("purse")
        form.add_error("amount", too_much(error.balance_cents))
        return _ask(request, cheque, campaign, form, 422)
    except (operations.PurseExpired, operations.Frozen):
        return redirect("purse")  # which says why
    except operations.OtherHost:
        return _elsewhere(request, campaign, cheque.run.rules.programme.organisation)
    except TakesNoGifts:
        return _closed(request, campaign)
    request.session.pop(sessions.JUST_ACTIVATED, None)
    if given.pledge.amount_cents < asked_cents:
        text = _("You wanted to give %(asked)s. Only %(given)s was still needed.\nYou keep the rest.")
        words_ = {"asked": euro(asked_cents), "given": euro(given.pledge.amount_cents)}
        messages.info(request, text % words_)
    return redirect("given", given.pledge.pk)


@require_safe
@sessions.with_cheque
def given(request: HttpRequest, cheque: Cheque, pledge_id: int) -> HttpResponseBase:
    """Thanks, and what happens next."""
    if cheque.purse is None:
        return redirect("cheque")
    mine = Pledge.objects.filter(source_id=cheque.purse.account_id).select_related("campaign__neighbourhood")
    pledge = get_object_or_404(mine, pk=pledge_id)
    shown = {
        "pledge": pledge,
        "campaign": pledge.campaign,
        "chain": cheque_pages.chain_of_gift(pledge),
        "left_cents": books.balance(cheque.purse.account_id),
        "valid_until": cheque_pages.valid_until(cheque),
        "reached": pledge.campaign.state == State.REACHED,
    }
    return render(request, "web/residents/given.html", shown)
