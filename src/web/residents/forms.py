"""What the holder of a cheque fills in."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from web.amounts import typed_cents
from web.look.formats import euro
from web.look.widgets import AmountInput, ChequeCodeInput


class CodeForm(forms.Form):
    """The code of a letter, typed. `campaign`: slug of the campaign that the cheque is brought to."""

    use_required_attribute = False

    code = forms.CharField(
        label=gettext_lazy("The code of your neighbourhood cheque"),
        help_text=gettext_lazy(
            "The code is in your letter, under the square with the blocks. It has 4 groups of 4 characters."
        ),
        max_length=100,
        widget=ChequeCodeInput,
        error_messages={"required": gettext_lazy("Type the code that is in your letter.")},
    )
    campaign = forms.SlugField(max_length=120, required=False, widget=forms.HiddenInput)


class ScanForm(forms.Form):
    """What a QR code brought along, put here by the script of the landing page."""

    scan = forms.CharField(max_length=100)


class GiveForm(forms.Form):
    """How much to give. `key` is made with the form, so that sending it twice gives once."""

    use_required_attribute = False

    key = forms.UUIDField(widget=forms.HiddenInput)
    amount = forms.CharField(
        label=gettext_lazy("How much do you give?"),
        max_length=20,
        widget=AmountInput,
        error_messages={"required": gettext_lazy("Type how much you give, for example 2,50.")},
    )

    def __init__(self, *args: Any, left_cents: int, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {})
        kwargs["initial"].setdefault("key", uuid.uuid4())
        super().__init__(*args, **kwargs)
        self.left_cents = left_cents

    def clean_amount(self) -> int:
        cents = typed_cents(self.cleaned_data["amount"])
        if cents == 0:
            raise forms.ValidationError(_("Give at least 1 cent."))
        return cents


def typed(cents: int) -> str:
    """An amount as one types it: 7,50."""
    return f"{cents // 100},{cents % 100:02d}"


def too_much(left_cents: int) -> str:
    """What to say where more is given than there is."""
    return _("You have %(left)s. Give that or less.") % {"left": euro(left_cents)}
