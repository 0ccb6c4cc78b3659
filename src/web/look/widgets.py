"""Form widgets with the right keyboard on a phone and the right width on the page."""

from __future__ import annotations

from typing import Any

from django import forms


class AmountInput(forms.TextInput):
    """An amount in euro as people type it: 7,50. The sign stands before the field."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            {"inputmode": "decimal", "autocomplete": "off", "class": "input-amount", **(attrs or {})}
        )


class ChequeCodeInput(forms.TextInput):
    """The code of the letter: one wide field, forgiving about spaces and small letters."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        fixed = {
            "class": "input-code",
            "autocomplete": "off",
            "autocapitalize": "characters",
            "spellcheck": "false",
        }
        super().__init__({**fixed, **(attrs or {})})


class DateInput(forms.DateInput):
    """A day, picked with the device's own calendar."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": "input-date", **(attrs or {})}, format="%Y-%m-%d")


class MomentInput(forms.DateTimeInput):
    """A day and a time, picked with the device's own calendar and clock."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": "input-moment", **(attrs or {})}, format="%Y-%m-%dT%H:%M")


class PickOne(forms.RadioSelect):
    """A few short choices side by side, such as amounts."""
