"""Samples: by hand, in every shape, and out of the books."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from hashlib import sha256

import pytest
from django.db import connections, transaction
from hypothesis import given
from hypothesis import strategies as st

from books import sampling
from books.sampling import BETWEEN, MOST_ITEMS, Flow, Method, Question, Sample
from ledger import operations as ledger
from ledger import population
from ledger.chart import Code
from ledger.population import Item, Population
from tests.books.road import Road, travelled
from tests.ledger import sealing
from tests.ledger.small_books import SmallBooks, book, small_books
from tests.ledger.together import beside

AMOUNTS = st.lists(st.integers(1, 10**9), min_size=1, max_size=60)
SEEDS = st.text(max_size=30)


def picked(method: Method, size: int, seed: str, amounts: Sequence[int]) -> Sample:
    items = [Item(10 * number, cents) for number, cents in enumerate(amounts, start=1)]
    empty = Sample(Question(method, size, seed), len(items), sum(amounts), 99, 0, 0, ())
    return sampling.pick(empty, iter(items))


def places(sample: Sample) -> list[int]:
    return [hit.place for hit in sample.hits]


# By hand.


def test_a_monetary_sample_by_hand() -> None:
    """€ 30,00 in six transfers, three asked for, seed 1: the example of docs/auditor.md.

    The interval is 3000 / 3 = 1000 cents. SHA-256 of "1:1" modulo 1000 is 955, so the cents 956, 1956 and 2956 are drawn.

    | transfer | amount | running total | holds |
    | --- | --- | --- | --- |
    | 1 | 450 | 450 | |
    | 2 | 200 | 650 | |
    | 3 | 1200 | 1850 | 956 |
    | 4 | 50 | 1900 | |
    | 5 | 300 | 2200 | 1956 |
    | 6 | 800 | 3000 | 2956 |
    """
    sample = picked(Method.MONETARY, 3, "1", [450, 200, 1200, 50, 300, 800])
    assert int(sha256(b"1:1").hexdigest(), 16) % 1000 == 955
    assert (sample.interval_cents, sample.start_cents) == (1_000, 956)
    assert [(hit.place, hit.transfer_id, hit.up_to_cents, hit.certain) for hit in sample.hits] == [
        (3, 30, 1_850, True),
        (5, 50, 2_200, False),
        (6, 60, 3_000, False),
    ]


def test_one_amount_larger_than_two_intervals_counts_more_than_once() -> None:
    sample = picked(Method.MONETARY, 3, "1", [100, 2_800, 50, 50])
    assert [(hit.place, hit.times, hit.certain) for hit in sample.hits] == [(2, 2, True), (4, 1, False)]


def test_a_random_sample_by_hand() -> None:
    """Five of six, seed 1: SHA-256 of "1:1", "1:2", … modulo 6, plus 1. The fifth and sixth came before and are drawn anew."""
    drawn = [int(sha256(f"1:{number}".encode()).hexdigest(), 16) % 6 + 1 for number in range(1, 8)]
    assert drawn == [2, 4, 5, 3, 2, 3, 1]
    assert places(picked(Method.RANDOM, 5, "1", [100] * 6)) == [1, 2, 3, 4, 5]


def test_chance_is_the_same_on_every_machine() -> None:
    """Written down here, so that nobody changes how it is drawn: every sample of an earlier year would be another one."""
    assert sampling.chance("1", 1) % 10**12 == 105479208955
    assert sampling.chance("Jaarrekening 2026 é", 7) % 10**12 == 957019793561


# In every shape.


@given(AMOUNTS, st.integers(1, 80), SEEDS)
def test_every_transfer_of_an_interval_or_more_is_drawn(amounts: list[int], size: int, seed: str) -> None:
    sample = picked(Method.MONETARY, size, seed, amounts)
    large = {place for place, cents in enumerate(amounts, start=1) if cents >= sample.interval_cents}
    if not sample.is_all:
        assert large <= set(places(sample))
        assert large == {hit.place for hit in sample.hits if hit.certain} or sample.interval_cents == 1


@given(AMOUNTS, st.integers(1, 80), SEEDS)
def test_each_drawn_euro_lies_in_one_transfer_and_there_are_as_many_as_fit(
    amounts: list[int], size: int, seed: str
) -> None:
    sample = picked(Method.MONETARY, size, seed, amounts)
    if sample.is_all:
        assert places(sample) == list(range(1, len(amounts) + 1))
        return
    total, interval = sum(amounts), sample.interval_cents
    assert 1 <= sample.start_cents <= interval
    drawn = range(sample.start_cents, total + 1, interval)
    assert sum(hit.times for hit in sample.hits) == len(drawn)
    for hit in sample.hits:
        within = [cent for cent in drawn if hit.up_to_cents - hit.amount_cents < cent <= hit.up_to_cents]
        assert len(within) == hit.times
    if total >= size * size:
        assert len(drawn) in (size, size + 1)


@given(AMOUNTS, st.integers(1, 80), SEEDS)
def test_a_random_sample_has_as_many_as_asked_for_and_none_twice(
    amounts: list[int], size: int, seed: str
) -> None:
    sample = picked(Method.RANDOM, size, seed, amounts)
    assert len(set(places(sample))) == len(sample.hits) == min(size, len(amounts))
    assert places(sample) == sorted(places(sample))
    assert [amounts[hit.place - 1] for hit in sample.hits] == [hit.amount_cents for hit in sample.hits]


@given(AMOUNTS, st.integers(1, 80), SEEDS, st.sampled_from(Method))
def test_the_same_seed_gives_the_same_sample(
    amounts: list[int], size: int, seed: str, method: Method
) -> None:
    assert picked(method, size, seed, amounts) == picked(method, size, seed, amounts)


@pytest.mark.parametrize("method", Method)
def test_another_seed_gives_another_sample(method: Method) -> None:
    amounts = [100 + number for number in range(400)]
    drawn = {tuple(places(picked(method, 10, str(seed), amounts))) for seed in range(50)}
    assert len(drawn) > 30


def test_every_transfer_has_its_chance() -> None:
    """Over many seeds: ten of a hundred are drawn as often as one expects, within five standard deviations."""
    times = [0] * 100
    for seed in range(2_000):
        for place in places(picked(Method.RANDOM, 10, str(seed), [1] * 100)):
            times[place - 1] += 1
    assert all(abs(count - 200) < 5 * (2_000 * 0.1 * 0.9) ** 0.5 for count in times)


@pytest.mark.parametrize("seed", ["1", "9" * 100, "Wijkkracht ✓", "=1+1", " ", ""])
def test_any_text_is_a_seed(seed: str) -> None:
    assert len(picked(Method.RANDOM, 3, seed, [100] * 9).hits) == 3


# Out of the books.


@pytest.fixture
def road(own_database: str) -> Road:
    return travelled()


def year(road: Road, flow: Flow = Flow.ALL) -> Population:
    return Population([road.programme.fund_id], date(2026, 1, 1), date(2026, 12, 31), between=BETWEEN[flow])


@pytest.mark.parametrize(
    ("flow", "amounts"),
    [
        (Flow.DEPOSITS, [10_000]),
        (Flow.ACTIVATED, [500] * 4),
        (Flow.GIFTS, [500] * 4),
        (Flow.DONATIONS, []),
        (Flow.PAYOUTS, [2_000]),
        (Flow.RECEIPTS, [1_867, 133]),
    ],
)
def test_a_kind_of_transfers_is_that_and_of_the_own_funds_alone(
    road: Road, flow: Flow, amounts: list[int]
) -> None:
    """A third of what was paid out (€ 30,00), shown (€ 28,00) and sent back (€ 2,00) is the municipality's."""
    sample = sampling.draw(of=year(road, flow), question=Question(Method.RANDOM, 100, "1"))
    assert [hit.amount_cents for hit in sample.hits] == amounts
    assert (sample.count, sample.total_cents, sample.is_all) == (len(amounts), sum(amounts), True)


