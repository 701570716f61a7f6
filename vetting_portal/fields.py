"""Form fields that every app shares: a date, an amount of money."""

from typing import Any

from django import forms

from vetting_portal.money import parse_amount


class DayField(forms.DateField):
    """A calendar day, in the browser's own date control; its value is a ``date``."""

    default_error_messages = {"invalid": "Enter a date, for example 2026-03-27."}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**kwargs)


class AmountField(forms.CharField):
    """An amount in major units of ``currency`` (ISO 4217), as people type it; its value is minor units.

    A form whose currency depends on its record sets ``currency`` when it is made.
    """

    def __init__(self, *, currency: str, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 24, **kwargs})
        self.currency = currency
        self.widget.attrs["inputmode"] = "decimal"

    def clean(self, value: Any) -> int | None:
        """Return minor units, None for an empty field that may be empty. Raises ValidationError in plain words."""
        text = super().clean(value)
        return parse_amount(text, self.currency) if text else None
