"""What an auditor chooses: fund and period, and what to look for. Sent by GET."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NotRequired, TypedDict

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from books.models import Export
from books.pack import Drawing
from web.auditors.scope import Scope
from web.auditors.words import EXPORTS
from web.look.widgets import DateInput, MomentInput


@dataclass(frozen=True)
class Choice:
    """The funds and days that a page is about. Both days included. `booked_by`: as the books stood at that moment."""

    fund_ids: list[int]
    since: date
    until: date
    text: str
    booked_by: datetime | None = None


def moment_field() -> forms.DateTimeField:
    return forms.DateTimeField(label=_("As booked up to (may be empty)"), required=False, widget=MomentInput)


class PeriodForm(forms.Form):
    """First and last day; where one says nothing or is no day, it is the standard one."""

    since = forms.DateField(label=_("From"), required=False, widget=DateInput)
    until = forms.DateField(label=_("Up to and including"), required=False, widget=DateInput)
    moment = moment_field()

    def __init__(self, data: QueryDict, *, today: date) -> None:
        self.standard = {"since": date(today.year, 1, 1), "until": today}
        shown = {name: day.isoformat() for name, day in self.standard.items()}
        super().__init__(shown | data.dict(), auto_id="period_%s")

    def period(self) -> "Days":
        self.full_clean()
        since, until = (self.cleaned_data.get(name) or day for name, day in self.standard.items())
        return {"since": since, "until": max(since, until), "booked_by": self.cleaned_data.get("moment")}


class Days(TypedDict):
    """The days of a statement, as `ledger.statements.statement` takes them."""

    since: date
    until: date
    booked_by: datetime | None


class ExportForm(forms.Form):
    """Which file, of which funds and days. Sent by POST."""

    kind = forms.ChoiceField(label=pgettext_lazy("auditor", "File"), choices=tuple(EXPORTS.items()))
    fund = forms.ChoiceField(label=_("Fund"), required=False)
    since = forms.DateField(label=_("From"), widget=DateInput)
    until = forms.DateField(label=_("Up to and including"), widget=DateInput)

    def __init__(self, data: QueryDict | None, *, scope: Scope, initial: dict[str, Any], today: date) -> None:
        standard = {"since": date(today.year, 1, 1), "until": today}
        super().__init__(data, initial=standard | initial, auto_id="export_%s")
        funds = [(str(fund.pk), fund.name) for fund in scope.funds]
        self.fields["fund"] = forms.ChoiceField(
            label=_("Fund"), required=False, choices=[("", _("All funds")), *funds]
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", _("This day comes before the first. Choose a later one."))
        return cleaned

    def choice(self) -> "Wanted":
        found = self.cleaned_data
        return {
            "kind": Export.Kind(found["kind"]),
            "fund_id": int(found["fund"]) if found["fund"] else None,
            "since": found["since"],
            "until": found["until"],
        }


class Wanted(TypedDict):
    """What somebody asks for, as `books.exports.ask` takes it."""

    kind: Export.Kind
    fund_id: int | None
    since: date
    until: date
    drawing: NotRequired[Drawing]


class FilterForm(forms.Form):
    """Every field may be left out: then it is all funds, the standard period, and nothing in particular."""

    fund = forms.ChoiceField(label=_("Fund"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=DateInput)
    until = forms.DateField(label=_("Up to and including"), required=False, widget=DateInput)
    q = forms.CharField(
        label=_("Find an entry, amount or reference"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "autocomplete": "off"}),
    )

    def __init__(
        self, data: QueryDict, *, scope: Scope, since: date = date.min, until: date = date.max
    ) -> None:
        # What is not in the address shows what the page is about all the same.
        period = {"since": since, "until": until}
        shown = {name: day.isoformat() for name, day in period.items() if day not in (date.min, date.max)}
        super().__init__(shown | data.dict(), auto_id="filter_%s")
        self.standard = Choice(scope.fund_ids, since, until, "")
        funds = [(str(fund.pk), fund.name) for fund in scope.funds]
        self.fields["fund"] = forms.ChoiceField(
            label=_("Fund"), required=False, choices=[("", _("All funds")), *funds]
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", _("This day comes before the first. Choose a later one."))
        return cleaned

    def choice(self) -> Choice:
        """What was chosen, with the standard for whatever could not be read."""
        self.full_clean()
        found = self.cleaned_data
        fund = found.get("fund")
        since, until = found.get("since") or self.standard.since, found.get("until") or self.standard.until
        return Choice(
            [int(fund)] if fund else self.standard.fund_ids,
            since,
            max(since, until),
            found.get("q", ""),
            found.get("moment"),
        )


class BalanceForm(FilterForm):
    """For the trial balance: also as the books stood at a moment."""

    moment = moment_field()
    field_order = ("fund", "since", "until", "moment", "q")
