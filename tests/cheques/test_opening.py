"""Which cheque a code opens, and how guessing is slowed."""

import itertools
from datetime import datetime, timedelta

import pytest
from django.conf import settings as site
from django.utils import timezone

from cheques import codes, opening, tasks
from cheques import operations as cheques
from cheques.models import Cheque, FailedTries
from tests import cast
from tests.cast import NOW
from tests.crowd import at_once, kinds

KOFFIEHUIS = "192.0.2.0/24"
BIBLIOTHEEK = "198.51.100.0/24"
SECONDS_OF_WAITING = (15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600)


class Letter:
    """A cheque with its letter in somebody's hand."""

    def __init__(self, cheque: Cheque) -> None:
        drawn = codes.draw(pepper=site.CODE_PEPPER)
        stored = drawn.stored
        Cheque.objects.filter(pk=cheque.pk).update(
            selector=stored.selector,
            salt=stored.salt,
            secret_digest=stored.secret_digest,
            token_digest=stored.token_digest,
        )
        self.cheque = cheque
        self.code = drawn.printed_code
        self.fragment = f"{drawn.selector}.{drawn.token}"

    def guess(self, number: int = 1) -> str:
        """A code with the selector of this letter and some other secret, its check symbol right."""
        return with_check(self.code[:4] + self.code[5:7] + f"{number:09d}")


def with_check(data: str) -> str:
    """The code that begins so: of all last symbols one fits."""
    for symbol in codes.ALPHABET:
        try:
            codes.read(data + symbol)
        except codes.Mistyped:
            continue
        return data + symbol
    raise AssertionError(data)


def letters(count: int) -> list[Letter]:
    here = cast.world()
    cast.dwellings(here, count)
    run = cast.issued(here, cast.funded(here))
    return [Letter(cheque) for cheque in run.cheques.order_by("pk")]


def type_in(code: str, *, now: datetime = NOW, block: str = KOFFIEHUIS) -> Cheque:
    return opening.cheque_of_code(code, address_block=block, now=now)


def fail(code: str, *, now: datetime = NOW, block: str = KOFFIEHUIS) -> None:
    with pytest.raises(opening.UnknownCode):
        type_in(code, now=now, block=block)


@pytest.mark.django_db
def test_a_code_and_a_qr_open_their_own_cheque() -> None:
    one, two = letters(2)
    assert type_in(one.code) == one.cheque
    assert type_in(two.code.lower().replace("-", " ")) == two.cheque
    assert opening.cheque_of_token(one.fragment) == one.cheque
    assert opening.cheque_of_token(two.fragment) == two.cheque
    assert not FailedTries.objects.exists()


@pytest.mark.django_db
def test_a_wrong_secret_and_an_unknown_selector_get_the_same_answer() -> None:
    one, two = letters(2)
    unknown = with_check("ZZZZZZ123456789")
    fail(one.guess())
    fail(unknown)
    Cheque.objects.filter(pk=two.cheque.pk).update(salt=None, secret_digest=None, token_digest=None)
    fail(two.code)
    for fragment in (two.fragment, one.fragment[:7] + two.fragment[7:], "ZZZZZZ" + one.fragment[6:]):
        with pytest.raises(opening.UnknownCode):
            opening.cheque_of_token(fragment)
    with pytest.raises(codes.NotAFragment):
        opening.cheque_of_token("https://buurtpot.example")


@pytest.mark.django_db
def test_a_used_expired_frozen_or_voided_cheque_opens_and_says_so_when_it_is_used() -> None:
    """The holder of the letter gets to see what happened with it."""
    used, late, stopped, revoked = letters(4)
    cheques.activate(cheque_id=used.cheque.pk, now=NOW)
    Cheque.objects.filter(pk=late.cheque.pk).update(state=Cheque.State.EXPIRED)
    Cheque.objects.filter(pk=stopped.cheque.pk).update(frozen=True)
    Cheque.objects.filter(pk=revoked.cheque.pk).update(state=Cheque.State.VOIDED)
    refusals = (cheques.AlreadyActivated, cheques.Expired, cheques.Frozen, cheques.Voided)
    for letter, refusal in zip((used, late, stopped, revoked), refusals, strict=True):
        assert type_in(letter.code) == opening.cheque_of_token(letter.fragment) == letter.cheque
        with pytest.raises(refusal):
            cheques.check_usable(cheque=type_in(letter.code), now=NOW)


