"""Slowing down whoever asks very often for something that costs: so often in an hour it is free, then they wait."""

from django.utils import timezone
from django.utils.translation import ngettext

from cheques.opening import TooManyTries, check_wait, count_try


def count(subject: str, *, free: int) -> None:
    """Counts once more for this subject, each hour anew. Raises TooManyTries."""
    now = timezone.now()
    counted = f"{subject}:{now:%Y%m%d%H}"
    check_wait([counted], now)
    count_try(counted, free, now)


def words(error: TooManyTries) -> str:
    """How long to wait."""
    minutes = error.minutes(timezone.now())
    return ngettext(
        "This was tried very often. Wait %(count)d minute and then try again.",
        "This was tried very often. Wait %(count)d minutes and then try again.",
        minutes,
    ) % {"count": minutes}
