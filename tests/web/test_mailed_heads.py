"""The newest head, mailed daily to auditors."""

from datetime import datetime, timedelta

import pytest
from django.core.mail import EmailMultiAlternatives

from ledger import heads
from people.models import Membership, Role, User
from tests import cast
from tests.cast import NOW
from tests.ledger.sealing import seal
from tests.ledger.small_books import SmallBooks, book, small_books
from tests.post import delivered
from web import news

# The seals of the tests are of the day before, so of `NOW`.
MORNING = datetime(2026, 11, 24, 6, 0, tzinfo=NOW.tzinfo)
DAY = timedelta(days=1)


@pytest.fixture
def small(db: None) -> SmallBooks:
    small = small_books()
    book("arrived", (small.bank, small.budget, 10_000))
    return small


@pytest.fixture
def mees(small: SmallBooks) -> User:
    return cast.person("Mees", small.klinker, Role.AUDITOR)


def mailed(now: datetime = MORNING) -> list[EmailMultiAlternatives]:
    """All mails until now, after we looked twice."""
    news.mail_heads(now=now)
    news.mail_heads(now=now + timedelta(minutes=20))
    return delivered(now=now + timedelta(minutes=20))


def test_every_auditor_gets_the_newest_head_of_the_day_before_and_nobody_else(
    small: SmallBooks, mees: User
) -> None:
    Membership.objects.create(user=mees, organisation=small.klinker, role=Role.STAFF, since=NOW)
    gone = cast.person("Otto", small.klinker, Role.AUDITOR)
    Membership.objects.filter(user=gone).update(until=NOW)
    seal()
    book("later", (small.bank, small.budget, 1))
    seal()
    (mail,) = mailed()
    head = heads.latest_head() or ""
    assert (mail.to, mail.subject) == ([mees.email], "Zegel 2 op de boeken van Stichting Buurtpot")
    html = str(mail.alternatives[0][0])
    for text in (str(mail.body), html):
        assert f"verify_books.py journal.jsonl --expect-head {head}" in text
        assert "23 november 2026, 14.00\N{NO-BREAK SPACE}uur" in text
        assert "Bewaar deze mail." in text
        assert "/zegels/2/" in text


def test_in_english_for_who_reads_english(small: SmallBooks, mees: User) -> None:
    User.objects.update(language="en")
    seal()
    (mail,) = mailed()
    assert "Keep this mail." in str(mail.body)
    assert "1 entry is in it." in str(mail.body)


def test_the_next_day_there_is_a_mail_only_when_something_was_sealed(
    small: SmallBooks, mees: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert mailed() == []  # nothing is sealed
    seal()
    assert mailed(NOW) == []  # sealed today: that is for tomorrow
    assert len(mailed()) == 1
    assert len(mailed(MORNING + DAY)) == 1
    book("later", (small.bank, small.budget, 1))
    monkeypatch.setattr("tests.ledger.sealing.NOW", NOW + DAY)
    seal()
    assert len(mailed(MORNING + DAY)) == 2
    assert len(mailed(MORNING + 2 * DAY)) == 2
