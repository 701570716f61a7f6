"""What other sites show of a campaign: data by its schema, a picture, a frame; no cookie, no name, never late."""

import io
import json
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from jsonschema import Draft202012Validator
from PIL import Image

from grants.agreements.rendering import RenderFailed
from grants.campaigns.actions import close_campaign, pause_campaign, refund_gift
from grants.campaigns.models import Campaign
from grants.campaigns.simulation.stage import Stage
from grants.public.card import card_content, card_picture
from tests.factories.campaigns import fresh, give, opened, planned
from tests.grants.payments.test_pages import text
from tests.support.rig import ROOT

SCHEMA = json.loads((ROOT / "docs" / "campaign.schema.json").read_text())
VALID = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)


def data(campaign: Campaign) -> dict[str, Any]:
    """Return the campaign's JSON, which keeps to its schema."""
    told: dict[str, Any] = json.loads(text(Client().get(f"/campaign/{campaign.slug}.json")))
    assert [error.message for error in VALID.iter_errors(told)] == []
    return told


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert [error.message for error in VALID.iter_errors({})] != []


def test_figures_change_with_each_gift_and_refund(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=15_000)
    empty = data(campaign)
    give(campaign, "a", 10_000, by=stage.finance, donor_name="Ann Secret")
    give(campaign, "b", 10_000, by=stage.finance)
    full = data(campaign)
    refund_gift(campaign=campaign, gift_key="a", amount_minor=4_000, by=stage.finance)
    less = data(campaign)

    assert (empty["gifts"], empty["earned"]["so_far_minor"]) == (0, 0)
    assert empty["intended"] == {"raised_minor": 0, "match_minor": 15_000, "shown_minor": 15_000}
    assert full["gifts"] == 2
    assert full["earned"] == {
        "raised_minor": 20_000,
        "matched_minor": 15_000,
        "so_far_minor": 35_000,
        "available_minor": 0,
    }
    assert less["earned"]["raised_minor"] == 16_000
    assert "Secret" not in json.dumps([empty, full, less])
    assert full["match"]["days_left"] is not None


def test_states_and_the_statement(stage: Stage) -> None:
    campaign = opened(stage)
    give(campaign, "a", 10_000, by=stage.finance)
    assert (data(campaign)["state"], data(campaign)["statement"]) == ("open", None)
    pause_campaign(campaign=campaign, by=stage.officer)
    assert data(campaign)["state"] == "paused"
    close_campaign(campaign=fresh(campaign), by=stage.finance)
    refund_gift(campaign=fresh(campaign), gift_key="a", by=stage.finance)
    told = data(campaign)

    assert (told["state"], told["match"]["days_left"], told["earned"]["matched_minor"]) == ("closed", None, 0)
    assert told["statement"]["matched_minor"] == 10_000
    assert told["statement"]["lines"] == {
        name: fresh(campaign).statement_content["lines"][name] for name in ("count", "root")
    }
    page = text(Client().get(f"/campaign/{campaign.slug}/"))
    assert "lowered the match by $100" in page


def test_data_is_open_to_every_site_and_kept_for_a_second(stage: Stage) -> None:
    campaign = opened(stage)

    answer = Client().get(f"/campaign/{campaign.slug}.json", headers={"origin": "https://elsewhere.example"})

    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Cache-Control"] == "public, max-age=1"
    assert answer["Content-Type"].startswith("application/json")
    assert not answer.cookies


def test_what_was_not_opened_is_nowhere(stage: Stage) -> None:
    campaign = planned(stage)

    for end in (".json", "/card.png", "/widget/", "/statement.json", "/receipt/", "/"):
        assert Client().get(f"/campaign/{campaign.slug}{end}").status_code == HTTPStatus.NOT_FOUND, end


def test_the_card_is_drawn_once_for_its_content(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = opened(stage)
    address = reverse("grants:campaign_card", args=[campaign.slug])
    first = Client().get(address)
    picture = Image.open(io.BytesIO(first.content))

    assert (picture.format, picture.size) == ("PNG", (1200, 630))
    assert len(first.content) < 100_000
    assert (
        len(set(picture.convert("RGB").resize((120, 63)).get_flattened_data())) > 20
    )  # words and bars, no empty sheet

    def fail(*_args: Any, **_options: Any) -> None:
        raise RenderFailed("the press is down")

    monkeypatch.setattr("grants.public.card.render", fail)
    assert Client().get(address).content == first.content
    kept = Client().get(address, headers={"if-none-match": first["ETag"]})
    assert (kept.status_code, kept.content) == (HTTPStatus.NOT_MODIFIED, b"")
    give(campaign, "a", 10_000, by=stage.finance)
    assert Client().get(address, headers={"if-none-match": first["ETag"]}).status_code == 503


def test_a_card_takes_any_title(stage: Stage) -> None:
    campaign = fresh(opened(stage))
    campaign.title = "<b>การคุ้มครอง</b> & " + "word " * 40
    content = card_content(campaign, None)

    assert len(content["title"][0]) <= 56
    assert card_picture(content).startswith(b"\x89PNG")


def test_the_widget_may_be_framed_and_runs_nothing(stage: Stage) -> None:
    campaign = opened(stage)
    give(campaign, "a", 1_195_000, by=stage.finance, donor_name="Ann Secret")
    client = Client()

    answer = client.get(f"/campaign/{campaign.slug}/widget/")
    page, policy = text(answer), answer["Content-Security-Policy"]

    assert "frame-ancestors *" in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "X-Frame-Options" not in answer
    assert not client.cookies
    assert "<script" not in page
    for words in ("$23,900", "$11,950", "$3,050", "1 gift"):
        assert words in page
    assert "$26,950" not in page  # the intended view stands on the campaign's own page only
    assert "Secret" not in page


def test_every_other_page_stays_unframed(stage: Stage) -> None:
    campaign = opened(stage)

    for path in (f"/campaign/{campaign.slug}/", f"/campaign/{campaign.slug}/receipt/", "/"):
        answer = Client().get(path)
        assert answer["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


def test_the_script_is_small_and_sets_no_cookie(db: None) -> None:
    answer = Client().get("/widget.js")

    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert len(answer.content) <= 2_000
    for word in (b"cookie =", b"localStorage", b"fetch(", b"innerHTML"):
        assert word not in answer.content
    assert not answer.cookies


def test_a_link_to_the_page_carries_its_card(stage: Stage) -> None:
    campaign = opened(stage)
    client = Client()

    page = text(client.get(f"/campaign/{campaign.slug}/"))

    assert f'<meta property="og:image" content="http://localhost:8000/campaign/{campaign.slug}/card.png?v=' in page
    assert '<meta name="twitter:card" content="summary_large_image">' in page
    assert not client.cookies


def test_the_program_that_checks_receipts_is_the_one_of_the_source(db: None, client: Client) -> None:
    answer = client.get("/verify_receipt.py")

    assert b"".join(answer.streaming_content) == (ROOT / "tools" / "verify_receipt.py").read_bytes()
    assert 'filename="verify_receipt.py"' in answer["Content-Disposition"]
