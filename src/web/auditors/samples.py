"""What an auditor asks a sample of. Sent by GET: the address is all that is needed to draw it again."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from books.sampling import BETWEEN, MOST_ITEMS, Flow, Method, Question
from books.words import FLOWS, METHODS
from ledger.population import Population
from web.auditors.scope import Scope
from web.look.formats import whole
from web.look.widgets import DateInput

STANDARD_SIZE = 25
LARGEST_NUMBER = 2**63 - 1


@dataclass(frozen=True)
class Asked:
    """What is drawn from, and how. `fund_id`: None for all."""

    fund_id: int | None
    flow: Flow
    population: Population
    question: Question

    def query(self, up_to: int) -> str:
        """The address of this very sample, whatever is booked later. `up_to`: the last entry in it."""
        return urlencode(self.fields(up_to))

    def fields(self, up_to: int) -> dict[str, str | int]:
        """The same as fields of a form."""
        return {**self._fields(), "fund": self.fund_id or "", "up_to": up_to}

    def about(self, within: Scope) -> dict[str, str | int]:
        """As the access log keeps it. The fund is empty for all of them."""
        return {**self._fields(), "fund": within.names[self.fund_id] if self.fund_id else ""}

    def _fields(self) -> dict[str, str | int]:
        return {
            "since": self.population.since.isoformat(),
            "until": self.population.until.isoformat(),
            "flow": self.flow.value,
            "method": self.question.method.value,
            "size": self.question.size,
            "seed": self.question.seed,
        }


class SampleForm(forms.Form):
    """Unbound it proposes this year and twenty-five by euro; the seed is the auditor's own."""

    fund = forms.ChoiceField(label=_("Fund"), required=False)
    since = forms.DateField(label=_("From"), widget=DateInput)
    until = forms.DateField(label=_("Up to and including"), widget=DateInput)
    flow = forms.ChoiceField(label=_("Draw from"), choices=tuple(FLOWS.items()))
    method = forms.ChoiceField(label=_("Method"), choices=tuple(METHODS.items()))
    size = forms.IntegerField(label=_("How many"), widget=forms.NumberInput({"min": 1, "max": MOST_ITEMS}))
    seed = forms.CharField(
        label=pgettext_lazy("sample", "Seed"),
        max_length=100,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Fill in a number or a word. With it anybody draws the same sample.")},
    )
    up_to = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_NUMBER)

    def __init__(self, data: QueryDict | None, *, scope: Scope, today: date) -> None:
        initial = {
            "since": date(today.year, 1, 1),
            "until": today,
            "flow": Flow.ALL,
            "method": Method.MONETARY,
            "size": STANDARD_SIZE,
        }
        super().__init__(data, initial=initial, auto_id="sample_%s")
        self.scope = scope
        funds = [(str(fund.pk), fund.name) for fund in scope.funds]
        self.fields["fund"] = forms.ChoiceField(
            label=_("Fund"), required=False, choices=[("", _("All funds")), *funds]
        )
        wrong = _("Fill in a number from 1 to %(most)s.") % {"most": whole(MOST_ITEMS)}
        self.fields["size"].error_messages |= {"invalid": wrong, "required": wrong, "range": wrong}

    def seen(self) -> list[forms.BoundField]:
        """The fields on the page. Which entry is the last stands in addresses only: who asks anew asks of the books now."""
        return [self[name] for name in self.fields if name != "up_to"]

    def clean_size(self) -> int:
        size: int = self.cleaned_data["size"]
        if not 1 <= size <= MOST_ITEMS:
            raise forms.ValidationError(self.fields["size"].error_messages["range"])
        return size

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", _("This day comes before the first. Choose a later one."))
        return cleaned

    def asked(self) -> Asked:
        """What was chosen, of a form that is valid."""
        found = self.cleaned_data
        fund_id = int(found["fund"]) if found["fund"] else None
        flow = Flow(found["flow"])
        return Asked(
            fund_id,
            flow,
            Population(
                [fund_id] if fund_id else self.scope.fund_ids,
                found["since"],
                found["until"],
                BETWEEN[flow],
                found["up_to"],
            ),
            Question(Method(found["method"]), found["size"], found["seed"]),
        )
