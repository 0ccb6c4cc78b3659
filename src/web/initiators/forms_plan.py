"""The plan of a campaign: who, where, what, what it costs and until when."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import BudgetLine, Campaign, Initiator, Theme
from campaigns.operations import PlannedLine
from cheques.runs import last_day
from places.models import Neighbourhood
from web.amounts import AmountField
from web.asking import AskingForm
from web.initiators.offers import Offer, picked
from web.look.formats import long_date
from web.look.widgets import DateInput

SHORTEST = timedelta(days=14)
LONGEST = timedelta(days=183)
MOST_LINES = 30
FIRST_LINES = 3


class PlanForm(AskingForm):
    """Everything but the costs. `today`: to count the time to collect from."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Who starts the initiative?"),
        choices=[
            (Initiator.Kind.PERSON.value, gettext_lazy("I do, with my neighbours")),
            (Initiator.Kind.ENTITY.value, gettext_lazy("An association, foundation or business")),
        ],
        widget=forms.RadioSelect,
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("Neighbours see this name. Of an association: its own name."),
        max_length=70,
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    registration_number = forms.CharField(
        label=gettext_lazy("KvK number"),
        help_text=gettext_lazy("Only for an association, foundation or business. Eight digits."),
        required=False,
        validators=[RegexValidator(r"^[0-9]{8}$", gettext_lazy("A KvK number has eight digits."))],
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    place = forms.ChoiceField(label=gettext_lazy("In which neighbourhood?"))
    title = forms.CharField(
        label=gettext_lazy("Title"),
        help_text=gettext_lazy("Short and clear. For instance: a bench on the Irisplein."),
        max_length=100,
    )
    summary = forms.CharField(
        label=gettext_lazy("Your plan in one sentence"),
        help_text=gettext_lazy("People read this first."),
        max_length=200,
    )
    story = forms.CharField(
        label=gettext_lazy("What are you going to do?"),
        help_text=gettext_lazy("Tell what you want to change, who helps and when you start."),
        max_length=5000,
        widget=forms.Textarea({"rows": 8}),
    )
    theme = forms.ChoiceField(
        label=gettext_lazy("What does it suit best?"),
        help_text=gettext_lazy("This drawing stands on your page until you add a photo."),
        choices=Theme.choices,
        widget=forms.RadioSelect,
    )
    deadline = forms.DateField(
        label=gettext_lazy("Until which day do you collect?"),
        widget=DateInput,
        error_messages={"invalid": gettext_lazy("This is not a day. Write it like this: 31-12-2027.")},
    )

    def __init__(self, *args: Any, offers: Sequence[Offer], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offers = offers
        self.first_day, self.final_day = today + SHORTEST, today + LONGEST
        place, deadline = cast(forms.ChoiceField, self.fields["place"]), self.fields["deadline"]
        place.choices = [("", gettext_lazy("Choose a neighbourhood"))] + [
            (f"{offer.host_name}, {offer.programme.name}", offer.choices()) for offer in offers
        ]
        only = [value for offer in offers for value, _name in offer.choices()]
        if len(only) == 1:
            place.initial = only[0]
        deadline.widget.attrs |= {"min": self.first_day.isoformat(), "max": self.final_day.isoformat()}
        deadline.help_text = _(
            "At least two weeks from now, at most six months: from %(first)s to %(last)s."
        ) % {
            "first": long_date(self.first_day),
            "last": long_date(self.final_day),
        }

    def clean_registration_number(self) -> str:
        number = str(self.cleaned_data["registration_number"])
        if self.cleaned_data.get("kind") != Initiator.Kind.ENTITY:
            return ""
        if not number:
            raise forms.ValidationError(
                _("Fill in the KvK number of the association, foundation or business.")
            )
        return number

    def clean_deadline(self) -> date:
        day: date = self.cleaned_data["deadline"]
        if day < self.first_day:
            raise forms.ValidationError(
                _("This is too soon. Choose %(first)s or later.") % {"first": long_date(self.first_day)}
            )
        if day > self.final_day:
            raise forms.ValidationError(
                _("This is too far away. Choose %(last)s or earlier.") % {"last": long_date(self.final_day)}
            )
        return day

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        day, place = cleaned.get("deadline"), cleaned.get("place")
        if day and place and day > picked(self.offers, place)[0].programme.ends_on:
            ends_on = picked(self.offers, place)[0].programme.ends_on
            self.add_error(
                "deadline",
                _("The scheme of this neighbourhood ends on %(day)s. Choose an earlier day.")
                % {"day": long_date(ends_on)},
            )
        return cleaned

    def picked(self) -> tuple[Offer, Neighbourhood]:
        return picked(self.offers, self.cleaned_data["place"])


class LineForm(AskingForm):
    """One thing that the money goes to. A row that was left empty does not count."""

    description = forms.CharField(label=gettext_lazy("What do you need?"), max_length=100)
    amount = AmountField(label=gettext_lazy("What does it cost?"))
    category = forms.ChoiceField(
        label=gettext_lazy("What kind is it?"),
        choices=BudgetLine.Category.choices,
        initial=BudgetLine.Category.MATERIAL.value,
    )
    supplier = forms.CharField(
        label=gettext_lazy("Where do you buy it?"),
        max_length=100,
        required=False,
    )

    def has_changed(self) -> bool:
        return bool(set(self.changed_data) - {"category"})

    def planned(self) -> PlannedLine:
        found = self.cleaned_data
        return PlannedLine(found["description"], found["amount"], found["category"], found["supplier"])


class BaseLines(forms.BaseFormSet):  # type: ignore[type-arg]  # takes a type for the checker only
    """The costs. Rows come and go, so none of them is an "initial" one that must stay."""

    def initial_form_count(self) -> int:
        return 0

    def planned(self) -> list[PlannedLine]:
        return [form.planned() for form in self.forms if form.has_changed()]


Lines = forms.formset_factory(
    LineForm,
    formset=BaseLines,
    extra=FIRST_LINES,
    max_num=MOST_LINES,
    absolute_max=MOST_LINES,
    validate_max=True,
)


def lines_to_fill(rows: Sequence[Mapping[str, Any]], *, empty: int) -> Any:  # a class made at run time
    """Rows with what was typed or saved, and some empty ones, without judging any."""
    lines = Lines(prefix="lines", initial=[dict(row) for row in rows])
    lines.extra = min(len(rows) + empty, MOST_LINES)
    return lines


def typed_rows(data: Mapping[str, str]) -> list[dict[str, str]]:
    """What stands in the rows of a form that was sent, also where it is wrong."""
    count = data.get("lines-TOTAL_FORMS", "")
    rows = min(int(count), MOST_LINES) if count.isdecimal() else 0
    return [{name: data.get(f"lines-{at}-{name}", "") for name in LineForm.base_fields} for at in range(rows)]


def initial_of(campaign: Campaign) -> dict[str, Any]:
    """A saved plan, to change."""
    initiator = campaign.initiator
    return {
        "kind": initiator.kind,
        "name": initiator.name,
        "registration_number": initiator.registration_number,
        "place": f"{campaign.rules.programme_id}:{campaign.neighbourhood_id}",
        "title": campaign.title,
        "summary": campaign.summary,
        "story": campaign.story,
        "theme": campaign.theme,
        "deadline": last_day(campaign.deadline),
    }


def rows_of(campaign: Campaign) -> list[dict[str, str]]:
    return [
        {
            "description": line.description,
            "amount": f"{line.amount_cents // 100},{line.amount_cents % 100:02d}",
            "category": line.category,
            "supplier": line.supplier,
        }
        for line in campaign.budget_lines.all()
    ]