def test_a_sample_stays_what_it_was_while_the_books_grow(road: Road) -> None:
    question = Question(Method.MONETARY, 5, "1")
    before = sampling.draw(of=year(road), question=question)
    again = Population(**{**vars(year(road)), "up_to": before.last_entry_id})
    book("later", *[(*_bank_and_budget(road), 7)] * 3)
    assert sampling.draw(of=again, question=question) == before
    assert sampling.draw(of=year(road), question=question).count == before.count + 3


def test_what_is_still_being_booked_never_comes_into_a_sample_that_was_drawn(own_database: str) -> None:
    """An entry under way has a lower number than one that is there already."""
    small = small_books()
    of = Population([small.fund], date(2026, 1, 1), date(2026, 12, 31))
    question = Question(Method.RANDOM, 100, "1")
    draw = partial(_drawn_beside, of, question)
    with transaction.atomic():
        book("under way", (small.bank, small.pot, 100))
        later = beside(partial(book, "later", (small.bank, small.pot, 200))).result().entry_id
        with pytest.raises(population.NotSettled):
            beside(partial(draw, patience=0.1)).result()
        drawing = beside(draw)
    sample = drawing.result()
    assert [hit.amount_cents for hit in sample.hits] == [100, 200]
    again = Population(**{**vars(of), "up_to": later})
    assert sampling.draw(of=again, question=question) == sample


