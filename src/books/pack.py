"""The evidence pack: one ZIP with the entries of a period or a sample, their seals, and all that stands behind them.

Made to be checked without us: the journal carries the seals, the verifier lies beside it, and the manifest has the hash of every
file. Of other organisations it holds what their auditors' pages show to this one: totals.
"""

import csv
import io
import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import partial
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Final, cast

from django.conf import settings
from django.utils.translation import gettext as _

from books import pack_texts, sampling
from books.archive import Archive
from books.evidence import Decision, Evidence, Name, Thing, campaigns_behind, evidence, payee_accounts
from books.pack_texts import Language
from books.sampling import BETWEEN, Flow, Method, Question, Sample
from common import files
from common.models import StoredFile
from common.reading import reads_from
from ledger import audit, heads
from ledger.exports import journal, sealed
from ledger.exports.journal import guarded
from ledger.exports.notation import moment
from ledger.exports.reading import READER, Told, one_moment
from ledger.population import Population

if TYPE_CHECKING:
    from ledger.models import Entry

ENTRIES_IN_INDEX = 500
VERIFIER = settings.ROOT / "verify_books.py"

COLUMNS: Final[dict[Thing, tuple[Name, ...]]] = {
    Thing.BANK_LINE: (
        *(Name.BOOKED_ON, Name.AMOUNT, Name.COUNTERPARTY, Name.IBAN, Name.REFERENCE, Name.END_TO_END_ID),
        *(Name.REMITTANCE, Name.STRIPE_PAYOUT, Name.ANSWERS, Name.RECOGNISED_BY, Name.STATEMENT_HASH),
    ),
    Thing.RUN: (Name.STATE, Name.VALUE, Name.DWELLINGS, Name.AMOUNT),
    Thing.CHEQUE: (Name.STATE, Name.VALUE, Name.ACTIVATED_AT),
    Thing.CAMPAIGN: (Name.STATE, Name.TARGET, Name.INITIATOR, Name.HOST, Name.DEADLINE),
    Thing.MATCH: (Name.SPONSOR, Name.PERCENT, Name.MATCHES, Name.AMOUNT),
    Thing.DONATION: (
        *(Name.STATE, Name.AMOUNT, Name.FEE, Name.SETTLED_AT),
        *(Name.CHARGE, Name.BALANCE_TRANSACTION),
    ),
    Thing.PAYOUT: (
        *(Name.STATE, Name.AMOUNT, Name.ACCOUNT_HOLDER, Name.IBAN),
        *(Name.END_TO_END_ID, Name.CONFIRMED_ON, Name.REASON),
    ),
    Thing.RECEIPT: (
        *(Name.STATE, Name.SUPPLIER, Name.DESCRIPTION, Name.BOUGHT_ON, Name.AMOUNT),
        Name.REASON,
    ),
    Thing.PROGRAMME: (Name.FIRST_DAY, Name.LAST_DAY, Name.AGREEMENT),
}
"""The facts that each kind of thing may have, in the order of its table."""

TABLES: Final[dict[Thing, str]] = {
    Thing.BANK_LINE: "statements/bank_lines.csv",
    Thing.RUN: "evidence/runs.csv",
    Thing.CHEQUE: "evidence/cheques.csv",
    Thing.CAMPAIGN: "evidence/campaigns.csv",
    Thing.MATCH: "evidence/matches.csv",
    Thing.DONATION: "evidence/stripe_donations.csv",
    Thing.PAYOUT: "evidence/payouts.csv",
    Thing.RECEIPT: "evidence/receipts.csv",
    Thing.PROGRAMME: "evidence/programmes.csv",
}
APPROVALS = "approvals.csv"
APPROVAL_HEADINGS = ("entry", "thing", "id", "label", "made_by", "made_at", "approved_by", "approved_at")
ENDINGS = {"image/jpeg": "jpg", "application/pdf": "pdf"}


@dataclass(frozen=True)
class Drawing:
    """A sample to be drawn. `up_to`: the last entry that counts."""

    flow: Flow
    question: Question
    up_to: int


@dataclass(frozen=True)
class Wanted:
    """Whose pack, of which funds and days, both included. `drawing`: None for all entries of those days."""

    organisation: str
    funds: dict[int, str]
    since: date
    until: date
    drawing: Drawing | None = None

    def population(self, drawing: Drawing) -> Population:
        return Population(list(self.funds), self.since, self.until, BETWEEN[drawing.flow], drawing.up_to)


@dataclass(frozen=True)
class Which:
    """The entries that are in it. `entry_ids`: None for all of the period."""

    sample: Sample | None
    entry_ids: list[int] | None


