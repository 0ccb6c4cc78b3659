"""Filters of the auditor's pages: the words for what stands in the books."""

from django import template
from django.utils.translation import gettext

from books import words as books_words
from books.evidence import Evidence, Fact
from books.models import Export
from ledger.chart import CHART, Code
from web.auditors import words
from web.look import formats

register = template.Library()


@register.filter
def kind_words(kind: str) -> books_words.Words:
    return books_words.kind_words(kind)


@register.filter
def subject_words(key: str) -> str:
    return books_words.subject_words(key)


@register.filter
def export_words(kind: str) -> books_words.Words:
    return words.EXPORTS[kind]


@register.filter
def export_state(state: str) -> books_words.Words:
    return words.EXPORT_STATES[state]


@register.filter
def export_period(export: Export) -> books_words.Words:
    if export.since is None or export.until is None:
        return words.WHOLE_HISTORY
    return words.period_words(export.since, export.until)


@register.filter
def fund_words(kind: str) -> books_words.Words:
    return words.fund_words(kind)


@register.filter
def known_amount(cents: int | None) -> str:
    """An amount, or that nobody knows it."""
    return gettext("unknown") if cents is None else formats.amount(cents)


@register.filter
def code_name(code: int) -> books_words.Words:
    """The name of a code of the chart."""
    return CHART[Code(code)].name


@register.filter
def thing_words(evidence: Evidence) -> books_words.Words:
    return books_words.THINGS[evidence.thing]


@register.filter
def fact_name(fact: Fact) -> books_words.Words:
    return words.NAMES[fact.name]


@register.filter
def fact_value(fact: Fact) -> str:
    return words.fact_words(fact)


@register.inclusion_tag("web/auditors/evidence_facts.html")
def evidence_facts(evidence: Evidence) -> dict[str, Evidence]:
    """What is known of a thing, with who made and who approved it."""
    return {"evidence": evidence}
