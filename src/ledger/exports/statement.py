"""An account's statement for a period: as CSV, and as PDF/A-3 with that CSV inside.

PDF/A-3 (ISO 19005-3) is made to be kept: it carries its typeface and says in its own words what it is, and a reader needs nothing
of ours. Level A: it is tagged, for who has it read aloud. The data stands beside the picture, so that nobody types it over.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, Literal, cast

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from django.conf import settings
from django.template import Engine
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from weasyprint import CSS, HTML, Attachment
from weasyprint.text.fonts import FontConfiguration

from common.pdf import OnlyWhatIsGiven, font_faces
from ledger.exports.journal import account_name, guarded
from ledger.exports.notation import moment
from ledger.exports.parts import csv_parts
from ledger.queries import AccountLine
from ledger.statements import Statement

Language = Literal["nl", "en"]

MOST_LINES = 1_000
TEMPLATES = Path(__file__).parents[1] / "templates"
STYLE = TEMPLATES / "ledger" / "statement.css"
LOCALES: dict[Language, str] = {"nl": "nl_NL", "en": "en_GB"}
HEADINGS = (
    "effective_on",
    "entry",
    "transfer",
    "booked_at",
    "kind",
    "source",
    "other_account",
    "other_code",
    "other_name",
    "debit_cents",
    "credit_cents",
    "balance_cents",
)


class TooManyLines(ValueError):
    """A PDF holds a thousand lines at most, not `count`: choose a shorter period, or take the CSV."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


@dataclass(frozen=True)
class Words:
    """How a reader's language calls what the books call by a code: a kind of entry, and a source such as "payout:12"."""

    kind: Callable[[str], str]
    subject: Callable[[str], str]


def csv_of(*, found: Statement, of: Iterable[AccountLine], head: str | None) -> Iterator[bytes]:
    """RFC 4180 in UTF-8. The first line is the opening balance, the last but one the closing one: they have a day and no entry.

    `head`: of the latest seal, as the source of the very last line; None where there is none.
    """
    return csv_parts(_cells(found, of, head))


def _cells(found: Statement, of: Iterable[AccountLine], head: str | None) -> Iterator[tuple[object, ...]]:
    empty = [""] * (len(HEADINGS) - 6)
    yield HEADINGS
    yield (found.since, "", "", "", "opening balance", *empty, found.opening_cents)
    for line in of:
        yield (
            line.effective_on,
            line.entry_id,
            line.transfer_id,
            moment(line.booked_at),
            guarded(line.kind),
            guarded(line.source),
            line.other_id,
            line.other_code,
            guarded(account_name(line.other_code, line.other_name)),
            line.debit_cents,
            line.credit_cents,
            line.balance_cents,
        )
    yield (found.until, "", "", "", "closing balance", *empty, found.closing_cents)
    if head is not None:
        yield ("", "", "", "", "latest sealed head", head, *empty)


def write_pdf(
    out: BinaryIO,
    *,
    found: Statement,
    of: Iterable[AccountLine],
    words: Words,
    language: Language,
    now: datetime,
    head: str | None = None,
) -> None:
    """The statement with its data attached as CSV. `head`: of the latest seal, printed where it is given.

    Raises TooManyLines.
    """
    if found.lines > MOST_LINES:
        raise TooManyLines(found.lines)
    of = list(of)
    data = b"".join(csv_of(found=found, of=of, head=head))
    with translation.override(language):
        html = Engine(dirs=[str(TEMPLATES)]).render_to_string(
            "ledger/statement.html", _context(found, of, words, language, now, head)
        )
        attached = Attachment(
            string=data,
            name=f"{file_name(found)}.csv",
            description=_("The lines of this statement as data (CSV)"),
            created=now,
            modified=now,
            relationship="Data",
        )
    fetcher = OnlyWhatIsGiven()
    fonts = FontConfiguration()
    style = CSS(string=font_faces() + STYLE.read_text("utf-8"), font_config=fonts, url_fetcher=fetcher)
    pdf = HTML(string=html, url_fetcher=fetcher).write_pdf(
        font_config=fonts, stylesheets=[style], pdf_variant="pdf/a-3a", attachments=[attached]
    )
    fetcher.check()
    out.write(cast("bytes", pdf))


def file_name(found: Statement) -> str:
    """Without its ending: rekening-2300-41-2026-01-01-2026-12-31, and up to which moment it was booked where that was chosen."""
    booked = f"-geboekt-{timezone.localtime(found.booked_by):%Y-%m-%d-%H%M}" if found.booked_by else ""
    return f"rekening-{found.account.code}-{found.account.pk}-{found.since}-{found.until}{booked}"


def _context(
    found: Statement,
    of: Iterable[AccountLine],
    words: Words,
    language: Language,
    now: datetime,
    head: str | None,
) -> dict[str, object]:
    account = found.account
    organisation = account.fund.organisation.name

    def amount(cents: int) -> str:
        return format_decimal(Decimal(cents).scaleb(-2), format="#,##0.00", locale=LOCALES[language])

    def day(value: date) -> str:
        return format_date(value, "d MMMM y", locale=LOCALES[language])

    def moment_words(value: datetime) -> str:
        return format_datetime(timezone.localtime(value), "d MMMM y, HH:mm", locale=LOCALES[language])

    name = account_name(account.code, account.name)
    return {
        "language": language,
        "operator": settings.OPERATOR_NAME,
        "title": _("Statement of account %(code)s %(name)s") % {"code": account.code, "name": name},
        "period": _("%(since)s up to and including %(until)s")
        % {"since": day(found.since), "until": day(found.until)},
        "facts": (
            (_("Account"), f"{account.code} {account_name(account.code, '')}"),
            (_("Subject"), words.subject(account.key)),
            (_("Fund"), account.fund.name),
            (_("Organisation"), organisation),
            (_("As booked up to"), found.booked_by and moment_words(found.booked_by)),
            (_("Made"), moment_words(now)),
            (_("Latest sealed head"), head),
        ),
        "labels": {
            "day": _("Date"),
            "entry": _("Entry"),
            "what": _("What"),
            "other": _("Other account"),
            "debit": _("Debit"),
            "credit": _("Credit"),
            "balance": _("Balance after"),
            "opening": _("Opening balance"),
            "closing": _("Closing balance"),
            "none": _("Nothing moved in this period."),
        },
        "note": _("Amounts in euro. The same lines are attached to this file as data (CSV)."),
        "opening": amount(found.opening_cents),
        "debit": amount(found.debit_cents),
        "credit": amount(found.credit_cents),
        "closing": amount(found.closing_cents),
        "lines": [
            {
                "day": format_date(line.effective_on, "dd-MM-y", locale=LOCALES[language]),
                "entry": line.entry_id,
                "what": words.kind(line.kind),
                "source": words.subject(line.source),
                "other": f"{line.other_code} {account_name(line.other_code, line.other_name)}",
                "debit": amount(line.debit_cents) if line.debit_cents else "",
                "credit": amount(line.credit_cents) if line.credit_cents else "",
                "balance": amount(line.balance_cents),
            }
            for line in of
        ],
    }