def test_a_number_that_was_not_drawn_yet_does_not_hold_a_place_for_what_comes(own_database: str) -> None:
    small = small_books()
    book("one", (small.bank, small.pot, 100))
    of = Population([small.fund], date(2026, 1, 1), date(2026, 12, 31), up_to=10**6)
    with transaction.atomic():
        book("under way", (small.bank, small.pot, 100))
        with pytest.raises(population.NotSettled):
            beside(partial(_drawn_beside, of, Question(Method.RANDOM, 5, "1"), patience=0.1)).result()


def test_of_what_is_sealed_a_sample_is_drawn_again_whatever_is_being_booked(own_database: str) -> None:
    small = small_books()
    last = book("one", (small.bank, small.pot, 100)).entry_id
    sealing.seal()
    of = Population([small.fund], date(2026, 1, 1), date(2026, 12, 31), up_to=last)
    with transaction.atomic():
        book("under way", (small.bank, small.pot, 100))
        drawing = beside(partial(_drawn_beside, of, Question(Method.RANDOM, 5, "1"), patience=0))
        assert drawing.result().count == 1


def test_on_a_replica_that_lags_a_sample_is_of_what_is_sealed_there(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(population, "read_on_a_replica", lambda: True)
    small = small_books()
    book("one", (small.bank, small.pot, 100))
    sealing.seal()
    book("not sealed", (small.bank, small.pot, 200))
    of = Population([small.fund], date(2026, 1, 1), date(2026, 12, 31))
    drawn = sampling.draw(of=of, question=Question(Method.RANDOM, 5, "1"))
    assert [hit.amount_cents for hit in drawn.hits] == [100]


def _drawn_beside(of: Population, question: Question, *, patience: float = 20) -> Sample:
    """In a thread of its own, whose connections are closed when it ends."""
    try:
        return sampling.draw(of=of, question=question, patience=patience)
    finally:
        connections.close_all()


def _bank_and_budget(road: Road) -> tuple[int, int]:
    bank, budget = (
        ledger.account(fund_id=road.programme.fund_id, code=code) for code in (Code.BANK, Code.BUDGET)
    )
    return bank, budget


def test_the_order_in_which_the_database_finds_rows_does_not_matter(own_database: str) -> None:
    """Dates against the order of numbers, and a plan that would return them by date."""
    small: SmallBooks = small_books()
    for day in range(28, 0, -1):
        book(f"day {day}", (small.bank, small.budget, 100 + day), on=date(2026, 2, day))
    of = Population([small.fund], date(2026, 2, 1), date(2026, 2, 28))
    question = Question(Method.MONETARY, 5, "1")
    first = sampling.draw(of=of, question=question)
    with connections["reader"].cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute("SET enable_sort = off")
    assert sampling.draw(of=of, question=question) == first
    rows = [row for _hit, row in sampling.rows_of(first.hits)]
    assert [row.transfer_id for row in rows] == sorted(row.transfer_id for row in rows)
    assert rows[0].effective_on > rows[-1].effective_on


@pytest.mark.parametrize("size", [0, -1, MOST_ITEMS + 1])
def test_a_sample_of_none_or_of_too_many_is_refused(road: Road, size: int) -> None:
    with pytest.raises(ValueError, match="a sample of"):
        sampling.draw(of=year(road), question=Question(Method.RANDOM, size, "1"))


def test_of_nothing_nothing_is_drawn(road: Road) -> None:
    nothing = Population([road.programme.fund_id], date(2019, 1, 1), date(2019, 12, 31))
    for method in Method:
        sample = sampling.draw(of=nothing, question=Question(method, 25, "1"))
        assert (sample.count, sample.hits, sample.last_entry_id) == (0, (), 0)