def write(out: BinaryIO, *, wanted: Wanted, language: Language, made_at: datetime, told: Told) -> None:
    """All files of one moment; a few hundred entries in memory at a time. `told` as for the journal."""
    with one_moment(), ExitStack() as stack:
        which = _which(wanted)
        # What stands behind the entries too: a decision of a minute later would not fit the journal.
        stack.enter_context(reads_from(READER))
        archive = Archive(out, made_at=made_at)
        archive.add(
            "journal.jsonl",
            lambda file: sealed.write(file, made_at=made_at, chosen=_chosen(wanted, which), told=told),
        )
        archive.add(
            "journal.csv",
            lambda file: journal.write_csv(
                file,
                fund_ids=list(wanted.funds),
                since=wanted.since,
                until=wanted.until,
                entry_ids=which.entry_ids,
                names=True,
                told=lambda _rows: told(0),
            ),
        )
        archive.put("verify_books.py", VERIFIER.read_bytes())
        trusted = _seals()
        archive.put("seals.json", _json(trusted))
        if which.sample is not None:
            found = _sample(wanted, which.sample)
            archive.put("sample.json", _json(found))
        about = pack_texts.About(
            wanted.organisation,
            tuple(wanted.funds.values()),
            (wanted.since, wanted.until),
            wanted.drawing.flow if wanted.drawing else None,
            which.sample,
            made_at,
            trusted["head"]["head"] if trusted["head"] else "",
            [key["key"] for key in trusted["keys"] if not key["witness"]],
        )
        _write_entries(archive, Tables(stack), wanted, which, about, language, told)
        archive.put("README.txt", pack_texts.readme(about).encode())
        archive.close(_about(wanted, made_at))


def _which(wanted: Wanted) -> Which:
    if wanted.drawing is None:
        return Which(None, None)
    sample = sampling.draw(of=wanted.population(wanted.drawing), question=wanted.drawing.question)
    return Which(sample, sorted({row.entry_id for _hit, row in sampling.rows_of(sample.hits)}))


def _chosen(wanted: Wanted, which: Which) -> sealed.Chosen:
    """The own transfers of these entries. No fund is whole in it, so balances cannot be checked."""
    name = f"{wanted.organisation}, {wanted.since} / {wanted.until}"
    parameters: dict[str, Any] = {"funds": list(wanted.funds), "since": wanted.since, "until": wanted.until}
    condition = "t.fund_id = ANY(%(funds)s) AND e.effective_on BETWEEN %(since)s AND %(until)s"
    if which.entry_ids is None or which.sample is None:
        return sealed.Chosen(condition, parameters, name)
    asked = which.sample.question
    return sealed.Chosen(
        f"{condition} AND e.id = ANY(%(entries)s)",
        parameters | {"entries": which.entry_ids},
        f"{name}, sample of {asked.size} ({asked.method}), seed {asked.seed}",
    )


def _seals() -> dict[str, Any]:
    """All public keys and the newest head, of the moment of the journal."""
    newest = heads.heads().using(READER).first()
    return {
        "keys": [
            {
                "key": bytes(key.public).hex(),
                "holder": key.holder,
                "witness": key.witness,
                "since": moment(key.since),
                "until": moment(key.until) if key.until else None,
            }
            for key in [*heads.operator_keys(), *heads.witnesses()]
        ],
        "head": {
            "seal": newest.number,
            "head": bytes(newest.head).hex(),
            "sealed_at": moment(newest.sealed_at),
            "last_entry": newest.last_entry_id,
        }
        if newest
        else None,
    }


def _sample(wanted: Wanted, sample: Sample) -> dict[str, object]:
    """What was asked, and each transfer that was drawn."""
    return {
        **(as_kept(wanted.drawing) if wanted.drawing else {}),
        "count": sample.count,
        "total_cents": sample.total_cents,
        "interval_cents": sample.interval_cents,
        "start_cents": sample.start_cents,
        "hits": [
            {**asdict(hit), "entry": row.entry_id, "effective_on": row.effective_on.isoformat()}
            for hit, row in sampling.rows_of(sample.hits)
        ],
    }


def _about(wanted: Wanted, made_at: datetime) -> dict[str, object]:
    """What the manifest says of the pack itself."""
    return {
        "operator": settings.OPERATOR_NAME,
        "organisation": wanted.organisation,
        "funds": [{"fund": fund_id, "name": name} for fund_id, name in wanted.funds.items()],
        "since": wanted.since.isoformat(),
        "until": wanted.until.isoformat(),
        "sample": as_kept(wanted.drawing) if wanted.drawing else None,
        "made_at": moment(made_at.astimezone(UTC)),
    }


def _json(value: object) -> bytes:
    return f"{json.dumps(value, ensure_ascii=False, indent=1)}\n".encode()


