"""The commands about gifts and matches: their answers and exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from grants.campaigns.models import Gift
from grants.campaigns.simulation.stage import Stage
from tests.factories.campaigns import give, opened, planned

DATA = Path(__file__).parents[2] / "data"
HEAD = "key,received_at,donor,donor_email,currency,gross,fee\n"
ROW = "{key},2026-11-23T09:12:00-08:00,R. Sato,,USD,{gross},3.20\n"


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, Any]:
    """Run a command with --json; returns its exit code and answer."""
    code = 0
    try:
        call_command(*args, "--json")
    except SystemExit as leaving:
        code = int(str(leaving.code))
    except CommandError as error:
        return error.returncode, str(error)
    return code, json.loads(capsys.readouterr().out)


def test_import_gifts_is_idempotent(stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    campaign = opened(stage)
    file = tmp_path / "gifts.csv"
    file.write_text(HEAD + ROW.format(key="a", gross="100.00") + ROW.format(key="b", gross="25.50"))

    first = run(capsys, "import_gifts", campaign.slug, str(file))
    again = run(capsys, "import_gifts", campaign.slug, str(file))

    assert first == (0, {"recorded": 2, "repeated": 0, "errors": []})
    assert again == (0, {"recorded": 0, "repeated": 2, "errors": []})


def test_import_gifts_lists_every_bad_row_and_records_nothing(
    stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign = opened(stage)
    give(campaign, "old", 5, by=stage.finance)
    file = tmp_path / "gifts.csv"
    rows = [("a", "100.00"), ("b", "-1.00"), ("c", "1.005"), ("d", "1.00")]
    file.write_text(HEAD + "".join(ROW.format(key=key, gross=gross) for key, gross in rows))

    code, answer = run(capsys, "import_gifts", campaign.slug, str(file))
    file.write_text(HEAD + ROW.format(key="a", gross="1.00") + ROW.format(key="old", gross="1.00"))
    conflict = run(capsys, "import_gifts", campaign.slug, str(file))

    assert (code, answer["recorded"], [error["line"] for error in answer["errors"]]) == (1, 0, [3, 4])
    reason = "The key old was recorded with other contents: gross 0.05 before, 1.00 now; fee 0.00 before, 3.20 now; "
    reason += "received 2026-10-01T12:00:00+00:00 before, 2026-11-23T17:12:00+00:00 now; another donor."
    assert conflict == (1, {"recorded": 0, "repeated": 0, "errors": [{"line": 3, "reason": reason}]})
    assert Gift.objects.count() == 1


def test_import_gifts_cannot_without_a_campaign_or_a_file(
    stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign, waiting = opened(stage), planned(stage)
    (tmp_path / "g.csv").write_text(HEAD + ROW.format(key="a", gross="1.00"))

    assert run(capsys, "import_gifts", "none", str(tmp_path / "g.csv"))[0] == 2
    assert run(capsys, "import_gifts", campaign.slug, str(tmp_path / "none.csv"))[0] == 2
    assert run(capsys, "import_gifts", waiting.slug, str(tmp_path / "g.csv"))[0] == 2


def test_import_gifts_without_json_speaks_in_words(
    stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "gifts.csv"
    file.write_text(HEAD + ROW.format(key="a", gross="x"))

    with pytest.raises(SystemExit):
        call_command("import_gifts", opened(stage).slug, str(file))

    assert "line 2: gross: Give an amount" in capsys.readouterr().out


def test_refund_gift_counts_once(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    campaign = opened(stage)
    give(campaign, "a", 10_000, by=stage.finance)

    partial = ("refund_gift", "a", "--amount", "3000", "--refund-key", "r")
    assert run(capsys, *partial) == (0, {"key": "a", "refunded": 3_000, "matched": 7_000})
    assert run(capsys, *partial) == (0, {"key": "a", "refunded": 3_000, "matched": 7_000})
    assert run(capsys, "refund_gift", "a", "--amount", "7001")[0] == 2
    assert run(capsys, "refund_gift", "a") == (0, {"key": "a", "refunded": 10_000, "matched": 0})
    assert run(capsys, "refund_gift", "a") == (0, {"key": "a", "refunded": 10_000, "matched": 0})
    assert run(capsys, "refund_gift", "none")[0] == 2
    call_command("refund_gift", "a")
    assert "Nothing changed" in capsys.readouterr().out


def test_refund_gift_asks_for_the_campaign_where_the_key_is_not_clear(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = opened(stage), opened(stage)
    for campaign in (first, second):
        give(campaign, "a", 100, by=stage.finance)

    assert run(capsys, "refund_gift", "a")[0] == 2
    assert run(capsys, "refund_gift", "a", "--campaign", second.slug)[1]["refunded"] == 100


def test_match_statement_shows_the_match_gift_by_gift(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    campaign = opened(stage, cap_minor=15_000)
    give(campaign, "a", 10_000, by=stage.finance, fee_minor=320)
    give(campaign, "b", 10_000, by=stage.finance)

    code, answer = run(capsys, "match_statement", campaign.slug)
    call_command("match_statement", campaign.slug)

    assert code == 0
    assert answer == {
        "currency": "USD",
        "cap": 15_000,
        "ratio": [1, 1],
        "gross": 20_000,
        "fees": 320,
        "net": 19_680,
        "matched": 15_000,
        "available": 0,
        "at_risk_match": 0,
        "payable": 34_680,
        "gifts": [
            {"key": "a", "seq": 1, "gross": 10_000, "fee": 320, "refunded": 0, "matched": 10_000},
            {"key": "b", "seq": 2, "gross": 10_000, "fee": 0, "refunded": 0, "matched": 5_000},
        ],
    }
    assert "USD 346.80" in capsys.readouterr().out
    assert run(capsys, "match_statement", "none")[0] == 2


@pytest.mark.long
def test_simulate_match_plays_in_an_installation_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw = json.loads((DATA / "match-vectors.json").read_text())
    vectors = [vector for vector in raw["vectors"] if len(vector["events"]) < 10]
    vectors[0]["expect"]["matched"] += 1
    file = tmp_path / "vectors.json"
    file.write_text(json.dumps({**raw, "vectors": vectors}))

    code, answer = run(capsys, "simulate_match", str(file))

    assert code == 1
    for vector, got in zip(vectors[1:], answer["vectors"][1:], strict=True):
        assert {key: got[key] for key in vector["expect"]} == vector["expect"]
        assert (got["id"], got["errors"], got["at_risk_match"]) == (vector["id"], [], 0)


def one_campaign(**changes: Any) -> str:
    terms = {"cap": 1, "ratio": [1, 1], "basis": "gross", "refund_policy": "backfill", **changes}
    return json.dumps({"vectors": [{"campaign": terms, "events": []}]})


@pytest.mark.parametrize(
    "content",
    [
        "no json",
        "[]",
        '{"vectors": [{"campaign": {}}]}',
        one_campaign(ratio=[1, 0]),
        one_campaign(basis="x"),
        one_campaign(cap=-1),
        one_campaign(cap=10**19),
        one_campaign(donor_cap=0),
        one_campaign(donor_cap=1.5),
        one_campaign(start="2026-01-01"),
        '{"currency": "dollars", "vectors": []}',
    ],
)
def test_simulate_match_cannot_play_what_has_not_the_form(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    file = tmp_path / "vectors.json"
    file.write_text(content)

    assert run(capsys, "simulate_match", str(file))[0] == 2
    assert run(capsys, "simulate_match", str(tmp_path / "none.json"))[0] == 2
