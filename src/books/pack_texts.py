"""What stands in an evidence pack for people: the index as PDF, and how to check it all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from books.evidence import Evidence
from books.sampling import Flow, Sample
from books.words import FLOWS, METHODS, THINGS, kind_words, subject_words
from common.pdf import OnlyWhatIsGiven, font_faces

if TYPE_CHECKING:
    from ledger.models import Entry

Language = Literal["nl", "en"]

LOCALES: dict[Language, str] = {"nl": "nl_NL", "en": "en_GB"}
STYLE = Path(__file__).parent / "templates" / "books" / "pack.css"


@dataclass(frozen=True)
class About:
    """What a pack is of. `flow` and `sample`: None for a period. `head`: of the newest seal, empty when nothing is sealed yet."""

    organisation: str
    funds: tuple[str, ...]
    days: tuple[date, date]
    flow: Flow | None
    sample: Sample | None
    made_at: datetime
    head: str
    keys: Sequence[str]


@dataclass(frozen=True)
class Line:
    """An entry in the index, as it is written."""

    entry: str
    day: str
    what: str
    amount: str
    behind: str
    who: str
    documents: str


def line(
    entry: "Entry", cents: int, things: Sequence[Evidence], documents: Sequence[str], language: Language
) -> Line:
    """`documents`: for each thing, empty where it has none."""
    source = subject_words(entry.source)
    behind = (f"{THINGS[one.thing]} {one.id}: {one.label}" for one in things)
    approved = _("approved by %(name)s") % {"name": entry.approved_by} if entry.approved_by else ""
    return Line(
        str(entry.pk),
        format_date(entry.effective_on, "dd-MM-y", locale=LOCALES[language]),
        ", ".join(word for word in (str(kind_words(entry.kind)), source) if word),
        _amount(cents, language),
        "; ".join(behind),
        ", ".join(word for word in (str(entry.made_by or ""), approved) if word),
        "; ".join(document for document in documents if document),
    )


def index_pdf(about: About, lines: Sequence[Line], *, part: int, parts: int, language: Language) -> bytes:
    """Tagged, and made to be kept (PDF/A-3)."""
    html = render_to_string("books/pack.html", _context(about, lines, part, parts, language))
    fetcher = OnlyWhatIsGiven()
    fonts = FontConfiguration()
    style = CSS(string=font_faces() + STYLE.read_text("utf-8"), font_config=fonts, url_fetcher=fetcher)
    pdf = HTML(string=html, url_fetcher=fetcher).write_pdf(
        font_config=fonts, stylesheets=[style], pdf_variant="pdf/a-3a"
    )
    fetcher.check()
    return cast("bytes", pdf)


def _context(
    about: About, lines: Sequence[Line], part: int, parts: int, language: Language
) -> dict[str, object]:
    since, until = (format_date(day, "d MMMM y", locale=LOCALES[language]) for day in about.days)
    what = _("%(since)s up to and including %(until)s") % {"since": since, "until": until}
    if about.sample is not None:
        what = _("a sample of %(period)s") % {"period": what}
    if parts > 1:
        what = _("%(what)s, part %(part)s of %(parts)s") % {"what": what, "part": part, "parts": parts}
    made = format_datetime(timezone.localtime(about.made_at), "d MMMM y, HH:mm", locale=LOCALES[language])
    facts = (
        (_("Organisation"), about.organisation),
        (_("Funds"), ", ".join(about.funds)),
        (_("Made"), made),
        (_("Public key"), ", ".join(about.keys)),
        (_("Latest sealed head"), about.head or _("nothing is sealed yet")),
    )
    sections = (
        ("about", _("About this pack"), [(name, value) for name, value in facts if value]),
        ("sample", _("The sample"), _sample(about, language)),
        ("files", _("What is in it"), _files(about)),
    )
    return {
        "language": language,
        "operator": settings.OPERATOR_NAME,
        "title": _("Evidence pack of %(organisation)s") % {"organisation": about.organisation},
        "what": what,
        "sections": [section for section in sections if section[2]],
        "lines": lines,
    }


def _sample(about: About, language: Language) -> list[tuple[str, object]]:
    sample, flow = about.sample, about.flow
    if sample is None or flow is None:
        return []
    told: list[tuple[str, object]] = [
        (_("Draw from"), FLOWS[flow]),
        (_("Method"), METHODS[sample.question.method]),
        (_("How many"), sample.question.size),
        (pgettext("sample", "Seed"), sample.question.seed),
        (_("Transfers in the population"), sample.count),
        (_("Total of the population"), _amount(sample.total_cents, language)),
        (_("Up to and including entry"), sample.last_entry_id),
    ]
    if sample.interval_cents:
        told += [
            (_("Interval"), _amount(sample.interval_cents, language)),
            (_("Start"), _amount(sample.start_cents, language)),
        ]
    return told


def _files(about: About) -> list[tuple[str, str]]:
    told = [
        ("README.txt", _("How to check this pack, in Dutch and English")),
        ("journal.jsonl", _("The entries with their seals, for the verifier")),
        ("journal.csv", _("The same entries for a spreadsheet, with names")),
        ("verify_books.py", _("The verifier: one file, needs Python and the package cryptography")),
        ("seals.json", _("Public keys and the newest head")),
        ("documents/", _("Receipts, named after their entry and the hash of their content")),
        ("approvals.csv", _("Who made and who approved what, and when; also bank account numbers")),
        ("evidence/", _("A table for each kind of thing behind the entries, with the numbers at Stripe")),
        ("statements/", _("The lines of the bank behind the entries, with the hash of their statement")),
        ("manifest.json, manifest.sha256", _("The hash and size of every file")),
    ]
    if about.sample is not None:
        told.insert(5, ("sample.json", _("What was asked, and each transfer that was drawn")))
    return told


def _amount(cents: int, language: Language) -> str:
    return format_decimal(Decimal(cents).scaleb(-2), format="#,##0.00", locale=LOCALES[language])


def readme(about: About) -> str:
    """Plain text, in both languages whatever the language of the rest."""
    languages: tuple[Language, ...] = ("nl", "en")
    texts = []
    for language in languages:
        with translation.override(language):
            texts.append(_readme(about))
    return "\n\n\n".join(texts) + "\n"


def _readme(about: About) -> str:
    key = "".join(f" --key {key}" for key in about.keys)
    head = f" --expect-head {about.head}" if about.head else ""
    parts = (
        _("Evidence pack of %(organisation)s, made by %(operator)s")
        % {"organisation": about.organisation, "operator": settings.OPERATOR_NAME},
        _("1. Is this the pack as it was made? Unpack it in an empty folder, and there:"),
        "    sha256sum -c manifest.sha256",
        _("2. Are the books what was sealed? With Python 3.11 or later:"),
        "    python -m pip install cryptography\n"
        f"    python -I verify_books.py journal.jsonl{key if about.head else ''}{head}",
        _(
            "The answer begins with the head and ends with exit status 0; or it names the first bad entry, with exit status 1.\n"
            "Compare the key and the head with what you kept, or with the seals on %(site)s:\n"
            "who can change this pack can change them here.\n"
            "A head says nothing of the seals before a gap: the answer says how many those are. To prove these too,\n"
            "take the journal with seals of the whole history, and a head that you kept."
        )
        % {"site": settings.SITE_URL},
        _(
            "3. What it holds: the entries in the funds of the organisation, of the days or the sample asked for.\n"
            "What an entry moved in other funds stands in the journal as hashes only. So no balance can be\n"
            "checked with it: for that, take the journal with seals of the whole history."
        ),
        ""
        if about.head
        else _("Nothing was sealed yet when this pack was made. Ask for it again in a minute."),
    )
    return "\n\n".join(part for part in parts if part)
