"""Amounts that people type into a form."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from common.money import NotAnAmount, cents_of
from web.look.formats import euro
from web.look.widgets import AmountInput

LARGEST_CENTS = 100_000_000


def typed_cents(text: str) -> int:
    """Cents of what somebody typed. Raises ValidationError that says how to write it."""
    try:
        return cents_of(text)
    except NotAnAmount as error:
        raise forms.ValidationError(_("Write the amount like this: 7,50.")) from error


class AmountField(forms.CharField):
    """Euros as people type them; `clean` gives whole cents, None where left empty."""

    widget = AmountInput

    def __init__(
        self, *, at_least_cents: int = 1, at_most_cents: int = LARGEST_CENTS, **options: Any
    ) -> None:
        super().__init__(**options)
        self.at_least_cents = at_least_cents
        self.at_most_cents = at_most_cents

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        cents = typed_cents(text)
        if not self.at_least_cents <= cents <= self.at_most_cents:
            raise forms.ValidationError(
                _("Choose an amount from %(least)s to %(most)s.")
                % {"least": euro(self.at_least_cents), "most": euro(self.at_most_cents)}
            )
        return cents
