"""What the database reads to answer a question: counted, so that a test needs no clock."""

import json
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.ledger.roles import run


def rows_read(question: Callable[[], object]) -> int:
    """How many rows of the books the database looks at to answer, by its own account. Totals and accounts are not counted."""
    with CaptureQueriesContext(connection) as asked:
        question()
    return sum(_of_books(_plan(query["sql"])) for query in asked if _reads(query["sql"]))


def _reads(sql: str) -> bool:
    return sql.lstrip().startswith(("SELECT", "WITH"))


def _plan(sql: str) -> dict[str, Any]:
    [(plans,)] = run("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + sql.replace("%", "%%"))
    found: dict[str, Any] = (json.loads(plans) if isinstance(plans, str) else plans)[0]["Plan"]
    return found


def _of_books(plan: dict[str, Any]) -> int:
    own = 0
    if plan.get("Relation Name") in {"ledger_transfer", "ledger_entry"}:
        looked_at = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
        own = int(looked_at * plan["Actual Loops"])
    return own + sum(_of_books(part) for part in plan.get("Plans", ()))
