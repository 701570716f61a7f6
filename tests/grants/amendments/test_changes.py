"""What an amendment changes, in words: only what differs, from what to what."""

import copy

from grants.amendments.changes import amended, changes_of, lines

BASE = {
    "number": "2026-014",
    "money": {
        "currency": "USD",
        "goal_minor": 3_000_000,
        "gifts_minor": 1_500_000,
        "cap_minor": 1_500_000,
        "ratio": [1, 1],
        "window": {
            "starts_at": "2026-05-01T00:00:00-07:00",
            "ends_at": "2027-01-01T00:00:00-08:00",
            "time_zone": "America/Los_Angeles",
        },
    },
    "term": {"starts_on": "2026-05-01", "ends_on": "2027-05-01"},
    "budget": [{"line": "Work", "amount_minor": 2_000_000}, {"line": "Training", "amount_minor": 1_000_000}],
    "tranches": [
        {"number": 1, "share_bp": 5000, "condition": "In force", "due_on": "2026-12-01"},
        {"number": 2, "share_bp": 5000, "condition": "Report accepted", "due_on": "2027-03-01"},
    ],
    "reports": [{"title": "Final report", "due_on": "2027-05-01"}],
    "conditions": ["Accounts are reviewed."],
    "directors": {"needed": 2},
}


def told(**changes):
    after = amended(BASE, {**changes_of(BASE), **changes})
    return [(line["what"], line["from"], line["to"]) for line in lines(BASE, after)]


def test_terms_without_a_change_stay_the_same():
    before = copy.deepcopy(BASE)
    assert amended(BASE, changes_of(BASE)) == before == BASE
    assert told() == []


def test_a_higher_cap_says_what_follows_from_it():
    assert told(goal_minor=3_200_000, cap_minor=1_700_000) == [
        ("Granting goal", "USD 30,000.00", "USD 32,000.00"),
        ("Match, at most", "USD 15,000.00", "USD 17,000.00"),
    ]
    assert ("Gifts, target", "USD 15,000.00", "USD 13,000.00") in told(cap_minor=1_700_000)


def test_a_window_is_told_by_its_last_day_in_its_own_zone():
    assert told(window_ends_at="2027-02-01T08:00:00+00:00", term_ends_on="2027-06-01") == [
        ("Last day of the match window", "31 December 2026", "31 January 2027"),
        ("End of the term", "1 May 2027", "1 June 2027"),
    ]


def test_rows_are_told_one_by_one():
    tranches = [
        {"share_bp": 4000, "condition": "In force", "due_on": "2026-12-01"},
        {"share_bp": 5000, "condition": "Report accepted", "due_on": "2027-04-01"},
        {"share_bp": 1000, "condition": "Final report accepted", "due_on": "2027-05-01"},
    ]
    budget = [{"line": "Work", "amount_minor": 2_500_000}, {"line": "Travel", "amount_minor": 500_000}]
    assert told(budget=budget, tranches=tranches, conditions=["Two people sign."], reports=[]) == [
        ("Budget: Work", "USD 20,000.00", "USD 25,000.00"),
        ("Budget: Training", "USD 10,000.00", "–"),
        ("Budget: Travel", "–", "USD 5,000.00"),
        ("Payment 1, share", "50%", "40%"),
        ("Payment 2, not before", "1 March 2027", "1 April 2027"),
        ("Payment 3, share", "–", "10%"),
        ("Payment 3, condition", "–", "Final report accepted"),
        ("Payment 3, not before", "–", "1 May 2027"),
        ("Report 1, name", "Final report", "–"),
        ("Report 1, due", "1 May 2027", "–"),
        ("Condition, removed", "Accounts are reviewed.", "–"),
        ("Condition, new", "–", "Two people sign."),
    ]
