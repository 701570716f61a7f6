"""The decision on a candidate: one of three, with a reason; nothing is preselected."""

from typing import Any

from django import forms

from reviews.screening.actions import ask_for_identity, clear_hit, confirm_hit
from reviews.screening.models import DECISION_WORDS, ScreeningHit
from vetting_portal.models import User

DECISIONS = {"clear": clear_hit, "confirm": confirm_hit, "ask": ask_for_identity}


class DecisionForm(forms.Form):
    """Asks whether it is the same, and on what grounds."""

    decision = forms.ChoiceField(
        label="Is it the same?", widget=forms.RadioSelect, error_messages={"required": "Choose one of the three."}
    )
    reason = forms.CharField(
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=f"Name what you compared, in at least {DECISION_WORDS} words. An auditor reads this in ten years.",
        error_messages={"required": f"Name what you compared, in at least {DECISION_WORDS} words."},
    )
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, record: ScreeningHit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hit = record
        who = "person" if record.person_id else "organisation"
        self.fields["decision"].choices = [  # type: ignore[attr-defined]
            ("clear", f"Not the same {who}\nClears this pair. Asked again only if one of the two records changes."),
            (
                "confirm",
                f"Same {who}\nStops the submission and every payment. The directors are told now. Nobody overrides it.",
            ),
            ("ask", "I need more from the partner\nThe partner is asked for a neutral identity paper, not told why."),
        ]

    def save(self, *, by: User) -> ScreeningHit:
        """Carry the decision out."""
        return DECISIONS[self.cleaned_data["decision"]](
            hit=self.hit, reason=self.cleaned_data["reason"], seen=self.cleaned_data["seen"], by=by
        )