@pytest.mark.django_db
def test_a_typo_costs_no_try() -> None:
    (letter,) = letters(1)
    wrong = "Y" if letter.code[-1] != "Y" else "X"
    for typo, refusal in (
        (letter.code[:-1] + wrong, codes.Mistyped),
        (letter.code[:-1] + "!", codes.Mistyped),
        (letter.code[:-1], codes.WrongLength),
        ("", codes.WrongLength),
    ):
        for _ in range(20):
            with pytest.raises(refusal):
                type_in(typo)
    assert not FailedTries.objects.exists()
    assert type_in(letter.code) == letter.cheque


@pytest.mark.django_db
def test_after_three_failures_on_a_letter_the_waits_grow_to_an_hour_and_no_further() -> None:
    (letter,) = letters(1)
    # From another place each time, so that only the letter is slowed.
    blocks = (f"10.0.{number}.0/24" for number in itertools.count())
    for _ in range(opening.FREE["selector"]):
        fail(letter.guess(), block=next(blocks))
    now = NOW
    for seconds in SECONDS_OF_WAITING:
        fail(letter.guess(), now=now, block=next(blocks))
        until = now + timedelta(seconds=seconds)
        for moment in (now, until - timedelta(seconds=1)):
            with pytest.raises(opening.TooManyTries) as refusal:
                type_in(letter.code, now=moment, block=next(blocks))
            assert refusal.value.until == until
        now = until
    # Who waited gets in, also after all that.
    assert type_in(letter.code, now=now, block=next(blocks)) == letter.cheque


@pytest.mark.django_db
def test_waiting_in_vain_does_not_make_the_wait_longer() -> None:
    (letter,) = letters(1)
    for _ in range(4):
        fail(letter.guess())
    for _ in range(10):
        with pytest.raises(opening.TooManyTries):
            type_in(letter.guess())
    assert FailedTries.objects.get(subject__startswith="selector:").failures == 4
    fail(letter.guess(), now=NOW + timedelta(seconds=15))


@pytest.mark.django_db
def test_the_qr_is_never_slowed() -> None:
    (letter,) = letters(1)
    for _ in range(4):
        fail(letter.guess())
    with pytest.raises(opening.TooManyTries):
        type_in(letter.code)
    for _ in range(20):
        with pytest.raises(opening.UnknownCode):
            opening.cheque_of_token(letter.fragment[:7] + "0" * codes.TOKEN_LENGTH)
    assert opening.cheque_of_token(letter.fragment) == letter.cheque


@pytest.mark.django_db
def test_a_right_code_is_not_counted_and_makes_nothing_good() -> None:
    letter, other = letters(2)
    for _ in range(50):
        assert type_in(other.code) == other.cheque
    for _ in range(3):
        fail(letter.guess())
    assert type_in(letter.code) == letter.cheque
    fail(letter.guess())
    with pytest.raises(opening.TooManyTries):
        type_in(letter.code)


@pytest.mark.django_db
def test_who_guesses_all_over_the_town_is_slowed_where_they_sit() -> None:
    *many, mine = letters(12)
    for letter in many[:10]:
        fail(letter.guess())
    assert type_in(mine.code) == mine.cheque
    fail(many[10].guess())
    with pytest.raises(opening.TooManyTries) as refusal:
        type_in(mine.code)
    assert refusal.value.until == NOW + timedelta(seconds=15)
    # Somebody elsewhere notices nothing.
    assert type_in(mine.code, block=BIBLIOTHEEK) == mine.cheque


@pytest.mark.django_db
def test_a_thousand_failures_slow_the_whole_site_for_typed_codes_only() -> None:
    letter, guessed = letters(2)
    FailedTries.objects.create(subject="site", failures=opening.FREE["site"] - 1, wait_until=NOW)
    fail(guessed.guess())
    assert type_in(letter.code, block=BIBLIOTHEEK) == letter.cheque
    soon = NOW + timedelta(seconds=opening.SITE_SECONDS)
    fail(guessed.guess(), now=soon)
    with pytest.raises(opening.TooManyTries) as refusal:
        type_in(letter.code, now=soon, block=BIBLIOTHEEK)
    assert refusal.value.until == soon + timedelta(seconds=opening.SITE_SECONDS)
    assert opening.cheque_of_token(letter.fragment) == letter.cheque


