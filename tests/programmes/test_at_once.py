"""Two who publish rules or ask for money at the same moment."""

from functools import partial

from programmes import operations as programmes
from programmes.models import Programme, Rules
from programmes.operations import RuleSet
from tests import cast
from tests.cast import NOW
from tests.crowd import at_once, gave, kinds


def test_rules_published_at_once_are_versions_after_each_other(own_database: str) -> None:
    here = cast.world()
    made = cast.programme(here)

    def publish(value_cents: int) -> Rules:
        return programmes.publish_rules(
            programme=Programme.objects.get(pk=made.pk),
            rules=RuleSet(cheque_value_cents=value_cents),
            published_by=here.karin,
            now=NOW,
        )

    published = gave(at_once(*[partial(publish, value) for value in (500, 600, 700, 800)]))
    assert sorted(rules.version for rules in published) == [2, 3, 4, 5]


def test_requests_made_at_once_have_references_of_their_own(own_database: str) -> None:
    made = cast.programme(cast.world())
    ask = partial(programmes.request_funding, fund_id=made.fund_id, amount_cents=100, made_by=None, now=NOW)
    assert len({request.reference for request in gave(at_once(*[ask] * 4))}) == 4


def test_the_same_form_with_new_rules_counts_once(own_database: str) -> None:
    here = cast.world()
    made = cast.programme(here)
    publish = partial(
        programmes.publish_rules,
        programme=made,
        rules=RuleSet(cheque_value_cents=500),
        published_by=here.karin,
        now=NOW,
        after=1,
    )
    assert kinds(at_once(*[publish] * 4)) == ["Rules"] + ["RulesChanged"] * 3
    assert made.rules.version == 2


def test_the_same_form_that_asks_for_money_counts_once(own_database: str) -> None:
    made = cast.programme(cast.world())
    ask = partial(
        programmes.request_funding, fund_id=made.fund_id, amount_cents=100, made_by=None, now=NOW, after=1
    )
    assert kinds(at_once(*[ask] * 4)) == ["AskedMeanwhile"] * 3 + ["FundingRequest"]
    assert made.fund.funding_requests.count() == 2
