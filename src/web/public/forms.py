"""What anyone can fill in on a public page."""

import uuid
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Campaign
from ledger import heads
from payments.donations import MAX_CENTS, MIN_CENTS
from web.amounts import typed_cents
from web.asking import AskingForm
from web.look.formats import NO_BREAK_SPACE, euro
from web.look.widgets import AmountInput, PickOne

PICKS_CENTS = (500, 1_000, 2_500)
OTHER = "other"


class OtherAmount(forms.CharField):
    """Needed only with "another amount"; the form looks at that."""

    def validate(self, value: Any) -> None:
        return


class DonationForm(forms.Form):
    """Giving with own money. `key` is made with the form, so that sending it twice gives once."""

    use_required_attribute = False

    key = forms.UUIDField(widget=forms.HiddenInput)
    choice = forms.ChoiceField(label=gettext_lazy("With own money"), widget=PickOne)
    other = OtherAmount(label=gettext_lazy("Another amount, in euros"), widget=AmountInput)
    name = forms.CharField(
        label=gettext_lazy("Your name, for everybody to see"),
        max_length=70,
        required=False,
        widget=forms.TextInput({"autocomplete": "name"}),
    )

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"key": uuid.uuid4()})
        super().__init__(*args, **kwargs)
        self.campaign = campaign
        # The least that can be paid online is taken also where less would do.
        self.most_cents = min(max(campaign.room_cents, MIN_CENTS), MAX_CENTS)
        self.picks_cents = [cents for cents in PICKS_CENTS if cents <= self.most_cents] or [self.most_cents]
        choice = cast(forms.ChoiceField, self.fields["choice"])
        choice.choices = [
            *((str(cents), _short(cents)) for cents in self.picks_cents),
            (OTHER, gettext_lazy("Other")),
        ]
        self.initial.setdefault("choice", str(self.picks_cents[min(1, len(self.picks_cents) - 1)]))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        choice = cleaned.get("choice")
        if choice == OTHER:
            self._clean_other(cleaned)
        elif choice:
            cleaned["amount_cents"] = int(choice)
        return cleaned

    def _clean_other(self, cleaned: dict[str, Any]) -> None:
        try:
            cents = typed_cents(cleaned.get("other", ""))
        except forms.ValidationError as error:
            self.add_error("other", error)
            return
        if cents < MIN_CENTS:
            self.add_error("other", _("Give %(least)s or more.") % {"least": euro(MIN_CENTS)})
        elif cents > self.most_cents:
            text = _("At most %(most)s is possible: more is not needed. Give that or less.")
            self.add_error("other", text % {"most": euro(self.most_cents)})
        cleaned["amount_cents"] = cents

    @property
    def reference(self) -> uuid.UUID:
        """The donation's reference: the same for the same form, campaign and amount, and for nothing else."""
        return uuid.uuid5(self.cleaned_data["key"], f"{self.campaign.pk}:{self.cleaned_data['amount_cents']}")


def _short(cents: int) -> str:
    """`€ 5` where there are no cents."""
    return euro(cents) if cents % 100 else f"€{NO_BREAK_SPACE}{cents // 100}"


class SearchForm(forms.Form):
    """Looking for a neighbourhood by its name."""

    q = forms.CharField(label=gettext_lazy("Search for your neighbourhood"), max_length=60, required=False)


class CosignForm(AskingForm):
    """A signature of a witness, made elsewhere."""

    by = forms.ChoiceField(label=gettext_lazy("Witness"))
    signature = forms.CharField(
        label=gettext_lazy("Signature"),
        help_text=gettext_lazy("128 characters: digits and the letters a to f. Spaces and lines do no harm."),
        max_length=400,
        widget=forms.Textarea({"rows": 4, "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choice = cast(forms.ChoiceField, self.fields["by"])
        choice.choices = [
            (bytes(key.public).hex(), key.holder) for key in heads.witnesses().filter(until=None)
        ]

    @property
    def has_witnesses(self) -> bool:
        return bool(cast(forms.ChoiceField, self.fields["by"]).choices)
