"""The audit file: XML Auditfile Financieel 4.0, as the Dutch tax office takes it.

Amounts are decimals of two places. There is one account for each code of the chart: the organisation behind a fund stands in
`custSupID`, the subject of an account (such as a campaign) in `project`. Words of people stay out.

A result account begins each year at nothing. Our books have no closing entry, and need none: in this file the result of the years
before stands in the opening balance on an account of its own, as if one had been made.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import BinaryIO
from xml.sax.saxutils import escape

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum
from django.utils import translation
from django.utils.translation import gettext as _

from ledger.chart import CHART, Code
from ledger.exports.notation import decimal
from ledger.exports.reading import READER, Row, Told, one_moment, rows, transfers
from ledger.models import Fund, Transfer
from people.models import Organisation

NAMESPACE = "http://www.odb.belastingdienst.nl/Belastingdienst/BCPP/1.1/structures/XmlauditfileXAF_4.0"
VERSION = "0.1.0"
RGS_VERSION = "3.7"
COSTS = (Code.PAYMENT_COSTS, Code.OPERATOR_COSTS)
EARLIER_RESULT = 3900  # in this file only, not in the chart
# What XML 1.0 cannot hold, not even escaped.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Journal:
    """A group of entries, by the first word of their kind. `type`: B bank, M memorandum, Z other."""

    id: str
    name: str
    type: str
    kinds: Q


BANK = Q(entry__kind__startswith="bank ")
PROVIDER = Q(entry__kind__startswith="donation")
JOURNALS = (
    Journal("BANK", "Bank", "B", BANK),
    Journal("PSP", "Betaalprovider", "Z", PROVIDER),
    Journal("MEMO", "Memoriaal", "M", ~BANK & ~PROVIDER),
)


class NoEntries(Exception):
    """Nothing was booked in this year in these funds."""

    def __init__(self, year: int) -> None:
        super().__init__(year)
        self.year = year


def write(
    out: BinaryIO,
    *,
    year: int,
    made_on: date,
    extract_for: Organisation | None = None,
    told: Told | None = None,
) -> int:
    """Writes the operator's books of one year, or an extract with one organisation's funds; gives the number of lines.

    An extract says so in the names of company and software. Every entry balances in every fund, so it balances too.
    Raises NoEntries.
    """
    fund_ids = None
    if extract_for is not None:
        fund_ids = list(Fund.objects.filter(organisation=extract_for).values_list("pk", flat=True))
    with one_moment(), translation.override("nl"):
        all_of_it = transfers(fund_ids=fund_ids)
        of_year = all_of_it.filter(entry__effective_on__range=(date(year, 1, 1), date(year, 12, 31)))
        totals = of_year.aggregate(count=Count("pk"), cents=Sum("amount_cents", default=0))
        if totals["count"] == 0:
            raise NoEntries(year)
        lines = 2 * int(totals["count"])
        for part in (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<auditfile xmlns="{NAMESPACE}">\n',
            _header(year, made_on, is_extract=extract_for is not None),
            _company(extract_for),
            _funders(fund_ids),
            _accounts(),
            _periods(year),
            _opening_balance(all_of_it.filter(entry__effective_on__lt=date(year, 1, 1))),
            f"<transactions>\n{_totals(lines, totals['cents'])}",
        ):
            out.write(part.encode())
        for journal in JOURNALS:
            for part in _journal(journal, of_year.filter(journal.kinds), told):
                out.write(part.encode())
        out.write(b"</transactions>\n</company>\n</auditfile>\n")
    return lines


def _text(text: str, longest: int) -> str:
    return escape(FORBIDDEN.sub("", text)[:longest])


def _totals(lines: int, cents: int) -> str:
    amount = decimal(cents)
    return f"<linesCount>{lines}</linesCount><totalDebit>{amount}</totalDebit><totalCredit>{amount}</totalCredit>\n"


def _header(year: int, made_on: date, *, is_extract: bool) -> str:
    return (
        f"<header><fiscalYear>{year}</fiscalYear><startDate>{year}-01-01</startDate><endDate>{year}-12-31</endDate>"
        f"<curCode>EUR</curCode><dateCreated>{made_on.isoformat()}</dateCreated>"
        f"<softwareDesc>{'Buurtpot (uittreksel)' if is_extract else 'Buurtpot'}</softwareDesc>"
        f"<softwareVersion>{VERSION}</softwareVersion><RGSVersion>{RGS_VERSION}</RGSVersion></header>\n"
    )


def _company(extract_for: Organisation | None) -> str:
    """The legal entity whose books these are: always the operator."""
    operator = Organisation.objects.using(READER).get(is_operator=True)
    name = settings.OPERATOR_NAME
    if extract_for is not None:
        name = f"{name} (uittreksel voor {extract_for.name})"
    number = operator.registration_number
    # The element may not be left out; a tax number that was not set may not be made up.
    tax_number = settings.OPERATOR_TAX_NUMBER or "onbekend"
    return (
        "<company>"
        + (f"<Commercenr>{_text(number, 100)}</Commercenr>" if number else "")
        + f"<companyName>{_text(name, 255)}</companyName><taxRegistrationCountry>NL</taxRegistrationCountry>"
        f"<taxRegIdent>{_text(tax_number, 30)}</taxRegIdent>\n"
    )


def _funders(fund_ids: Collection[int] | None) -> str:
    """The organisations behind the funds: they pay in and get back what is left, so both customer and supplier."""
    funds = Fund.objects.using(READER).order_by("organisation_id")
    if fund_ids is not None:
        funds = funds.filter(pk__in=fund_ids)
    found = funds.values_list("organisation_id", "organisation__name").distinct()
    items = (
        f"<customerSupplier><custSupID>{_organisation(pk)}</custSupID><custSupName>{_text(name, 50)}</custSupName>"
        "<custSupTp>B</custSupTp></customerSupplier>\n"
        for pk, name in found
    )
    return f"<customersSuppliers>\n{''.join(items)}</customersSuppliers>\n"


def _organisation(pk: int) -> str:
    return f"ORG-{pk}"


def _accounts() -> str:
    items = (
        f"<ledgerAccount><accID>{kind.code}</accID><accDesc>{_text(str(kind.name), 255)}</accDesc>"
        f"<accTp>{'P' if kind.code in COSTS else 'B'}</accTp>"
        + (f"<RGScode>{kind.rgs}</RGScode>" if kind.rgs else "")
        + "</ledgerAccount>\n"
        for kind in CHART.values()
    )
    earlier = _text(_("Result of earlier years"), 255)
    last = f"<ledgerAccount><accID>{EARLIER_RESULT}</accID><accDesc>{earlier}</accDesc><accTp>B</accTp></ledgerAccount>\n"
    return f"<generalLedger>\n{''.join(items)}{last}</generalLedger>\n"


def _periods(year: int) -> str:
    firsts = [date(year, month, 1) for month in range(1, 13)]
    lasts = [first - timedelta(days=1) for first in [*firsts[1:], date(year + 1, 1, 1)]]
    items = (
        f"<period><periodNumber>{number}</periodNumber><startDatePeriod>{first}</startDatePeriod>"
        f"<endDatePeriod>{last}</endDatePeriod></period>\n"
        for number, (first, last) in enumerate(zip(firsts, lasts, strict=True), start=1)
    )
    return f"<periods>\n{''.join(items)}</periods>\n"


def _opening_balance(before: QuerySet[Transfer]) -> str:
    """What stood on each account before the year began; debit above zero."""
    balances: dict[int, int] = {}
    for side, sign in (("debit", 1), ("credit", -1)):
        for code, cents in before.values_list(f"{side}__kind_id").annotate(cents=Sum("amount_cents")):
            account = EARLIER_RESULT if code in COSTS else code
            balances[account] = balances.get(account, 0) + sign * cents
    open_ones = sorted((code, cents) for code, cents in balances.items() if cents)
    items = (
        f"<obLine><nr>{number}</nr><accID>{code}</accID><amnt>{decimal(abs(cents))}</amnt>"
        f"<amntTp>{'D' if cents > 0 else 'C'}</amntTp></obLine>\n"
        for number, (code, cents) in enumerate(open_ones, start=1)
    )
    totals = _totals(len(open_ones), sum(cents for _, cents in open_ones if cents > 0))
    return f"<openingBalance>\n{totals}{''.join(items)}</openingBalance>\n"


def _journal(journal: Journal, found: QuerySet[Transfer], told: Told | None) -> Iterator[str]:
    yield f"<journal><jrnID>{journal.id}</jrnID><desc>{journal.name}</desc><jrnTp>{journal.type}</jrnTp>\n"
    yield from _transactions(rows(found, told=told))
    yield "</journal>\n"


def _transactions(found: Iterable[Row]) -> Iterator[str]:
    entry_id = number = 0
    for row in found:
        if row.entry_id != entry_id:
            yield ("</transaction>\n" if entry_id else "") + _transaction(row)
            entry_id, number = row.entry_id, 0
        yield _lines(row, number)
        number += 2
    if entry_id:
        yield "</transaction>\n"


def _transaction(row: Row) -> str:
    user = f"<User>{row.made_by_id}</User>" if row.made_by_id else ""
    return (
        f"<transaction><nr>{row.entry_id}</nr><desc>{_text(f'{row.kind} {row.source}'.strip(), 999)}</desc>"
        f"<periodNumber>{row.effective_on.month}</periodNumber><trDt>{row.effective_on}</trDt>"
        f"<Source>{_text(row.kind, 999)}</Source>{user}\n"
    )


def _lines(row: Row, number: int) -> str:
    """The two lines of a transfer: debit first."""
    source = _text(row.source or f"entry:{row.entry_id}", 255)
    head = f"<docRef>{source}</docRef><effDate>{row.effective_on}</effDate><amnt>{decimal(row.amount_cents)}</amnt>"
    funder = f"<custSupID>{_organisation(row.organisation_id)}</custSupID>"
    sides = ((row.debit_code, "D", row.debit_key), (row.credit_code, "C", row.credit_key))
    return "".join(
        f"<trLine><nr>{number + place}</nr><accID>{code}</accID>{head}<amntTp>{side}</amntTp>{funder}"
        + (f"<project>{_text(subject, 999)}</project>" if subject else "")
        + "</trLine>\n"
        for place, (code, side, subject) in enumerate(sides, start=1)
    )
