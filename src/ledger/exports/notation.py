"""How the files write amounts and moments."""

from datetime import UTC, datetime


def decimal(cents: int, *, point: str = ".") -> str:
    """Two places, no separator of thousands: 750 is "7.50"."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}{point}{abs(cents) % 100:02d}"


def moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
