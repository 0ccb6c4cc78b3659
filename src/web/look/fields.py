"""How a form field is laid out: label, hint, error, input, and what ties them together for who listens."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.forms.boundfield import BoundField, BoundWidget

from web.look.widgets import AmountInput, PickOne


@dataclass(frozen=True)
class FieldView:
    """A bound field as the template `web/look/field.html` shows it."""

    bound: BoundField
    label: str
    hint: str
    optional: bool

    @property
    def kind(self) -> str:
        """`pick`, `choices`, `checkbox`, `amount` or `line`."""
        widget = self.bound.field.widget
        kinds: tuple[tuple[type[forms.Widget], str], ...] = (
            (PickOne, "pick"),
            (forms.RadioSelect, "choices"),
            (forms.CheckboxSelectMultiple, "choices"),
            (forms.CheckboxInput, "checkbox"),
            (AmountInput, "amount"),
        )
        return next((kind for widget_type, kind in kinds if isinstance(widget, widget_type)), "line")

    @property
    def is_group(self) -> bool:
        return self.kind in ("pick", "choices")

    @property
    def errors(self) -> list[str]:
        return [str(error) for error in self.bound.errors]

    @property
    def hint_id(self) -> str:
        return f"{self.bound.auto_id}_hint"

    @property
    def error_id(self) -> str:
        return f"{self.bound.auto_id}_error"

    @property
    def described_by(self) -> str:
        ids = [self.hint_id] if self.hint else []
        if self.errors:
            ids.append(self.error_id)
        return " ".join(ids)

    def input(self) -> str:
        """The control itself, tied to its hint and its error; it keeps what was typed."""
        return self.bound.as_widget(attrs=self._attributes())

    def options(self) -> list[BoundWidget]:
        """The choices of a group, without an empty one."""
        return [option for option in self.bound.subwidgets if option.data["value"] not in ("", None)]

    def _attributes(self) -> dict[str, str | bool]:
        attributes: dict[str, str | bool] = {}
        if self.described_by:
            attributes["aria-describedby"] = self.described_by
        if self.errors:
            attributes["aria-invalid"] = "true"
        return attributes


def field_view(
    bound: BoundField, *, label: str = "", hint: str = "", sometimes_needed: bool = False
) -> FieldView:
    """`label` and `hint` replace those of the form. `sometimes_needed`: another answer decides, and the hint says so."""
    return FieldView(
        bound=bound,
        label=label or str(bound.label),
        hint=hint or str(bound.help_text),
        optional=not bound.field.required and not sometimes_needed,
    )


@dataclass(frozen=True)
class FormError:
    """One error with the id of the control it belongs to; empty when it is about the whole form."""

    target: str
    text: str


def form_errors(form: forms.BaseForm) -> tuple[FormError, ...]:
    """All errors, those about the whole form first, then in the order of the fields."""
    general = [FormError(target="", text=str(error)) for error in form.non_field_errors()]
    per_field = [
        FormError(target=_first_control(bound), text=f"{_before_error(str(bound.label))} {error}")
        for bound in form
        for error in bound.errors
    ]
    return (*general, *per_field)


def _before_error(label: str) -> str:
    """A question ends as it is, any other label in a colon."""
    return label if label.endswith("?") else f"{label}:"


def _first_control(bound: BoundField) -> str:
    if field_view(bound).is_group:
        return f"{bound.auto_id}_0"
    return bound.id_for_label or bound.auto_id
