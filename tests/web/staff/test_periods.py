"""Thea proposes to close the books; Tim, the other treasurer, decides."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from ledger import periods
from people.models import Role, User
from tests import cast
from tests.cast import NOW, TODAY
from tests.web.staff.street import Street, as_

PAGE = reverse("staff_periods")


@pytest.fixture
def tim(here: Street) -> User:
    return cast.person("Tim", here.world.operator, Role.TREASURER)


@pytest.fixture
def nothing_waits(here: Street) -> None:
    periods.withdraw(proposal_id=here.closing.pk, now=NOW)


def test_one_proposes_and_another_closes_after_a_question(
    here: Street, tim: User, nothing_waits: None
) -> None:
    thea = as_(here.world.thea)
    assert "De boeken zijn open vanaf 1 januari 2026." in thea.get(PAGE).content.decode()
    page = thea.post(PAGE, {"ends_on": "2026-10-31"}, follow=True).content.decode()
    assert "U stelt voor om te sluiten tot en met 31 oktober 2026." in page
    proposal = periods.waiting()
    assert proposal is not None
    close = reverse("staff_close_period", args=[proposal.pk])
    assert f'href="{close}"' not in page
    question = as_(tim).get(close).content.decode()
    assert "De boeken sluiten tot en met 31 oktober 2026?" in question
    assert "Niemand kan die dag weer openen." in question
    page = as_(tim).post(close, follow=True).content.decode()
    assert "De boeken zijn gesloten tot en met 31 oktober 2026." in page
    assert "1 januari 2026 – 31 oktober 2026" in page
    assert "Thea, Tim" in page
    assert "Over dit voorstel is al beslist." in as_(tim).post(close, follow=True).content.decode()
    assert as_(tim).get(close).status_code == 404


def test_who_proposed_cannot_close(here: Street) -> None:
    close = reverse("staff_close_period", args=[here.closing.pk])
    answer = as_(here.world.thea).get(close)
    assert "Ja, sluit de boeken" not in answer.content.decode()
    assert as_(here.world.thea).post(close).status_code == 403
    assert not periods.closed().exists()


def test_a_proposal_is_withdrawn_after_a_question(here: Street, tim: User) -> None:
    withdraw = reverse("staff_withdraw_closing", args=[here.closing.pk])
    assert "Dit voorstel intrekken?" in as_(tim).get(withdraw).content.decode()
    assert periods.waiting() == here.closing
    page = as_(tim).post(withdraw, follow=True).content.decode()
    assert "De boeken blijven open." in page
    assert periods.waiting() is None
    assert "al beslist" in as_(tim).post(withdraw, follow=True).content.decode()
    assert as_(tim).get(withdraw).status_code == 404


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("", "Vul dit in."),
        ("31-31-2026", "geldige datum"),
        ("2026-11-23", "Deze dag is nog niet voorbij."),
        ("2099-01-01", "Deze dag is nog niet voorbij."),
        ("2025-12-31", "De boeken zijn open vanaf 1 januari 2026."),
    ],
)
def test_a_day_that_cannot_be_closed_is_told_why(
    here: Street, nothing_waits: None, day: str, told: str
) -> None:
    answer = as_(here.world.thea).post(PAGE, {"ends_on": day})
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert periods.waiting() is None


def test_a_second_proposal_waits_for_the_first(here: Street) -> None:
    answer = as_(here.world.thea).post(PAGE, {"ends_on": "2026-10-31"})
    assert answer.status_code == 422
    assert "Decide" not in answer.content.decode()
    assert periods.waiting() == here.closing


def test_who_decides_sees_what_is_not_settled(here: Street, tim: User) -> None:
    """The money that nobody knows came in today, so a closing up to yesterday does not tell of it."""
    periods.withdraw(proposal_id=here.closing.pk, now=NOW)
    tomorrow = NOW + timedelta(days=1)
    proposal = periods.propose(ends_on=TODAY, by=here.world.thea, now=tomorrow)
    question = as_(tim).get(reverse("staff_close_period", args=[proposal.pk])).content.decode()
    assert "Er zijn ontvangsten die niemand herkent" in question
    assert "€\u00a0123,00" in question


def test_reading_takes_as_many_queries_whatever_was_closed(
    here: Street, tim: User, nothing_waits: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for month in range(1, 11):
        last = date(2026, month + 1, 1) - timedelta(days=1)
        proposal = periods.propose(ends_on=last, by=here.world.thea, now=NOW)
        periods.approve(proposal_id=proposal.pk, by=tim, now=NOW)
    client = as_(tim)
    client.get(PAGE)
    with django_assert_max_num_queries(14):
        client.get(PAGE)
