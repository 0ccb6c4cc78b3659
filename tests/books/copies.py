"""A row of the road written once more: by the statement that the application would have sent."""

from tests.ledger.roles import run

# A payout that waits for a second person, beside the one of the road.
ANOTHER_PAYOUT = {
    "state": "'proposed'",
    "approved_by_id": "NULL",
    "approved_at": "NULL",
    "end_to_end_id": "gen_random_uuid()::text::varchar(35)",
    "leftover_reference": "substr(gen_random_uuid()::text, 1, 25)",
    "run_id": "NULL",
    "confirmed_on": "NULL",
}


def copied(table: str, changes: dict[str, str]) -> str:
    """Inserts the first row of a table again, with a number of its own. `changes`: column -> SQL of what stands there instead."""
    found = run(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = %s AND column_name <> 'id' ORDER BY ordinal_position",
        table,
    )
    columns = [name for (name,) in found]
    assert changes.keys() <= set(columns), changes
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(changes.get(name, f'first."{name}"') for name in columns)
    return f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} AS first ORDER BY first.id LIMIT 1"  # noqa: S608 - ours
