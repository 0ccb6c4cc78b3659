"""Making the letters of a run: codes, hashes and file of each document are committed together."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from cheques import codes, letters
from cheques.models import Cheque, ChequeRun, LetterDocument
from cheques.runs import last_day
from common import files
from common.models import StoredFile
from places.models import Dwelling


@transaction.atomic
def make_document(*, run_id: int, now: datetime) -> LetterDocument | None:
    """The next document of at most a hundred letters, in order of postcode; None when all are made, or another makes them.

    Killed half way there are neither codes nor a document, and the same letters are made again with other codes. At most a
    file is left in the storage that nothing refers to; its codes open nothing.
    """
    run = (
        ChequeRun.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .select_related("rules__programme__organisation")
        .filter(pk=run_id)
        .first()
    )
    if run is None:
        return None
    lot = list(
        run.cheques.filter(letter__isnull=True, state=Cheque.State.MADE, dwelling__isnull=False)
        .select_related("dwelling")
        .order_by("dwelling__postcode", "dwelling__house_number", "dwelling__addition")[
            : letters.MOST_LETTERS
        ]
    )
    if not lot:
        run.state = ChequeRun.State.PRINTED
        run.save(update_fields=["state"])
        return None
    drawn = draw(len(lot))
    pdf = letters.render(
        letters=[
            _letter(run, cheque.dwelling, code)
            for cheque, code in zip(lot, drawn, strict=True)
            if cheque.dwelling is not None
        ],
        theme=_theme(run),
    )
    name = f"run-{run.pk}-{run.documents.count() + 1}.pdf"
    file = files.store(content=pdf, name=name, mime_type="application/pdf", now=now)
    return keep(run=run, cheques=lot, drawn=drawn, file=file, now=now)


def keep(
    *,
    run: ChequeRun,
    cheques: Sequence[Cheque],
    drawn: Sequence[codes.Drawn],
    file: StoredFile | None,
    now: datetime,
) -> LetterDocument:
    """Writes down a document of the run: of its codes the hashes alone. `file`: None once it was handed over."""
    document = LetterDocument.objects.create(
        run=run, number=run.documents.count() + 1, file=file, letters=len(cheques), made_at=now
    )
    for cheque, code in zip(cheques, drawn, strict=True):
        cheque.letter = document
        cheque.selector = code.stored.selector
        cheque.salt = code.stored.salt
        cheque.secret_digest = code.stored.secret_digest
        cheque.token_digest = code.stored.token_digest
    Cheque.objects.bulk_update(cheques, ["letter", "selector", "salt", "secret_digest", "token_digest"])
    return document


def draw(count: int) -> list[codes.Drawn]:
    """New codes, each with a selector that no cheque has: one that is taken is drawn again."""
    drawn: dict[str, codes.Drawn] = {}
    while len(drawn) < count:
        fresh = {
            code.selector: code
            for code in (codes.draw(pepper=settings.CODE_PEPPER) for _ in range(count - len(drawn)))
        }
        taken = set(Cheque.objects.filter(selector__in=fresh).values_list("selector", flat=True))
        drawn |= {selector: code for selector, code in fresh.items() if selector not in taken}
    return list(drawn.values())


def _letter(run: ChequeRun, dwelling: Dwelling, code: codes.Drawn) -> letters.Letter:
    return letters.Letter(
        dwelling_lines=dwelling.address_lines,
        printed_code=code.printed_code,
        qr_url=codes.qr_url(host_url=_site(run), selector=code.selector, token=code.token),
        value_cents=run.value_cents,
        activate_by=last_day(run.activate_before),
        valid_until=last_day(run.valid_until),
    )


def _site(run: ChequeRun) -> str:
    """Where the letter sends people: to the host's own pages, where it has a name of its own for them."""
    host_name = run.rules.programme.organisation.host_name
    return f"https://{host_name}" if host_name else settings.SITE_URL


def _theme(run: ChequeRun) -> letters.Theme:
    host = run.rules.programme.organisation
    with override("nl"):
        return letters.Theme(
            organisation=host.name,
            return_line=host.return_address or host.name,
            brand=host.brand,
            greeting=_("Dear resident,"),
            paragraphs=(
                _(
                    "You get a neighbourhood cheque from us. With it you decide what happens in your neighbourhood."
                ),
                _("Give it to a plan of your neighbours, save it, or start something yourself."),
            ),
            signer=host.name,
            signer_role=_("your housing corporation"),
            helpline=host.helpline,
            desk=host.desk,
        )
