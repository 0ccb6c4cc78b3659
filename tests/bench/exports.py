"""What the files of a million transfers cost, and what others say of them.

    python -m tests.bench.exports

The books are filled as the owner, in a database of their own: cheques issued in runs, activated and given, and donations with
their fee, over a year and a few days of the year before; then they are sealed. Each command runs in a process of its own and
tells its peak (VmHWM). The audit file is judged by `pyxaf` and added up, the journal for Beancount by `bean-check`, the sealed
one by `verify_books.py`.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pyxaf
from lxml import etree

from common import embedded
from tests.bench.server import Host, host
from tests.bench.talk import ROOT

MOST_MB = 100
TRANSFERS = 1_000_000
FUNDS = 4
CAMPAIGNS = 250  # of each fund
RUNS = 5  # of each fund
YEAR = 2026
DATABASE = "exported"
XAF = "{http://www.odb.belastingdienst.nl/Belastingdienst/BCPP/1.1/structures/XmlauditfileXAF_4.0}"

# Called with the arguments of manage.py; the last line that it prints is its peak in kB.
COMMAND = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""

# Cheques and campaigns are numbered from 0 and belong to fund n % FUNDS. %(cheques)s of them: four transfers for each.
FILL = """
INSERT INTO people_organisation (id, kind, name, slug, is_operator, registration_number, helpline, desk, return_address,
                                 brand, brand_strong, brand_tint, page, corners, paving)
SELECT n, 'foundation', 'Organisatie ' || n, 'organisatie-' || n, n = 1, '', '', '', '', '#5A1E4A', '#431437', '#F6EBF2',
       '#F7F5F8', 'round', 'bricks' FROM generate_series(1, %(funds)s) n;
INSERT INTO people_user (id, password, email, name, language, is_active, date_joined)
SELECT n, '!', 'maker' || n || '@example.nl', 'Maker ' || n, 'nl', true, now() FROM generate_series(1, 2) n;
INSERT INTO ledger_fund (id, kind, name, organisation_id, currency, opened_at, first_day)
SELECT n, 'programme', 'Buurtcheques ' || n, n, 'EUR', now(), date '2025-01-01' FROM generate_series(1, %(funds)s) n;

-- Accounts: bank, clearing, budget and costs of each fund are 1 to 16; pots from 100; cheques from a million, purses from two.
INSERT INTO ledger_account (id, fund_id, code, key, name, balance_cents, guarded, pooled, debit_side)
SELECT 4 * (f - 1) + k.place, f, k.code, '', '', CASE WHEN k.pooled THEN NULL ELSE 0 END, k.guarded, k.pooled, k.debit_side
FROM generate_series(1, %(funds)s) f, (SELECT *, row_number() OVER (ORDER BY code) AS place FROM ledger_kind
                                       WHERE code IN (1000, 1100, 2000, 4000)) k
UNION ALL
SELECT 100 + n, n %% %(funds)s + 1, 2300, 'campaign:' || n, 'Initiatief ' || n, NULL, true, true, false
FROM generate_series(0, %(pots)s - 1) n
UNION ALL
SELECT 1000000 + n, n %% %(funds)s + 1, 2100, 'cheque:' || n, '', 0, true, false, false FROM generate_series(0, %(cheques)s - 1) n
UNION ALL
SELECT 2000000 + n, n %% %(funds)s + 1, 2200, 'purse:' || n, '', 0, true, false, false FROM generate_series(0, %(cheques)s - 1) n;

