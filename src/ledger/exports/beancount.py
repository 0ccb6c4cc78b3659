"""The journal for Beancount, so that `bean-check` gives a second opinion on the books.

The transfers are written one by one; the balance assertions at the end are the balances that the ledger *keeps* (in the rows of
cold accounts, in the checkpoints of pooled ones), less what came after the period. So a program that is not ours adds up what we
wrote, from what stood there at the beginning, and compares it with what our books go by, to the cent.

There is one account for each code and fund, and below it one for each campaign, neighbourhood or district. The accounts of a
cheque, purse, payout, refund, receipt or dispute are taken together: there can be millions, and each posting says whose it is.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from itertools import chain, groupby
from operator import attrgetter
from typing import BinaryIO, NamedTuple

from django.conf import settings
from django.db import connections
from django.db.models import Max, Min

from ledger.chart import Code
from ledger.exports.journal import account_name
from ledger.exports.notation import decimal, moment
from ledger.exports.reading import READER, Row, Told, one_moment, rows, transfers

ROOTS = {
    Code.BANK: "Assets:1000-Bank",
    Code.STRIPE_CLEARING: "Assets:1100-Stripe",
    Code.DISPUTED: "Assets:1200-Disputed",
    Code.BUDGET: "Liabilities:2000-Budget",
    Code.CHEQUES: "Liabilities:2100-Cheques",
    Code.PURSES: "Liabilities:2200-Purses",
    Code.POTS: "Liabilities:2300-Pots",
    Code.PAYOUTS: "Liabilities:2500-Payouts",
    Code.REFUNDS: "Liabilities:2600-Refunds",
    Code.TO_RETURN: "Liabilities:2700-ToReturn",
    Code.RESERVES: "Equity:2800-Reserves",
    Code.UNIDENTIFIED: "Liabilities:2900-Unidentified",
    Code.OPERATOR_MEANS: "Equity:3000-OperatorMeans",
    Code.PAYMENT_COSTS: "Expenses:4000-PaymentCosts",
    Code.OPERATOR_COSTS: "Expenses:4900-OperatorCosts",
    # Memorandum accounts mirror each other, and stay out of what is owned and owed.
    Code.UNACCOUNTED: "Equity:9500-Unaccounted",
    Code.UNACCOUNTED_CONTRA: "Equity:9510-UnaccountedContra",
}
TOGETHER = (Code.DISPUTED, Code.CHEQUES, Code.PURSES, Code.PAYOUTS, Code.REFUNDS, Code.UNIDENTIFIED)
KEY = re.compile("([a-z]+):([0-9]+)")
NOT_IN_A_LINK = re.compile("[^A-Za-z0-9/_.-]")
NOT_IN_A_TEXT = re.compile(r"[\x00-\x1f\x7f]")

# Of every account of the file: what stood on it before the first day, and what is kept of it less what came after the last.
BALANCES = """
WITH outside AS (
    SELECT moved.account_id, sum(moved.cents) FILTER (WHERE e.effective_on < %(since)s) AS before,
           sum(moved.cents) FILTER (WHERE e.effective_on > %(until)s) AS after
    FROM (SELECT entry_id, fund_id, debit_id AS account_id, amount_cents AS cents FROM ledger_transfer
          UNION ALL SELECT entry_id, fund_id, credit_id, -amount_cents FROM ledger_transfer) AS moved
    JOIN ledger_entry e ON e.id = moved.entry_id
    WHERE NOT (e.effective_on BETWEEN %(since)s AND %(until)s)
      AND (%(funds)s::bigint[] IS NULL OR moved.fund_id = ANY (%(funds)s))
    GROUP BY moved.account_id),
kept AS (
    SELECT a.id, a.fund_id, a.code, CASE WHEN a.code = ANY (%(together)s) THEN '' ELSE a.key END AS key,
           CASE WHEN a.code = ANY (%(together)s) THEN '' ELSE a.name END AS name,
           CASE WHEN a.pooled THEN ledger_pooled_balance(a.id, a.debit_side) ELSE a.balance_cents END
               * CASE WHEN a.debit_side THEN 1 ELSE -1 END AS cents
    FROM ledger_account a WHERE %(funds)s::bigint[] IS NULL OR a.fund_id = ANY (%(funds)s))
SELECT k.code, k.fund_id, k.key, min(k.id), max(k.name), f.name,
       coalesce(sum(o.before), 0)::bigint, (sum(k.cents) - coalesce(sum(o.after), 0))::bigint
