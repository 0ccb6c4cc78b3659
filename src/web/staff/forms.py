"""Forms of staff: programmes, runs, decisions and searches. Amounts come out in cents."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ledger import seals
from people.models import Organisation
from places.models import Neighbourhood
from programmes.models import Programme
from programmes.operations import RuleSet
from web.amounts import AmountField
from web.asking import AskingForm
from web.look.formats import amount, long_date, whole
from web.look.widgets import DateInput

LARGEST_BUDGET_CENTS = 10_000_000_000
LARGEST_CHEQUE_CENTS = 100_000


class RulesForm(AskingForm):
    """What the rules of a programme say."""

    cheque_value = AmountField(label=gettext_lazy("Value of one cheque"), at_most_cents=LARGEST_CHEQUE_CENTS)
    days_to_activate = forms.IntegerField(
        label=gettext_lazy("Days to activate a cheque"),
        help_text=gettext_lazy("From the day the letters go out. Six weeks is usual: 42 days."),
        min_value=1,
        max_value=365,
        initial=42,
    )
    max_target = AmountField(
        label=gettext_lazy("Highest target of one campaign"),
        help_text=gettext_lazy("Leave this empty if there is no limit."),
        required=False,
    )
    days_to_account = forms.IntegerField(
        label=gettext_lazy("Days to hand in receipts"),
        help_text=gettext_lazy("Counted from the day the money is paid out."),
        min_value=1,
        max_value=365,
        initial=28,
    )
    conditions = forms.CharField(
        label=gettext_lazy("Other conditions"),
        help_text=gettext_lazy("Residents read this when they start a campaign."),
        widget=forms.Textarea({"rows": 4}),
        max_length=4000,
        required=False,
    )

    def rules(self) -> RuleSet:
        told = self.cleaned_data
        return RuleSet(
            cheque_value_cents=told["cheque_value"],
            days_to_activate=told["days_to_activate"],
            max_target_cents=told["max_target"],
            days_to_account=told["days_to_account"],
            conditions=told["conditions"],
        )


class NewRulesForm(RulesForm):
    """A next version. `version`: the one that the page was made from, so that a form sent twice counts once."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, programme: Programme) -> "NewRulesForm":
        rules = programme.rules
        highest = rules.max_target_cents
        return cls(
            initial={
                "version": rules.version,
                "cheque_value": amount(rules.cheque_value_cents),
                "days_to_activate": rules.days_to_activate,
                "max_target": "" if highest is None else amount(highest),
                "days_to_account": rules.days_to_account,
                "conditions": rules.conditions,
            }
        )


class NewProgrammeForm(RulesForm):
    """A programme with the first version of its rules and a request for its budget."""

    name = forms.CharField(label=gettext_lazy("Name of the programme"), max_length=100)
    starts_on = forms.DateField(label=gettext_lazy("First day"), widget=DateInput)
    ends_on = forms.DateField(
        label=gettext_lazy("Last day"),
        help_text=gettext_lazy("Until and including this day residents can give what they have saved."),
        widget=DateInput,
    )
    budget = AmountField(label=gettext_lazy("Budget"), at_least_cents=100, at_most_cents=LARGEST_BUDGET_CENTS)
    agreement = forms.CharField(
        label=gettext_lazy("Performance agreement"),
        help_text=gettext_lazy("The number or name in the agreements with municipality and tenants."),
        max_length=100,
        required=False,
    )
    field_order = ["name", "starts_on", "ends_on", "budget", "cheque_value"]

    def __init__(self, *args: Any, organisation: Organisation, **options: Any) -> None:
        super().__init__(*args, **options)
        self.organisation = organisation

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if self.organisation.programmes.filter(name=name).exists():
            raise forms.ValidationError(
                _("You have a programme with this name already. Choose another name.")
            )
        return name

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or self.cleaned_data
        starts_on, ends_on = told.get("starts_on"), told.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", _("The last day comes before the first day."))
        if told.get("budget") and told.get("cheque_value") and told["budget"] < told["cheque_value"]:
            self.add_error("budget", _("The budget is less than one cheque."))
        return told


class MoreFundingForm(AskingForm):
    """More money for a programme. `seen`: how many requests there were, so that a form sent twice counts once."""

    amount = AmountField(
        label=gettext_lazy("How much comes extra?"), at_least_cents=100, at_most_cents=LARGEST_BUDGET_CENTS
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)


class UploadForm(AskingForm):
    """One file. `most_bytes`: what is larger is not read at all."""

    file = forms.FileField(label=gettext_lazy("File"))