-- Entries: a deposit for each fund from 1; runs from 100; activations, gifts and donations each from a million on.
INSERT INTO ledger_transfer (entry_id, fund_id, debit_id, credit_id, amount_cents)
SELECT n, n, 4 * n - 3, 4 * n - 1, 750 * (%(cheques)s / %(funds)s) + 12345 FROM generate_series(1, %(funds)s) n
UNION ALL
SELECT 100 + n %% (%(funds)s * %(runs)s), n %% %(funds)s + 1, 4 * (n %% %(funds)s) + 3, 1000000 + n, 750
FROM generate_series(0, %(cheques)s - 1) n
UNION ALL
SELECT 1000000 + n, n %% %(funds)s + 1, 1000000 + n, 2000000 + n, 750 FROM generate_series(0, %(cheques)s - 1) n
UNION ALL
SELECT 2000000 + n, n %% %(funds)s + 1, 2000000 + n, 100 + n %% %(pots)s, 500 FROM generate_series(0, %(cheques)s - 1) n
UNION ALL
SELECT 3000000 + n, n %% %(funds)s + 1, 4 * (n %% %(funds)s) + 2, 100 + n %% %(pots)s, 1000 + n %% 977
FROM generate_series(0, %(cheques)s / 2 - 1) n
UNION ALL
SELECT 3000000 + n, n %% %(funds)s + 1, 4 * (n %% %(funds)s) + 4, 4 * (n %% %(funds)s) + 2, 32
FROM generate_series(0, %(cheques)s / 2 - 1) n
ORDER BY 1;
INSERT INTO ledger_entry (id, key, kind, source, effective_on, booked_at, made_by_id, approved_by_id, root)
SELECT e.id, 'bench:' || e.id, e.kind, e.source, e.day, e.day + time '12:00' AT TIME ZONE 'UTC', e.maker, e.approver, lines.root
FROM (
    SELECT n AS id, 'bank funding' AS kind, 'statement:' || n AS source, date '2025-12-30' AS day, NULL::int AS maker,
           NULL::int AS approver FROM generate_series(1, %(funds)s) n
    UNION ALL
    SELECT 100 + n, 'cheques issued', 'run:' || n, date '2026-01-02' + n, 1, 2 FROM generate_series(0, %(funds)s * %(runs)s - 1) n
    UNION ALL
    SELECT 1000000 + n, 'cheque activated', 'cheque:' || n, date '2026-02-01' + n %% 300, NULL, NULL
    FROM generate_series(0, %(cheques)s - 1) n
    UNION ALL
    SELECT 2000000 + n, 'gift', 'campaign:' || n %% %(pots)s, date '2026-02-02' + n %% 300, NULL, NULL
    FROM generate_series(0, %(cheques)s - 1) n
    UNION ALL
    SELECT 3000000 + n, 'donation', 'donation:' || n, date '2026-01-01' + n %% 365, NULL, NULL
    FROM generate_series(0, %(cheques)s / 2 - 1) n) e
JOIN (
    SELECT t.entry_id,
           ledger_tree(string_agg(ledger_leaf(ledger_transfer_line(f, d, c, t.amount_cents)), ''::bytea ORDER BY t.id)) AS root
    FROM ledger_transfer t JOIN ledger_fund f ON f.id = t.fund_id
    JOIN ledger_account d ON d.id = t.debit_id JOIN ledger_account c ON c.id = t.credit_id
    GROUP BY t.entry_id) AS lines ON lines.entry_id = e.id
ORDER BY e.id;
SELECT setval('ledger_entry_id_seq', (SELECT max(id) FROM ledger_entry));
UPDATE ledger_account a SET balance_cents = moved.cents * CASE WHEN a.debit_side THEN 1 ELSE -1 END
FROM (SELECT account_id, sum(cents) AS cents
      FROM (SELECT debit_id AS account_id, amount_cents AS cents FROM ledger_transfer
            UNION ALL SELECT credit_id, -amount_cents FROM ledger_transfer) AS sides
      GROUP BY account_id) AS moved
