"""What the page of components shows: invented values for each of them."""

from django import forms

SCORES = [
    {"code": "C1", "title": "Legal registration", "weight": 6, "scores": [4, 4, 4], "mean": "4.00", "gate": 2},
    {"code": "C2", "title": "Governance", "weight": 8, "scores": [4, 2, 3], "mean": "3.00", "gate": 1},
    {"code": "C3", "title": "Locally led", "weight": 8, "scores": [3, 4, 4], "mean": "3.67", "gate": None},
    {"code": "C7", "title": "Safeguarding and PSEA", "weight": 12, "scores": [3, 3, 3], "mean": "3.00", "gate": 3},
]
ANCHORS = [
    "None, or contradicted.",
    "A draft policy only.",
    "A policy, but no way to report.",
    "Policy, reporting channel, and training on record.",
    "Also: a case handled or drilled, and a referral path for survivors.",
]
STATES = [
    "accepted",
    "checking",
    "rejected",
    "not_sent",
    "progress",
    "held",
    "moderate",
    "signed",
    "expires",
    "sealed",
    "revoked",
]
SHAPES = [
    *("check", "half", "stop", "hourglass", "triangle", "bars", "ring", "pen", "seal", "seal-off", "info"),
    *("upload", "download", "mail", "lock", "key", "arrow", "back", "plus", "cross", "menu", "file", "people"),
    *("eye-off", "flag", "cite", "equal", "about", "differ", "search", "coins"),
]
HASH = "9f2c41d07be85a3316c0d94e2ab7f1185d3e60c7a94f82b15ce07d6638fa21b4"


class SampleForm(forms.Form):
    """One field of each kind, one of them wrong."""

    legal_name = forms.CharField(label="Legal name", help_text="As on the certificate", initial="LIFT International")
    founded = forms.IntegerField(label="Founded", error_messages={"invalid": "Give a year, for example 2005."})
    need = forms.CharField(label="How do you know the need?", widget=forms.Textarea, help_text="Who told you?")
    kind = forms.ChoiceField(
        label="What is it?", choices=[("C1", "C1 · Registration"), ("C11", "C11 · Second reference")]
    )
    stories = forms.ChoiceField(
        label="Will you use stories of survivors?",
        widget=forms.RadioSelect,
        choices=[("yes", "Yes\nStories with changed names."), ("no", "No\nNumbers and work done only.")],
    )
    read = forms.BooleanField(label="I read the agreement")
    paper = forms.FileField(label="File", help_text="PDF, Word or a clear photo. Up to 25 MB.")


def components() -> dict[str, object]:
    """Return the context of the page of components."""
    typed = {
        "legal_name": "LIFT International",
        "founded": "long ago",
        "need": "In 2025 we worked with 64 survivors.",
        "read": "on",
    }
    return {
        "form": SampleForm(typed),
        "scores": SCORES,
        "anchors": ANCHORS,
        "states": STATES,
        "shapes": SHAPES,
        "hash": HASH,
        "missing": [
            {
                "label": "Registration certificate",
                "hint": "It ended on 31 October 2025.",
                "code": "C1",
                "url": "#",
                "action": "Add",
            },
            {"label": "Keeping people safe", "hint": "Two answers missing", "state": "now", "url": "#"},
            {"label": "Budget", "state": "done", "url": "#"},
        ],
        "events": [
            {"state": "done", "title": "Submitted", "text": "12 March 2026, 10:04 (Bangkok)"},
            {"state": "now", "title": "In review"},
            {"state": "todo", "title": "Directors sign"},
        ],
        "chips": [
            {"label": "Mine", "count": 9, "url": "#", "current": True},
            {"label": "Late", "count": 2, "url": "#"},
            {"label": "All", "count": 31, "url": "#"},
        ],
    }
