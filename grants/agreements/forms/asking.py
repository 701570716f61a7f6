"""The forms of who is asked to sign: the signing policy, and a director who is away."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from grants.agreements.actions import note_absence, set_signing_policy
from grants.agreements.models import Absence
from vetting_portal.fields import DayField
from vetting_portal.forms import opening_with
from vetting_portal.models import Funder, Role, SigningPolicy, User
from vetting_portal.models.policy import MOST_DIRECTORS
from vetting_portal.money import parse_amount, plain


class PolicyForm(forms.Form):
    """How many directors sign, from which amount more, and by which means."""

    directors = forms.IntegerField(label="Directors who sign a grant", min_value=1, max_value=MOST_DIRECTORS)
    above = forms.CharField(label="More of them above this goal", required=False, max_length=20)
    directors_above = forms.IntegerField(
        label="Directors who sign above it", required=False, min_value=1, max_value=MOST_DIRECTORS
    )
    allows_email = forms.BooleanField(
        label="A code by e-mail may sign too",
        required=False,
        help_text="The weakest of the three ways. A passkey and the code of an authenticator app always sign.",
    )

    def __init__(self, *args: Any, record: Funder, **kwargs: Any) -> None:
        policy, self.record = record.policy, record
        above = "" if policy.above_minor is None else plain(policy.above_minor, record.currency)
        known = {
            "directors": policy.directors,
            "above": above,
            "directors_above": policy.directors_above if above else None,
            "allows_email": policy.allows_email,
        }
        super().__init__(*args, **opening_with(known, kwargs))

    def clean_above(self) -> int | None:
        """Return the amount in minor units, or None. Raises ValidationError for what is no amount."""
        text = self.cleaned_data["above"].strip()
        try:
            return parse_amount(text, self.record.currency) if text else None
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def save(self, *, by: User) -> Funder:
        """Set the policy."""
        given = self.cleaned_data
        policy = SigningPolicy(
            directors=given["directors"],
            above_minor=given["above"],
            directors_above=given["directors_above"] or given["directors"],
            allows_email=given["allows_email"],
        )
        return set_signing_policy(policy=policy, by=by)


class AbsenceForm(forms.Form):
    """Who is away, from when until when, and who is asked instead."""

    director = forms.ModelChoiceField(queryset=User.objects.none(), label="Who is away", empty_label="Choose")
    stand_in = forms.ModelChoiceField(queryset=User.objects.none(), label="Who is asked instead", empty_label="Choose")
    from_on = DayField(label="First day away")
    until_on = DayField(label="Last day away")

    def __init__(self, *args: Any, record: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        directors = User.objects.with_role(Role.DIRECTOR)
        anybody = Role.ADMINISTRATOR in record.role_keys
        self.fields["director"].queryset = directors if anybody else directors.filter(pk=record.pk)  # type: ignore[attr-defined]
        self.fields["stand_in"].queryset = directors  # type: ignore[attr-defined]

    def save(self, *, by: User) -> Absence:
        """Note it."""
        return note_absence(**self.cleaned_data, by=by)
