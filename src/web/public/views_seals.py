"""Seals, for everybody: the heads, who signed them, and all that one needs to check the books without us."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ledger import heads, seals

if TYPE_CHECKING:
    from ledger.models import Seal

ROWS = 25
IN_FEED = 50
LINES_AT_ONCE = 1_000
LARGEST = 2**63 - 1
# What one needs to check the books, as it stands in the project.
FILES: dict[str, tuple[str, str]] = {
    "verify_books.py": ("verify_books.py", "text/x-python"),
    "witness_heads.py": ("witness_heads.py", "text/x-python"),
    "canonical-form.md": ("docs/canonical-form.md", "text/markdown"),
    "auditor.md": ("docs/auditor.md", "text/markdown"),
}


def seal_or_404(number: int) -> "Seal":
    """Without its leaves. Raises Http404."""
    found = heads.heads().filter(number=number).first() if number <= LARGEST else None
    if found is None:
        raise Http404
    return found


@require_safe
def seal_list(request: HttpRequest) -> HttpResponse:
    """The newest head, how to check it, and all seals: by number, or looked for (`?q=`)."""
    now = timezone.now()
    newest = heads.newest()
    q = request.GET.get("q", "").strip()[:100]
    # Numbers have no gaps, so nothing is counted.
    page = Paginator(range(newest.number if newest else 0, 0, -1), ROWS).get_page(request.GET.get("page"))
    shown = heads.sought(q) if q else list(heads.heads().filter(number__in=list(page.object_list)))
    backlog = heads.backlog()
    return render(
        request,
        "web/public/seals.html",
        {
            "newest": newest,
            "signatures": heads.signatures(newest.number) if newest else [],
            "backlog": backlog,
            "is_late": backlog.is_late(now),
            "operator_keys": heads.operator_keys(),
            "witnesses": list(heads.witnesses()),
            "q": q,
            "page": page,
            "seals": shown,
        },
    )


@require_safe
def seal_detail(request: HttpRequest, number: int) -> HttpResponse:
    found = seal_or_404(number)
    return render(
        request,
        "web/public/seal.html",
        {
            "seal": found,
            "line": seals.line_of(found.number),
            "signatures": heads.signatures(found.number),
            "next": heads.heads().filter(number=found.number + 1).exists(),
        },
    )


@require_safe
def seal_json(request: HttpRequest, number: int) -> JsonResponse:
    return _json(seal_or_404(number))


@require_safe
def newest_json(request: HttpRequest) -> JsonResponse:
    """Not found while nothing is sealed."""
    found = heads.newest()
    if found is None:
        raise Http404
    return _json(found)


def _json(found: "Seal") -> JsonResponse:
    return JsonResponse(
        {
            "seal": found.number,
            "line": seals.line_of(found.number),
            "head": bytes(found.head).hex(),
            "signatures": [
                {
                    "by": bytes(one.key.public).hex(),
                    "holder": one.key.holder,
                    "witness": one.key.witness,
                    "signature": bytes(one.signature).hex(),
                    "signed_at": one.signed_at.isoformat(),
                }
                for one in heads.signatures(found.number)
            ],
        },
        json_dumps_params={"ensure_ascii": False},
    )


@require_safe
def seal_line(request: HttpRequest, number: int) -> HttpResponse:
    """The line as it is signed: these bytes, without a line end."""
    line = seals.line_of(seal_or_404(number).number)
    return HttpResponse(line, content_type="text/plain; charset=utf-8")


@require_safe
def seals_after(request: HttpRequest, number: int) -> JsonResponse:
    """The lines of the seals that follow one, a thousand at most, for who follows the chain."""
    return JsonResponse({"lines": heads.lines(after=min(number, LARGEST), most=LINES_AT_ONCE)})


@require_safe
def seal_file(request: HttpRequest, name: str) -> HttpResponse:
    """A file of the project that belongs to checking the books, to be saved."""
    if name not in FILES:
        raise Http404
    path, content_type = FILES[name]
    return HttpResponse(
        Path(settings.ROOT / path).read_bytes(),
        headers={
            "Content-Type": f"{content_type}; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{name}"',
        },
    )


class _Heads(Feed):  # type: ignore[type-arg]  # not generic at run time
    feed_type = Atom1Feed

    def title(self) -> str:
        return _("Seals on the books of %(operator)s") % {"operator": settings.OPERATOR_NAME}

    def link(self) -> str:
        return reverse("seals")

    def items(self) -> list["Seal"]:
        return list(heads.heads()[:IN_FEED])

    def item_title(self, item: Any) -> str:
        return _("Seal %(number)s") % {"number": item.number}

    def item_description(self, item: Any) -> str:
        return bytes(item.head).hex()

    def item_link(self, item: Any) -> str:
        return reverse("seal", args=[item.number])

    def item_pubdate(self, item: Any) -> Any:
        return item.sealed_at


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """The newest heads, for a reader of feeds (Atom)."""
    return _Heads()(request)