class Tables:
    """The tables of the evidence, that grow beside each other: each in a file on disk until all entries were read."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._files: dict[str, IO[str]] = {}
        self.decided: set[tuple[str, int]] = set()

    def row(self, name: str, headings: Iterable[str], values: Iterable[object]) -> None:
        """The first row brings its headings."""
        if name not in self._files:
            opened = self._stack.enter_context(TemporaryFile())  # noqa: SIM115  # the stack closes it
            self._files[name] = io.TextIOWrapper(opened, encoding="utf-8", newline="")
            csv.writer(self._files[name]).writerow(headings)
        csv.writer(self._files[name]).writerow([_cell(value) for value in values])

    def evidence(self, entry_id: int | str, one: Evidence, document: str) -> None:
        columns = COLUMNS[one.thing]
        facts = {fact.name: fact.value for fact in one.facts}
        if facts.keys() - set(columns):
            raise RuntimeError(f"{one.thing} has facts without a column: {facts.keys() - set(columns)}")
        self.row(
            TABLES[one.thing],
            ("entry", "id", "label", *columns, "document"),
            (entry_id, one.id, one.label, *(facts.get(name) for name in columns), document),
        )
        if one.decision is not None:
            self.decision(entry_id, one.thing.value, one.id, one.label, one.decision)

    def decision(self, entry_id: int | str, thing: str, id: int, label: str, decision: Decision) -> None:
        """Once for each entry that rests on it; without an entry only what stands in no line yet."""
        if entry_id == "" and (thing, id) in self.decided:
            return
        self.decided.add((thing, id))
        self.row(APPROVALS, APPROVAL_HEADINGS, (entry_id, thing, id, label, *asdict(decision).values()))

    def add_to(self, archive: Archive) -> None:
        for name, table in sorted(self._files.items()):
            table.flush()
            source = cast(Any, table).buffer
            source.seek(0)
            archive.add(name, partial(shutil.copyfileobj, source))


def _cell(value: object) -> object:
    if isinstance(value, str):
        return guarded(value)
    return moment(value) if isinstance(value, datetime) else value


def _write_entries(
    archive: Archive,
    tables: Tables,
    wanted: Wanted,
    which: Which,
    about: pack_texts.About,
    language: Language,
    told: Told,
) -> None:
    """The documents, the tables and the index, in one walk over the entries."""
    found = audit.entries(fund_ids=list(wanted.funds), since=wanted.since, until=wanted.until)
    if which.entry_ids is not None:
        found = found.filter(pk__in=which.entry_ids)
    found = found.using(READER).order_by("pk")
    parts = max(1, -(-found.count() // ENTRIES_IN_INDEX))
    rest = iter(found.iterator(chunk_size=ENTRIES_IN_INDEX))
    payouts: set[int] = set()
    receipts: set[int] = set()
    for part in range(1, parts + 1):
        some = list(islice(rest, ENTRIES_IN_INDEX))
        amounts = audit.amounts(entry_ids=[entry.pk for entry in some], fund_ids=list(wanted.funds))
        lines = []
        for entry in some:
            things = evidence(entry)
            payouts.update(one.id for one in things if one.thing is Thing.PAYOUT)
            receipts.update(one.id for one in things if one.thing is Thing.RECEIPT)
            documents = list(_documents(archive, entry, things))
            for one, document in zip(things, documents, strict=True):
                tables.evidence(entry.pk, one, document)
            lines.append(pack_texts.line(entry, amounts[entry.pk], things, documents, language))
            told(0)
        name = "index.pdf" if parts == 1 else f"index-{part:03}.pdf"
        archive.put(name, pack_texts.index_pdf(about, lines, part=part, parts=parts, language=language))
    _write_decisions_behind(tables, payouts, receipts)
    tables.add_to(archive)


def _write_decisions_behind(tables: Tables, payouts: set[int], receipts: set[int]) -> None:
    """What the payouts and receipts rest on: the approval of their campaign, and of the account that was paid to."""
    for one in campaigns_behind(payout_ids=payouts, receipt_ids=receipts):
        if one.decision is not None:
            tables.decision("", one.thing.value, one.id, one.label, one.decision)
    for account_id, label, decision in payee_accounts(payout_ids=payouts):
        tables.decision("", "bank account", account_id, label, decision)


def _documents(archive: Archive, entry: "Entry", things: Iterable[Evidence]) -> Iterator[str]:
    """For each thing the name of its document in the pack, why it is not there, or nothing."""
    for one in things:
        yield "" if one.file_id is None else _document(archive, entry, one, one.file_id)


def _document(archive: Archive, entry: "Entry", one: Evidence, file_id: int) -> str:
    """As it was stored: a picture was drawn anew when it came in, and is what the pages show."""
    file = StoredFile.objects.get(pk=file_id)
    try:
        content = files.read(file)
    except FileNotFoundError:
        return _("lost from the storage")
    except ValueError:
        return _("changed in the storage: not the document that was approved")
    ending = ENDINGS.get(file.mime_type, "bin")
    name = f"documents/{entry.pk}-{one.thing.value}-{one.id}-{file.content_hash[:16]}.{ending}"
    archive.put(name, content)
    return name


def as_kept(drawing: Drawing) -> dict[str, str | int]:
    """As it is kept with what was asked for."""
    asked = drawing.question
    return {
        "flow": drawing.flow.value,
        "method": asked.method.value,
        "size": asked.size,
        "seed": asked.seed,
        "up_to": drawing.up_to,
    }


def as_asked(kept: dict[str, Any]) -> Drawing:
    """The other way round."""
    question = Question(Method(kept["method"]), kept["size"], kept["seed"])
    return Drawing(Flow(kept["flow"]), question, kept["up_to"])
