"""Bars and plots say the same in lengths and in words."""

from fractions import Fraction
from types import SimpleNamespace

from vetting_portal.templatetags import charts


def test_threads_of_a_campaign_on_its_way():
    drawn = charts.threads(gifts=1_195_000, matched=1_195_000, cap=1_500_000, goal=3_000_000)

    assert (drawn["gifts"], drawn["matched"], drawn["reserved"]) == ("79.6%", "79.6%", "20.3%")
    assert (
        drawn["sentence"] == "Gifts: USD 11,950.00 of USD 15,000.00. Matched: USD 11,950.00 of at most USD 15,000.00."
    )


def test_threads_never_pass_the_end_of_the_bar():
    assert charts.threads(gifts=9_000_000, matched=1_500_000, cap=1_500_000, goal=3_000_000)["gifts"] == "100.0%"


def test_threads_without_a_match():
    drawn = charts.threads(gifts=10_000, matched=0, cap=0, goal=0)

    assert (drawn["gifts"], drawn["matched"]) == ("100.0%", "0%")


def test_ageing_says_how_late():
    assert charts.ageing(11) == {"length": "78.5%", "aim": "50.0%", "late": 4, "text": "11 days · 4 late"}
    assert charts.ageing(1)["text"] == "1 day"


def test_equal_scores_stand_side_by_side():
    plot = charts.dot_plot([{"code": "C1", "title": "Registration", "scores": [4, 4, 4], "mean": "4.00", "gate": 2}])

    assert plot["rows"][0]["dots"] == [252, 260, 268]
    assert plot["rows"][0]["gate_x"] == 126
    assert plot["finding"] == "On no criterion are reviewers two points or more apart."


def test_wide_spread_is_named_in_the_finding():
    plot = charts.dot_plot([{"code": "C2", "scores": [4, 2, 3], "mean": Fraction(3)}, {"code": "C3", "scores": []}])

    assert plot["finding"] == "Reviewers are two points or more apart on C2."
    assert plot["rows"][0]["is_wide"] is True
    assert plot["rows"][0]["mean_text"] == "3.00"
    assert plot["rows"][1]["from"] is None


def test_band_scale_places_the_score():
    assert charts.band_scale("73.50") == {"low": 204, "high": 255, "place": 250, "width": 51}
    assert charts.band_scale(None)["place"] is None


def test_marks_of_the_checklist():
    marks = charts.check_marks(13, 3)

    assert len(marks["places"]) == 16
    assert sum(mark["is_scored"] for mark in marks["places"]) == 13
    assert marks["height"] == 100


def test_threads_of_a_journey_cross_at_each_point():
    path = charts.twisted(2)

    assert path["one"] == "M0 20Q100 44 200 20Q300 -4 400 20"
    assert path["other"] == "M0 20Q100 -4 200 20Q300 44 400 20"


def test_estimates_stand_on_their_scale_with_their_interval():
    interval = SimpleNamespace(low=-0.9, high=0.5)

    plot = charts.estimates([("C1", "One", 0.4, interval, "0.40"), ("C2", "Two", None, None, "–")], -0.2, 1, "-0.2,1")

    assert plot["grid"] == [{"text": "−0.2", "x": "20.0"}, {"text": "1", "x": "260.0"}]
    assert plot["rows"][0] == {
        "code": "C1", "title": "One", "x": "140.0", "from": "20.0", "to": "160.0", "text": "0.40",
    }  # fmt: skip
    assert (plot["rows"][1]["x"], plot["rows"][1]["from"]) == (None, None)


def test_money_stands_as_two_threads_on_one_scale_and_a_small_gap_is_seen():
    row = {"title": "Typical", "gifts": 999, "fees": 1, "matched": 400, "unused": 100, "reached": None, "text": "13.99"}

    first, second = charts.money_parts([row, {**row, "gifts": 500, "fees": 0, "unused": 0, "reached": 250}])

    assert (first["gifts"], first["fees"], first["gross"]) == (277, 3, 280)
    assert (first["matched"], first["unused"], first["reached"]) == (112, 28, None)
    assert (second["gifts"], second["fees"], second["reached"]) == (140, 0, 70)
    assert charts.money_parts([]) == []
