"""The bench in small: it does not say how fast the books are, only that all of it still runs and that what it fills is sound."""

from collections.abc import Iterator

import pytest

from tests.bench import growth
from tests.bench.lines import HORDAK_PYTHON, Bench, Line, Sizes, rounds, time_line
from tests.bench.server import Host, host

TINY = Sizes(
    clients=2, rounds=1, seconds=1, tpcb_scale=1, purses=100, lines=100, issues=1, few=100, many=2000
)


@pytest.fixture(scope="module")
def server() -> Iterator[Host]:
    with host() as server:
        yield server


@pytest.fixture(scope="module")
def bench(server: Host) -> Bench:
    return Bench(server, TINY)


def names(lines: list[Line]) -> list[str]:
    assert all(line.value > 0 and line.ratio > 0 for line in lines)
    return [line.name for line in lines]


def test_the_posting_function_is_measured_beside_insert_and_tpcb(bench: Bench) -> None:
    assert names(list(bench.in_sql())) == ["post_hot_2", "post_random_2", "post_random_2_tpcb"]


def test_what_sealing_costs_is_measured(bench: Bench) -> None:
    assert names(list(bench.sealed())) == ["seal_cost"]


def test_growth_is_measured(bench: Bench) -> None:
    assert names(list(bench.in_time())) == ["post_growth"]


@pytest.mark.skipif(not HORDAK_PYTHON.exists(), reason="django-hordak comes with `make bench`")
def test_the_operations_are_measured_beside_hordak(bench: Bench) -> None:
    assert names(list(bench.with_hordak())) == [
        "post_python_1",
        "post_python_2",
        "issue_100k",
        "balance_100k",
        "balance_100k_pooled",
    ]


def test_a_filled_journal_is_one_that_the_books_find_in_order(bench: Bench, server: Host) -> None:
    server.create("filled", of="opened")
    growth.fill(server, "filled", bench.accounts, 500)
    with bench.buurtpot("filled") as books:
        assert books.ask("check") == [[]]


def test_every_contender_has_its_turn_first() -> None:
    order: list[str] = []

    def turn(name: str) -> float:
        order.append(name)
        return 1.0

    rounds(2, {"ours": lambda: turn("ours"), "theirs": lambda: turn("theirs")})
    assert order == ["ours", "theirs", "theirs", "ours"]


def test_half_the_time_is_twice_as_good() -> None:
    line = time_line(
        "issue", {"ours": [1.0, 2.0, 9.0], "theirs": [2.0, 4.0, 9.0]}, "ours", "theirs", against="", target=2
    )
    assert line.ratio == 2
    assert line.ok