class NeighbourhoodChoice(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # takes none when it runs
    """Neighbourhoods with the number of dwellings on the host's list."""

    def label_from_instance(self, obj: Any) -> str:
        count = ngettext("%(count)s address", "%(count)s addresses", obj.on_list) % {
            "count": whole(obj.on_list)
        }
        return f"{obj.name}: {count}"


class NewRunForm(AskingForm):
    """A run of cheques, before anything is kept."""

    programme = forms.ModelChoiceField(
        Programme.objects.none(), label=gettext_lazy("Programme"), empty_label=None
    )
    name = forms.CharField(
        label=gettext_lazy("Name of the run"),
        help_text=gettext_lazy("Residents see this name, for example: December 2026."),
        max_length=100,
    )
    neighbourhoods = NeighbourhoodChoice(
        Neighbourhood.objects.none(),
        label=gettext_lazy("For which neighbourhoods?"),
        widget=forms.CheckboxSelectMultiple,
    )
    last_day = forms.DateField(
        label=gettext_lazy("Last day to activate"),
        help_text=gettext_lazy("Once activated, a cheque stays valid until the programme ends."),
        widget=DateInput,
    )

    def __init__(self, *args: Any, organisation: Organisation, **options: Any) -> None:
        super().__init__(*args, **options)
        programmes = organisation.programmes.filter(closed_at__isnull=True).order_by("-starts_on", "-pk")
        self.fields["programme"].queryset = programmes  # type: ignore[attr-defined]  # a ModelChoiceField's
        self.fields["neighbourhoods"].queryset = (  # type: ignore[attr-defined]  # the same
            Neighbourhood.objects.annotate(
                on_list=Count("dwellings", filter=Q(dwellings__organisation=organisation))
            )
            .filter(on_list__gt=0)
            .order_by("name")
        )
        newest = programmes.first()
        if newest is not None:
            days = newest.rules.days_to_activate
            self.fields["last_day"].initial = min(timezone.localdate() + timedelta(days=days), newest.ends_on)

    def clean_last_day(self) -> date:
        last_day: date = self.cleaned_data["last_day"]
        if last_day < timezone.localdate():
            raise forms.ValidationError(_("This day has passed. Choose a later day."))
        programme: Programme | None = self.cleaned_data.get("programme")
        if programme is not None and last_day > programme.ends_on:
            raise forms.ValidationError(
                _("The programme ends on %(day)s. Choose that day or an earlier one.")
                % {"day": long_date(programme.ends_on)}
            )
        return last_day

    def name_is_taken(self) -> None:
        """Says so beside the name."""
        self.add_error("name", _("There is a run with this name already. Choose another name."))


class ReasonForm(AskingForm):
    """Why something is not approved, stopped or let go."""

    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        help_text=gettext_lazy("Write what is wrong and what should change."),
        widget=forms.Textarea({"rows": 3}),
        max_length=300,
        min_length=5,
    )


class RefusalForm(ReasonForm):
    """Beside the button that approves, where only "why?" could be about either."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].label = gettext_lazy("Why do you not approve it?")


class FreezeForm(AskingForm):
    """Why a cheque is stopped or let go, for the file."""

    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        help_text=gettext_lazy("For example: the letter was stolen from the letter box."),
        max_length=200,
        min_length=5,
    )
    frozen = forms.BooleanField(widget=forms.HiddenInput, required=False)


class WitnessForm(AskingForm):
    """Who may sign seals beside the operator, and with which key."""

    holder = forms.CharField(
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("Everybody sees it on the page of seals."),
        max_length=200,
    )
    public = forms.CharField(
        label=gettext_lazy("Public key (Ed25519)"),
        help_text=gettext_lazy("64 characters, or the text that begins with BEGIN PUBLIC KEY."),
        max_length=1_000,
        widget=forms.Textarea({"rows": 4, "spellcheck": "false"}),
    )

    def clean_public(self) -> bytes:
        typed: str = self.cleaned_data["public"]
        if "PRIVATE KEY" in typed:
            text = _("This is a private key. Nobody else may see it: its owner must make a new one.")
            raise forms.ValidationError(text)
        try:
            return seals.public_key(typed)
        except seals.NotAPublicKey as error:
            text = _("This is no public key of Ed25519. Ask the witness for what witness_heads.py printed.")
            raise forms.ValidationError(text) from error


class PaymentFileForm(AskingForm):
    """On which day the bank should pay. `count` and `cents`: what the page said that would be sent."""

    execute_on = forms.DateField(label=gettext_lazy("Day of payment"), widget=DateInput)
    count = forms.IntegerField(widget=forms.HiddenInput)
    cents = forms.IntegerField(widget=forms.HiddenInput)

    def clean_execute_on(self) -> date:
        day: date = self.cleaned_data["execute_on"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("This day has passed. Choose today or a later day."))
        if day > timezone.localdate() + timedelta(days=30):
            raise forms.ValidationError(_("Choose a day within a month."))
        return day


class ClosingForm(AskingForm):
    """Up to which day the books are closed."""

    ends_on = forms.DateField(
        label=gettext_lazy("Close up to and including"),
        help_text=gettext_lazy("Usually the last day of a month or of a year."),
        widget=DateInput,
    )
