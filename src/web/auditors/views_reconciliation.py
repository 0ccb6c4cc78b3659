"""The books beside the bank and Stripe, with each difference explained: the page, and the same as a file."""

import csv
import io
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from books.bank_differences import BankExplained, bank_explained
from books.differences import Explained, Line, Shown, seen_by
from books.stripe_differences import StripeExplained
from ledger.exports.journal import guarded
from ledger.exports.notation import decimal
from people.models import AccessLog, Role
from web.access import looked, member, role_required
from web.auditors.at_stripe import at_stripe, not_known
from web.auditors.differences import Row, rows

ROWS_AT_ONCE = 25
MOST_TYPED = 120


@dataclass(frozen=True)
class Part:
    """One of the two, as this auditor may see it. `beside`: what is no difference and is good to know."""

    found: Explained
    shown: Shown
    beside: Shown
    page: Page[Row]
    beside_page: Page[Row]
    own_cents: int

    @property
    def others_cents(self) -> int:
        return self.found.all_ledger_cents - self.own_cents


def _organisation_id(request: HttpRequest) -> int | None:
    """Whose lines may be seen; None for an auditor of the operator, who sees all."""
    here = member(request).organisation
    return None if here.is_operator else here.pk


def _text(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\0", "").strip()[:MOST_TYPED]


def _part(request: HttpRequest, name: str, found: Explained, beside: tuple[Line, ...]) -> Part:
    """`name`: of this part in the address (`?bank-page=2`)."""
    organisation_id = _organisation_id(request)
    shown, also = seen_by(found.lines, organisation_id), seen_by(beside, organisation_id)
    text = _text(request)
    return Part(
        found=found,
        shown=shown,
        beside=also,
        page=_page(request, f"{name}-page", rows(shown.lines, text)),
        beside_page=_page(request, f"{name}-beside-page", rows(also.lines, text)),
        own_cents=(
            found.all_ledger_cents if organisation_id is None else found.ledger_cents.get(organisation_id, 0)
        ),
    )


def _page(request: HttpRequest, name: str, found: list[Row]) -> Page[Row]:
    return Paginator(found, ROWS_AT_ONCE).get_page(request.GET.get(name))


@role_required(Role.AUDITOR)
@require_safe
def reconciliation(request: HttpRequest) -> HttpResponse:
    """Both parts, each with its difference at the end; `?q=` looks in the lines of both."""
    bank, stripe = bank_explained(), at_stripe(timezone.now())
    looked(request, AccessLog.What.RECONCILIATION)
    return render(
        request,
        "web/auditors/differences.html",
        {
            "at": "reconciliation",
            "bank": _part(request, "bank", bank, bank.other_days),
            "stripe": _part(request, "stripe", stripe, stripe.on_its_way),
            "not_known": not_known(stripe),
            "whole": _organisation_id(request) is None,
            "q": _text(request),
        },
    )


@role_required(Role.AUDITOR)
@require_safe
def as_csv(request: HttpRequest) -> HttpResponse:
    """Both parts, as a spreadsheet opens it in the Netherlands: the sums, then the lines that explain the difference."""
    now = timezone.now()
    bank, stripe = bank_explained(), at_stripe(now)
    looked(request, AccessLog.What.RECONCILIATION_FILE)
    # The mark at the start tells spreadsheets that this is UTF-8.
    content = "\ufeff" + _written(bank, stripe, _organisation_id(request))
    answer = HttpResponse(content, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="afstemming-{timezone.localdate(now)}.csv"'
    return answer


def _written(bank: BankExplained, stripe: StripeExplained, organisation_id: int | None) -> str:
    out = io.StringIO()
    written = csv.writer(out, delimiter=";")
    written.writerow(
        [
            *(_("Part"), _("What"), _("Date"), _("Entry"), _("Kind"), _("Bank"), _("Number at Stripe")),
            *(_("In the books"), _("There"), _("Difference")),
        ]
    )
    parts: list[tuple[str, Explained, tuple[Line, ...]]] = [
        (_("Bank"), bank, bank.other_days),
        ("Stripe", stripe, stripe.on_its_way),
    ]
    for name, found, beside in parts:
        written.writerow(
            [name, _("Balance"), *[""] * 5, _cents(found.all_ledger_cents), _cents(found.stated_cents), ""]
        )
        for lines in (beside, found.lines):
            shown = seen_by(lines, organisation_id)
            written.writerows(_cells(name, row) for row in rows(shown.lines))
            if shown.others:
                written.writerow([name, others_words(shown), *[""] * 7, _cents(shown.others_cents)])
        written.writerow([name, _("Difference"), *[""] * 7, _cents(found.difference_cents)])
    return out.getvalue()


def others_words(shown: Shown) -> str:
    """How many lines of others there are."""
    words = ngettext(
        "%(count)s line of other organisations", "%(count)s lines of other organisations", shown.others
    )
    return words % {"count": shown.others}


def _cents(cents: int | None) -> str:
    return "" if cents is None else decimal(cents, point=",")


def _cells(name: str, row: Row) -> list[object]:
    line = row.line
    return [
        *(name, row.words, line.on or "", line.entry_id or ""),
        *map(guarded, (row.kind, row.bank_words, line.stripe_id)),
        *(_cents(line.booked_cents), _cents(line.stated_cents), _cents(line.cents)),
    ]
