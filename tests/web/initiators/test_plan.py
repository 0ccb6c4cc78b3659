"""Writing a plan, changing it and sending it."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from campaigns import operations
from campaigns.models import Campaign, Initiator, State
from cheques.runs import last_day
from programmes import operations as programmes
from programmes.models import Programme
from tests import cast
from tests.cast import NOW, TODAY
from tests.web.clock import Clock
from tests.web.initiators.street import Street, client, draft, street

NEW = reverse("new_campaign")


def filled_in(at: Street, **changes: str) -> dict[str, str]:
    """A plan with two costs and an empty row."""
    plan = {
        "kind": "person",
        "name": "Fatma Yıldız",
        "registration_number": "",
        "place": at.place,
        "title": "Een bank op het Irisplein",
        "summary": "Zitten onder de boom.",
        "story": "Je kunt nergens zitten.",
        "theme": "seat",
        "deadline": (TODAY + timedelta(days=30)).isoformat(),
        "lines-TOTAL_FORMS": "3",
        "lines-INITIAL_FORMS": "0",
    }
    rows = (
        ("Bank", "1.234,50", "material", "Bouwmarkt"),
        ("Werk", "100", "work", ""),
        ("", "", "material", ""),
    )
    for at_row, row in enumerate(rows):
        names = ("description", "amount", "category", "supplier")
        plan |= {f"lines-{at_row}-{name}": value for name, value in zip(names, row, strict=True)}
    return plan | changes


def limit(at: Street, max_target_cents: int) -> None:
    """A new version of the rules."""
    programmes.publish_rules(
        programme=at.programme,
        rules=programmes.RuleSet(cheque_value_cents=750, max_target_cents=max_target_cents),
        published_by=at.here.karin,
        now=NOW,
    )


def errors(answer: Any) -> set[str]:
    return set(answer.context["form"].errors)


@pytest.mark.django_db
def test_a_plan_becomes_a_draft_and_is_checked_before_it_is_sent() -> None:
    at = street()
    browser = client(at.here.fatma)
    answer = browser.post(NEW, filled_in(at))
    campaign = Campaign.objects.get()
    assert answer["Location"] == reverse("submit_campaign", args=[campaign.slug])
    assert (campaign.state, campaign.target_cents, campaign.rules) == (
        State.DRAFT,
        133_450,
        at.programme.rules,
    )
    assert (campaign.initiator.user, campaign.initiator.name) == (at.here.fatma, "Fatma Yıldız")
    assert last_day(campaign.deadline) == TODAY + timedelta(days=30)
    lines = campaign.budget_lines.values_list("description", "amount_cents", "category", "supplier")
    assert list(lines) == [("Bank", 123_450, "material", "Bouwmarkt"), ("Werk", 10_000, "work", "")]

    checked = browser.get(answer["Location"])
    assert "Je kunt nergens zitten." in checked.content.decode()
    assert Campaign.objects.get().state == State.DRAFT
    sent = browser.post(answer["Location"])
    assert sent["Location"] == reverse("mine_campaign", args=[campaign.slug])
    campaign.refresh_from_db()
    assert (campaign.state, campaign.submitted_at) == (State.SUBMITTED, NOW)


@pytest.mark.django_db
def test_sending_the_form_twice_makes_one_draft_with_what_was_sent_last() -> None:
    at = street()
    browser = client(at.here.fatma)
    browser.post(NEW, filled_in(at))
    browser.post(NEW, filled_in(at, summary="Rusten onder de boom."))
    assert Campaign.objects.get().summary == "Rusten onder de boom."
    assert Initiator.objects.count() == 1
    browser.post(NEW, filled_in(at, title="Nog een bank"))
    assert Campaign.objects.count() == 2


@pytest.mark.django_db
def test_sending_the_form_again_after_the_plan_was_sent_makes_no_second_draft() -> None:
    at = street()
    browser = client(at.here.fatma)
    browser.post(NEW, filled_in(at))
    campaign = Campaign.objects.get()
    browser.post(reverse("submit_campaign", args=[campaign.slug]))
    again = browser.post(NEW, filled_in(at, summary="Rusten onder de boom."), follow=True)
    assert again.redirect_chain == [(reverse("mine_campaign", args=[campaign.slug]), 302)]
    assert "Your plan is sent already." in again.content.decode()
    sent = Campaign.objects.get()
    assert (sent.state, sent.summary) == (State.SUBMITTED, "Zitten onder de boom.")


@pytest.mark.django_db
def test_sending_the_form_again_after_the_plan_was_not_approved_mends_that_plan() -> None:
    at = street()
    browser = client(at.here.fatma)
    browser.post(NEW, filled_in(at))
    campaign = Campaign.objects.get()
    operations.submit(campaign_id=campaign.pk, now=NOW)
    operations.refuse(campaign_id=campaign.pk, by=at.here.bea, reason="Welke boom?", now=NOW)
    answer = browser.post(NEW, filled_in(at, summary="Zitten onder de linde."))
    assert answer["Location"] == reverse("submit_campaign", args=[campaign.slug])
    assert Campaign.objects.get().summary == "Zitten onder de linde."


@pytest.mark.django_db
def test_a_plan_of_the_same_title_on_another_day_is_another_plan(clock: Clock) -> None:
    """The control of the two tests above."""
    at = street()
    browser = client(at.here.fatma)
    for _ in range(2):
        browser.post(NEW, filled_in(at))
        clock.advance(timedelta(days=1))
    assert Campaign.objects.count() == 2


@pytest.mark.django_db
def test_sending_to_be_read_twice_does_it_once_and_says_so(clock: Clock) -> None:
    at = street()
    campaign = draft(at)
    browser = client(at.here.fatma)
    address = reverse("submit_campaign", args=[campaign.slug])
    browser.post(address)
    clock.advance(timedelta(hours=1))
    again = browser.post(address, follow=True)
    assert again.redirect_chain == [(reverse("mine_campaign", args=[campaign.slug]), 302)]
    assert "Your plan is sent already." in again.content.decode()
    campaign.refresh_from_db()
    assert campaign.submitted_at == NOW


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", ""),
        ("story", " "),
        ("kind", "robot"),
        ("theme", "war"),
        ("place", ""),
        ("place", "1:999999"),
        ("deadline", "soon"),
        ("deadline", (TODAY + timedelta(days=13)).isoformat()),
        ("deadline", (TODAY + timedelta(days=184)).isoformat()),
    ],
)
def test_a_wrong_answer_is_named_at_its_field_and_the_rest_stays(name: str, value: str) -> None:
    at = street()
    answer = client(at.here.fatma).post(NEW, filled_in(at, **{name: value}))
    assert errors(answer) == {name}
    assert "Zitten onder de boom." in answer.content.decode()
    assert not Campaign.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("days", [14, 183])
def test_the_first_and_the_last_possible_day_are_possible(days: int) -> None:
    at = street()
    client(at.here.fatma).post(NEW, filled_in(at, deadline=(TODAY + timedelta(days=days)).isoformat()))
    assert last_day(Campaign.objects.get().deadline) == TODAY + timedelta(days=days)


@pytest.mark.django_db
def test_one_collects_no_longer_than_the_programme_runs() -> None:
    at = street()
    Programme.objects.update(ends_on=TODAY + timedelta(days=29))
    assert errors(client(at.here.fatma).post(NEW, filled_in(at))) == {"deadline"}
    Programme.objects.update(ends_on=TODAY + timedelta(days=30))
    assert client(at.here.fatma).post(NEW, filled_in(at)).status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("number", ["", "1234567", "abcdefgh"])
def test_a_legal_entity_gives_its_number(number: str) -> None:
    at = street()
    answer = client(at.here.fatma).post(NEW, filled_in(at, kind="entity", registration_number=number))
    assert errors(answer) == {"registration_number"}


@pytest.mark.django_db
def test_a_club_opens_a_campaign_under_its_own_name() -> None:
    at = street()
    changes = {"kind": "entity", "name": "Speeltuinvereniging", "registration_number": "12345678"}
    client(at.here.fatma).post(NEW, filled_in(at, **changes))
    initiator = Campaign.objects.get().initiator
    assert (initiator.kind, initiator.name, initiator.registration_number) == tuple(changes.values())
    again = client(at.here.fatma).get(NEW)
    assert again.context["form"].initial["name"] == "Speeltuinvereniging"


@pytest.mark.django_db
@pytest.mark.parametrize("amount", ["veel", "-5", "0", "12,345"])
def test_a_cost_that_is_no_amount_is_named_at_its_row(amount: str) -> None:
    at = street()
    answer = client(at.here.fatma).post(NEW, filled_in(at, **{"lines-1-amount": amount}))
    assert [set(row) for row in answer.context["lines"].errors] == [set(), {"amount"}, set()]
    assert f'value="{amount}"' in answer.content.decode()


@pytest.mark.django_db
def test_a_row_with_only_a_shop_asks_for_the_rest() -> None:
    at = street()
    answer = client(at.here.fatma).post(NEW, filled_in(at, **{"lines-2-supplier": "Kiosk"}))
    assert set(answer.context["lines"].errors[2]) == {"description", "amount"}


@pytest.mark.django_db
def test_a_plan_without_costs_is_sent_back() -> None:
    at = street()
    nothing = {f"lines-{row}-{name}": "" for row in (0, 1) for name in ("description", "amount", "supplier")}
    assert errors(client(at.here.fatma).post(NEW, filled_in(at, **nothing))) == {"__all__"}


@pytest.mark.django_db
def test_a_plan_above_the_limit_of_the_programme_is_sent_back_and_leaves_nothing() -> None:
    at = street()
    limit(at, 133_449)
    answer = client(at.here.fatma).post(NEW, filled_in(at))
    assert errors(answer) == {"__all__"}
    assert "€1,334.49" in answer.content.decode()
    assert (Campaign.objects.count(), Initiator.objects.count()) == (0, 0)
    limit(at, 133_450)
    assert client(at.here.fatma).post(NEW, filled_in(at)).status_code == 302


@pytest.mark.django_db
def test_one_more_row_without_script_keeps_what_was_typed_and_judges_nothing() -> None:
    at = street()
    answer = client(at.here.fatma).post(NEW, filled_in(at, title="", add_line="1"))
    page = answer.content.decode()
    assert [form["description"].value() for form in answer.context["lines"]] == ["Bank", "Werk", "", None]
    assert 'value="1.234,50"' in page
    assert "field-wrong" not in page
    assert not Campaign.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("count", ["-1", "many", "", "100000"])
def test_a_made_up_number_of_rows_breaks_nothing(count: str) -> None:
    at = street()
    for button in ({}, {"add_line": "1"}):
        answer = client(at.here.fatma).post(NEW, filled_in(at, **{"lines-TOTAL_FORMS": count, **button}))
        assert answer.status_code == 200


@pytest.mark.django_db
def test_the_rules_are_open_where_there_is_one_host_and_closed_where_there_are_more() -> None:
    at = street()
    browser = client(at.here.fatma)
    assert browser.get(NEW).content.decode().count("<details open>") == 1
    noorderwal = cast.elsewhere(at.here)
    cast.programme(noorderwal)
    page = browser.get(NEW).content.decode()
    assert (page.count("<details>"), page.count("<details open>")) == (2, 0)


@pytest.mark.django_db
def test_where_no_programme_runs_nothing_can_be_started() -> None:
    at = street()
    Programme.objects.update(closed_at=NOW)
    answer = client(at.here.fatma).post(NEW, filled_in(at))
    assert answer.status_code == 200
    assert not Campaign.objects.exists()


@pytest.mark.django_db
def test_a_draft_is_changed_as_a_whole() -> None:
    at = street()
    campaign = draft(at)
    browser = client(at.here.fatma)
    address = reverse("change_campaign", args=[campaign.slug])
    shown = browser.get(address)
    assert shown.context["form"].initial["title"] == "A garden"
    assert shown.context["lines"].forms[0].initial["amount"] == "40,00"
    answer = browser.post(address, filled_in(at))
    assert answer["Location"] == reverse("submit_campaign", args=[campaign.slug])
    campaign.refresh_from_db()
    assert (campaign.title, campaign.target_cents) == ("Een bank op het Irisplein", 133_450)
    assert Campaign.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["change_campaign", "submit_campaign"])
def test_a_plan_that_was_sent_is_not_changed_any_more(page: str) -> None:
    at = street()
    campaign = draft(at)
    operations.submit(campaign_id=campaign.pk, now=NOW)
    answer = client(at.here.fatma).post(reverse(page, args=[campaign.slug]), filled_in(at))
    assert answer["Location"] == reverse("mine_campaign", args=[campaign.slug])
    campaign.refresh_from_db()
    assert campaign.title == "A garden"


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["change_campaign", "submit_campaign"])
def test_a_strangers_plan_is_not_found(page: str) -> None:
    at = street()
    campaign = draft(at)
    address = reverse(page, args=[campaign.slug])
    assert client(at.here.bea).get(address).status_code == 404
    assert client(at.here.bea).post(address, filled_in(at)).status_code == 404
    assert client(None).get(address).status_code == 302
    assert client(at.here.fatma).get(address).status_code == 200


@pytest.mark.django_db
def test_a_plan_that_would_end_within_a_week_is_not_sent() -> None:
    at = street()
    campaign = draft(at)
    Campaign.objects.update(deadline=NOW + timedelta(days=7))
    browser = client(at.here.fatma)
    address = reverse("submit_campaign", args=[campaign.slug])
    assert browser.post(address).status_code == 200
    Campaign.objects.update(deadline=NOW + timedelta(days=7, seconds=1))
    assert browser.post(address).status_code == 302