@pytest.mark.django_db
def test_however_many_strangers_go_on_guessing_who_waits_a_moment_gets_in() -> None:
    """They guess as soon as they can, from everywhere: the wait of who types a right code does not move along."""
    (letter,) = letters(1)
    FailedTries.objects.create(subject="site", failures=5 * opening.FREE["site"], wait_until=NOW)
    numbers = itertools.count()
    refused_since, longest, times = None, timedelta(0), 0
    for second in range(1, 30):
        now = NOW + timedelta(seconds=second)
        try:
            assert type_in(letter.code, now=now, block=BIBLIOTHEEK) == letter.cheque
        except opening.TooManyTries:
            times += 1
            refused_since = refused_since or now
            longest = max(longest, now - refused_since + timedelta(seconds=1))
        else:
            refused_since = None
            number = next(numbers)
            fail(with_check(f"ZZZZ{number:02d}123456789"), now=now, block=f"10.0.{number}.0/24")
    assert (longest <= timedelta(seconds=opening.SITE_SECONDS), times > 5) == (True, True)


@pytest.mark.django_db
def test_failures_at_the_whole_site_halve_every_hour() -> None:
    (letter,) = letters(1)
    FailedTries.objects.create(subject="site", failures=4 * opening.FREE["site"], wait_until=NOW)
    fail(letter.guess(), now=NOW + timedelta(hours=1))
    assert FailedTries.objects.get(subject="site").failures == 2 * opening.FREE["site"] + 1
    FailedTries.objects.filter(subject="site").update(failures=opening.FREE["site"], wait_until=NOW)
    # One guess an hour keeps nothing closed.
    for hour in range(1, 4):
        now = NOW + timedelta(hours=hour)
        fail(with_check(f"ZZZZ{hour:02d}123456789"), now=now)
        assert type_in(letter.code, now=now) == letter.cheque


@pytest.mark.django_db
def test_staff_hear_once_that_somebody_is_guessing(caplog: pytest.LogCaptureFixture) -> None:
    letters(1)
    FailedTries.objects.create(subject="site", failures=opening.FREE["site"] - 2, wait_until=NOW)
    for number in range(10):
        fail(with_check(f"ZZZZ{number:02d}123456789"), block=f"10.0.{number}.0/24")
    assert [(one.levelname, "guessing" in one.message) for one in caplog.records] == [("ERROR", True)]


@pytest.mark.django_db
def test_failures_are_forgotten_a_day_after_the_last_wait() -> None:
    (letter,) = letters(1)
    for _ in range(4):
        fail(letter.guess())
    waited = NOW + timedelta(seconds=15)
    fail(letter.guess(), now=waited + opening.FORGOTTEN_AFTER)
    assert FailedTries.objects.get(subject__startswith="selector:").failures == 5
    much_later = waited + 2 * opening.FORGOTTEN_AFTER + timedelta(seconds=31)
    for _ in range(3):
        fail(letter.guess(), now=much_later)
    assert type_in(letter.code, now=much_later) == letter.cheque


@pytest.mark.django_db
def test_the_sweep_takes_away_failures_that_count_no_more_and_no_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old, recent = letters(2)
    fail(old.guess(), block=KOFFIEHUIS)
    much_later = NOW + opening.FORGOTTEN_AFTER + timedelta(seconds=1)
    fail(recent.guess(), now=much_later, block=BIBLIOTHEEK)
    assert FailedTries.objects.count() == 5
    monkeypatch.setattr(timezone, "now", lambda: much_later)
    tasks.sweep()
    left = {"site", f"selector:{codes.read(recent.code).selector}", f"block:{BIBLIOTHEEK}"}
    assert set(FailedTries.objects.values_list("subject", flat=True)) == left


def test_guesses_at_the_same_moment_are_all_counted(own_database: str) -> None:
    (letter,) = letters(1)
    outcomes = at_once(*(lambda number=number: type_in(letter.guess(number)) for number in range(20)))
    assert set(kinds(outcomes)) <= {"UnknownCode", "TooManyTries"}
    failed = kinds(outcomes).count("UnknownCode")
    assert failed >= 4
    assert set(FailedTries.objects.values_list("failures", flat=True)) == {failed}