WHERE a.id = moved.account_id AND NOT a.pooled;
"""


TOTAL = """
SELECT sum(t.amount_cents)::bigint FROM ledger_transfer t JOIN ledger_entry e ON e.id = t.entry_id
WHERE e.effective_on BETWEEN '2026-01-01' AND '2026-12-31'
"""

FILES: dict[str, tuple[str, ...]] = {
    "csv": ("export_journal", "--format", "csv"),
    "jsonl": ("export_journal", "--format", "jsonl"),
    "xlsx": ("export_journal", "--format", "xlsx"),
    "beancount": ("export_journal", "--format", "beancount"),
    "xaf": ("export_auditfile", "--year", str(YEAR)),
}


@dataclass(frozen=True)
class Written:
    """What writing one file took."""

    path: Path
    seconds: float
    peak_mb: float


def fill(server: Host, database: str, transfers: int) -> None:
    """Books of about so many transfers, in a database that has nothing but its tables."""
    sizes = {"funds": FUNDS, "runs": RUNS, "pots": FUNDS * CAMPAIGNS, "cheques": transfers // 4}
    with psycopg.connect(server.url(database, embedded.OWNER), autocommit=True) as owner:
        # Made from our own text and numbers alone.
        owner.execute((FILL % sizes).encode())
        owner.execute("VACUUM ANALYZE")


def write(server: Host, database: str, *command: str, output: Path) -> Written:
    """Runs a command of manage.py that writes this file. Raises CalledProcessError."""
    began = time.monotonic()
    printed = manage(server, database, *command, "--output", str(output))
    return Written(output, time.monotonic() - began, int(printed[-1]) / 1024)


def manage(server: Host, database: str, *words: str) -> list[str]:
    """Runs a command of manage.py; gives what it prints. Raises CalledProcessError."""
    command = [sys.executable, "-c", COMMAND, *words]
    done = subprocess.run(
        command, env=server.environment(database), stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout.split()


def lines(server: Host, transfers: int = TRANSFERS) -> Iterator[dict[str, Any]]:
    """Peak and seconds of each file, and what others find in two of them."""
    server.create(DATABASE)
    server.migrate(DATABASE)
    fill(server, DATABASE, transfers)
    manage(server, DATABASE, "seal")
    with TemporaryDirectory(prefix="exports.") as folder:
        for kind, command in FILES.items():
            written = write(server, DATABASE, *command, output=Path(folder) / f"journal.{kind}")
            against = f"{transfers} transfers"
            yield _line(f"export_{kind}_memory", round(written.peak_mb, 1), "MB", against, MOST_MB)
            yield _line(f"export_{kind}_seconds", round(written.seconds, 1), "s", against, None)
            if kind == "jsonl":
                yield from _verdict_on_seals(server, written.path)
            if kind == "xaf":
                yield from _second_opinion_of_audit_file(server, written.path)
            elif kind == "beancount":
                yield _line("export_beancount_errors", bean_check(written.path), "errors", "bean-check", 0)
            written.path.unlink()
    server.drop(DATABASE)


def _verdict_on_seals(server: Host, path: Path) -> Iterator[dict[str, Any]]:
    with psycopg.connect(server.url(DATABASE, embedded.READER)) as reader:
        [public] = reader.execute("SELECT encode(public, 'hex') FROM ledger_key").fetchall()
    command = [sys.executable, "-I", str(ROOT / "verify_books.py"), str(path), "--key", *public]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    yield _line("export_jsonl_unsound", done.returncode, "exit status", "verify_books.py", 0)
    rate = int(done.stdout.splitlines()[-1].split()[0].replace(",", ""))
    yield _line("export_jsonl_verified", rate, "entries/s of one core", "verify_books.py", None)


def _second_opinion_of_audit_file(server: Host, path: Path) -> Iterator[dict[str, Any]]:
    yield _line(
        "export_xaf_findings", len(list(pyxaf.validate(path, xsd=True).findings)), "findings", "pyxaf", 0
    )
    with psycopg.connect(server.url(DATABASE, embedded.READER)) as reader:
        row = reader.execute(TOTAL).fetchone()
    difference = sum(amounts(path)) - 2 * int(row[0] if row else 0)
    yield _line("export_xaf_difference", abs(difference), "cents", "the ledger's own sum", 0)


def amounts(path: Path) -> Iterator[int]:
    """The amount of every line of the audit file, in cents."""
    for _event, line in etree.iterparse(path, tag=f"{XAF}trLine"):
        yield int((line.findtext(f"{XAF}amnt") or "").replace(".", ""))
        line.clear()
        while line.getprevious() is not None:
            del line.getparent()[0]


def bean_check(path: Path) -> int:
    """How many lines of complaints it has."""
    command = [Path(sys.executable).with_name("bean-check"), path]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return max(len(done.stdout.splitlines()), done.returncode)


def _line(name: str, value: float, unit: str, against: str, target: float | None) -> dict[str, Any]:
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "against": against,
        "ratio": None,
        "target": target,
        "ok": target is None or value <= target,
    }


def run() -> list[dict[str, Any]]:
    """All of it on a server of its own."""
    with host() as server:
        return list(lines(server))


if __name__ == "__main__":
    with host() as started:
        for found in lines(started):
            sys.stdout.write(json.dumps(found) + "\n")
            sys.stdout.flush()
