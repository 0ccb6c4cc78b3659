"""All invariants of the whole, after whatever a test did."""

from books import checks


def wrong() -> dict[str, object]:
    """Name of a rule -> what breaks it."""
    return {check.name: check.found for check in checks.run() if not check.ok}


def assert_sound() -> None:
    assert wrong() == {}
