"""The keys of the practice scoring page: those of ``static/reviews/desk.js`` that do something here."""

KEYS = (
    ("Score", [("0 1 2 3 4", "Choose the score"), ("x", "Not applicable, where the criterion allows it")]),
    ("Write", [("w", "Write why"), ("Esc", "Leave the field"), ("m", "Keep mine, where two windows differ")]),
    (
        "Criteria",
        [
            ("j", "Save, and go to the next criterion"),
            ("k", "Save, and go to the one before"),
            ("s", "Look over, submit"),
        ],
    ),
    (
        "Evidence",
        [("t", "Next document"), ("r", "Previous document"), ("l", "Next page"), ("h", "Page before")],
    ),
    ("Help", [("?", "Show these keys")]),
)
