"""Amounts that people type into a form."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from common.money import NotAnAmount, cents_of
from web.look.formats import euro
from web.look.widgets import AmountInput

LARGEST_CENTS = 100_000_000


class AmountField(forms.CharField):
    """Euros as people type them; `clean` gives whole cents."""

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
        try:
            cents = cents_of(text)
        except NotAnAmount as error:
            raise forms.ValidationError(_("Type an amount in euros, for example 12,50.")) from error
        if cents < self.at_least_cents:
            raise forms.ValidationError(_("Type an amount above € 0."))
        if cents > self.at_most_cents:
            raise forms.ValidationError(
                _("At most %(most)s is possible here.") % {"most": euro(self.at_most_cents)}
            )
        return cents
