"""The keys of the desk, as the page that lists them shows them; ``static/reviews/desk.js`` obeys them."""

KEYS = (
    ("Score", [("0 1 2 3 4", "Choose the score"), ("x", "Not applicable, where the criterion allows it")]),
    (
        "Write",
        [("w", "Write why"), ("Esc", "Leave the field"), ("m", "Keep mine, where two windows differ")],
    ),
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
        [
            ("t", "Next document"),
            ("r", "Previous document"),
            ("l", "Next page"),
            ("h", "Page before"),
            ("g", "Go to a page by its number"),
            ("+ minus", "Larger, smaller"),
            ("f", "Fit the page to its pane"),
        ],
    ),
    (
        "Citations",
        [
            ("c", "Cite the passage that is selected, or the page that is open"),
            ("p", "Choose a passage of the page’s text"),
            ("o", "Open the next citation of this criterion"),
        ],
    ),
    ("Help", [("?", "Show these keys")]),
)
