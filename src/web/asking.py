"""What all forms share."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy


class AskingForm(forms.Form):
    """Says kindly what is missing; the browser leaves that to us."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = gettext_lazy("Fill this in.")