FROM kept k JOIN ledger_fund f ON f.id = k.fund_id LEFT JOIN outside o ON o.account_id = k.id
GROUP BY k.fund_id, f.name, k.code, k.key ORDER BY k.fund_id, k.code, k.key
"""


class Balance(NamedTuple):
    """What an account of the file stood at before the first day, and stands at after the last. In cents, debit above zero."""

    code: int
    fund_id: int
    key: str
    account_id: int
    name: str
    fund_name: str
    before_cents: int
    after_cents: int

    @property
    def path(self) -> str:
        return _path(self.code, self.fund_id, self.key, self.account_id)


def _path(code: int, fund_id: int, key: str, account_id: int) -> str:
    """The name of an account in the file, such as Liabilities:2300-Pots:F3:Campaign-12."""
    path = f"{ROOTS[Code(code)]}:F{fund_id}"
    if not key or code in TOGETHER:
        return path
    found = KEY.fullmatch(key)
    return f"{path}:{found[1].capitalize()}-{found[2]}" if found else f"{path}:A{account_id}"


def write(
    out: BinaryIO,
    *,
    fund_ids: Collection[int] | None = None,
    since: date = date.min,
    until: date = date.max,
    told: Told | None = None,
) -> int:
    """The transfers of these funds and days with their opening and closing balances; gives the number of transfers.

    `fund_ids`: None for all. Both days included. Words of people stay out.
    """
    with one_moment():
        found = transfers(fund_ids=fund_ids).filter(entry__effective_on__range=(since, until))
        days = found.aggregate(first=Min("entry__effective_on"), last=Max("entry__effective_on"))
        first = days["first"] if since == date.min else since
        last = days["last"] if until == date.max else until
        _write(out, _header())
        if days["first"] is None:
            return 0
        balances = _balances(fund_ids, since, until)
        for part in chain(_opens(balances, first), _before(balances, first)):
            _write(out, part)
        count = 0
        for part, lines in _transactions(rows(found, told=told)):
            _write(out, part)
            count += lines
        for balance in balances:
            # Without a tolerance of its own, Beancount would let a cent pass.
            day = last + timedelta(days=1)
            _write(out, f"{day} balance {balance.path}  {decimal(balance.after_cents)} ~ 0 EUR\n")
    return count


def _write(out: BinaryIO, part: str) -> None:
    out.write(part.encode())


def _header() -> str:
    return (
        "; Each transfer of the journal. The assertions at the end are the balances that the ledger keeps by itself:\n"
        "; `bean-check` adds up the transfers and says where they differ.\n"
        f'option "title" {_text(settings.OPERATOR_NAME)}\n'
        'option "operating_currency" "EUR"\n'
    )


def _text(text: str) -> str:
    return '"' + NOT_IN_A_TEXT.sub(" ", text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _balances(fund_ids: Collection[int] | None, since: date, until: date) -> list[Balance]:
    parameters = {
        "funds": None if fund_ids is None else list(fund_ids),
        "since": since,
        "until": until,
        "together": [int(code) for code in TOGETHER],
    }
    with connections[READER].cursor() as cursor:
        cursor.execute(BALANCES, parameters)
        return [Balance(*row) for row in cursor.fetchall()]


def _opens(balances: Iterable[Balance], day: date) -> Iterator[str]:
    for balance in balances:
        yield (
            f"{day} open {balance.path} EUR\n"
            f"  name: {_text(account_name(balance.code, balance.name))}\n"
            f"  fund: {_text(balance.fund_name)}\n"
        )


def _before(balances: Iterable[Balance], day: date) -> Iterator[str]:
    """What stood there before the first day, a transaction for each fund: its book balances by itself."""
    for fund_id, of_fund in groupby(balances, key=attrgetter("fund_id")):
        lines = [
            f"  {balance.path}  {decimal(balance.before_cents)} EUR\n"
            for balance in of_fund
            if balance.before_cents
        ]
        if lines:
            yield f'{day} * "opening balance" ^fund-{fund_id}\n{"".join(lines)}'


def _transactions(found: Iterable[Row]) -> Iterator[tuple[str, int]]:
    """Parts of the file, each with the number of transfers in it."""
    entry_id = 0
    for row in found:
        if row.entry_id != entry_id:
            entry_id = row.entry_id
            yield _entry(row), 0
        yield _postings(row), 1


def _entry(row: Row) -> str:
    links = [f"entry-{row.entry_id}"]
    if row.source:
        links.append(NOT_IN_A_LINK.sub("-", row.source))
    if row.reverses_id:
        links.append(f"entry-{row.reverses_id}")
    facts = (
        ("made-by", row.made_by_id),
        ("approved-by", row.approved_by_id),
        ("reverses", row.reverses_id),
    )
    return (
        f"{row.effective_on} * {_text(row.kind)} {' '.join(f'^{link}' for link in links)}\n"
        f"  entry: {row.entry_id}\n"
        f"  source: {_text(row.source)}\n"
        f"  booked-at: {_text(moment(row.booked_at))}\n"
    ) + "".join(f"  {name}: {number}\n" for name, number in facts if number)


def _postings(row: Row) -> str:
    """The two sides of a transfer: debit first. A posting on an account that stands for many says whose it is."""
    amount = decimal(row.amount_cents)
    debit = _path(row.debit_code, row.fund_id, row.debit_key, row.debit_id)
    credit = _path(row.credit_code, row.fund_id, row.credit_key, row.credit_id)
    return (
        f"  {debit}  {amount} EUR\n    transfer: {row.transfer_id}\n{_subject(row.debit_code, row.debit_key)}"
        f"  {credit}  -{amount} EUR\n{_subject(row.credit_code, row.credit_key)}"
    )


def _subject(code: int, key: str) -> str:
    return f"    subject: {_text(key)}\n" if code in TOGETHER and key else ""
