"""The same figures everywhere: page, data, frame, ledger, command, statement, its PDF, its lines, evidence, receipt."""

import io
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from grants.campaigns.actions import close_campaign, plan_campaign, record_dispute, record_gift, refund_gift
from grants.campaigns.actions.closing import seal_statement_task
from grants.campaigns.figures import match_statement
from grants.campaigns.models import Campaign, Gift, StatementLine
from grants.campaigns.simulation.stage import WORDS
from grants.evidence.actions import export_evidence
from grants.funds.models import Account
from grants.payments.actions import open_campaign
from grants.public.actions import make_link
from tests.factories import grants
from tests.factories.campaigns import row
from tests.factories.portal import UserFactory
from tests.grants.evidence.bundles import edited, found, signed_again, unpack
from tests.grants.payments.test_pages import text
from tests.grants.public.checking import run, written
from vetting_portal.files import read_stored
from vetting_portal.money import figures, format_public

GIFTS = [("a", 612_345, 18_030), ("b", 450_000, 13_080), ("c", 700_001, 20_330), ("d", 99_999, 0)]


@pytest.fixture
def campaign(in_force: Any) -> Campaign:
    """Give an open campaign with gifts to the cap, a refund, a dispute that was won."""
    grant = in_force
    officer, finance = grants.officer_of(grant), grants.finance()
    planned = plan_campaign(grant=grant, slug="figures", words=WORDS, by=officer)
    campaign = open_campaign(campaign=planned, by=officer)
    for key, gross, fee in GIFTS:
        given = row(key, gross, received_at=grant.window_starts_at, donor_name=f"{key} Secret", fee_minor=fee)
        record_gift(campaign=Campaign.objects.get(pk=campaign.pk), row=given, by=finance)
    refund_gift(campaign=campaign, gift_key="a", amount_minor=112_345, by=finance)
    for status in ("open", "won"):
        record_dispute(campaign=campaign, gift_key="b", dispute_key="d1", status=status, by=grants.system())
    return again(campaign)


def again(campaign: Campaign) -> Campaign:
    return Campaign.objects.with_grant().get(pk=campaign.pk)


def held(campaign: Campaign) -> dict[str, int]:
    """Return what the ledger's accounts of the grant hold."""
    rows = Account.objects.filter(fund=campaign.grant.fund, reference=campaign.grant.number)
    return dict(rows.values_list("kind", "balance_minor"))


def shown(campaign: Campaign, minor: int) -> str:
    return format_public(minor, campaign.currency)


def test_while_it_runs_page_data_frame_command_and_ledger_agree(
    campaign: Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    told = json.loads(text(Client().get("/campaign/figures.json")))
    page, frame = (text(Client().get(f"/campaign/figures/{end}")) for end in ("", "widget/"))
    call_command("match_statement", "figures", "--json")
    command, ledger = json.loads(capsys.readouterr().out), held(campaign)
    earned, gifts = told["earned"], Gift.objects.filter(campaign=campaign)

    raised = sum(gift.gross_minor - gift.refunded_minor for gift in gifts)
    matched = sum(gift.matched_minor for gift in gifts)
    assert (raised, matched) == (1_750_000, 1_500_000)
    assert earned["raised_minor"] == command["gross"] == -ledger[Account.Kind.DONORS] == raised
    assert earned["matched_minor"] == command["matched"] == ledger[Account.Kind.MATCHED] == matched
    assert earned["available_minor"] == command["available"] == ledger[Account.Kind.RESERVED] == 0
    assert (earned["so_far_minor"], told["gifts"]) == (raised + matched, len(command["gifts"]))
    for minor in (raised, matched, earned["so_far_minor"], earned["available_minor"]):
        assert shown(campaign, minor) in page
        assert shown(campaign, minor) in frame
    assert f"{told['gifts']} gifts" in page
    assert f"{told['gifts']} gifts" in frame


def test_once_closed_statement_lines_evidence_and_receipts_agree(campaign: Campaign, tmp_path: Path) -> None:
    finance = UserFactory(roles=["finance_officer"])
    close_campaign(campaign=campaign, by=finance)
    seal_statement_task.func(campaign.pk)
    campaign = again(campaign)
    statement, stated = campaign.grant.statement, match_statement(campaign)
    content = statement.content
    sums, lines = content["figures"], StatementLine.objects.filter(campaign=campaign).order_by("seq")

    assert sums["matched_minor"] == stated["matched"] == campaign.frozen_matched_minor
    assert sums["gross_minor"] - sums["refunded_minor"] == stated["gross"]
    assert sums["payable_minor"] == stated["payable"]
    assert content["lines"]["count"] == sums["gifts"] == len(stated["gifts"]) == 4
    assert [line.said for line in lines] == [
        {name: gift[name] for name in ("seq", "gross", "refunded", "matched")} for gift in stated["gifts"]
    ]
    _pdf_says(read_stored(statement.sealed_file), content)
    _public_says(campaign, content)
    _receipts_hold(campaign, finance, tmp_path)
    _evidence_holds(campaign)


def _pdf_says(pdf: bytes, content: dict[str, Any]) -> None:
    printed = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True).stdout
    words = printed.decode()
    for name in ("gross_minor", "fees_minor", "refunded_minor", "matched_minor", "payable_minor"):
        assert figures(content["figures"][name], "USD") in words, name
    assert content["lines"]["root"] in re.sub(r"\s", "", words)
    assert f"{content['lines']['count']} in all" in " ".join(words.split())
    assert "Secret" not in words


def _public_says(campaign: Campaign, content: dict[str, Any]) -> None:
    told = json.loads(text(Client().get("/campaign/figures.json")))
    assert told["statement"]["lines"] == {name: content["lines"][name] for name in ("count", "root")}
    assert told["statement"]["matched_minor"] == content["figures"]["matched_minor"]
    assert json.loads(text(Client().get("/campaign/figures/statement.json"))) == content
    assert shown(campaign, content["figures"]["matched_minor"]) in text(Client().get("/campaign/figures/"))
    record = text(Client().get(campaign.grant.statement.verify_path))
    assert content["lines"]["root"][:8] in record


def _receipts_hold(campaign: Campaign, finance: Any, folder: Path) -> None:
    data = written(folder, "statement.json", text(Client().get("/campaign/figures/statement.json")))
    for gift in Gift.objects.filter(campaign=campaign).select_related("donor", "campaign"):
        token = make_link(gift=gift, by=finance)
        receipt = json.loads(text(Client().get(f"/receipt/{token}/receipt.json")))
        assert receipt["today"] == receipt["proof"]["line"]
        assert run(written(folder, "receipt.json", receipt), "--statement", data).returncode == 0
        shown_to_donor = text(Client().get(f"/receipt/{token}/"))
        assert figures(gift.matched_minor, "USD") in shown_to_donor
        assert "Secret" not in shown_to_donor


def _evidence_holds(campaign: Campaign) -> None:
    evidence = export_evidence(grant=grants.fresh(campaign.grant), by=UserFactory(roles=["auditor"]))
    files = unpack(b"".join(evidence.stream()))
    assert found(files) == ([], True)
    assert b"Secret" not in files["match/sealed_lines.json"]

    def more(value: dict[str, Any]) -> None:
        value["lines"][0]["matched"] += 1

    def other_salt(value: dict[str, Any]) -> None:
        value["lines"][0]["salt"] = value["lines"][1]["salt"]

    for change in (more, other_salt):
        told, ok = found(signed_again(edited(files, "match/sealed_lines.json", change)))
        assert not ok
        assert any("lead to the root" in sentence for sentence in told)
    gone = {name: content for name, content in files.items() if name != "match/sealed_lines.json"}
    assert not found(signed_again(gone))[1]


def test_statements_from_before_there_were_lines_stay_genuine(campaign: Campaign) -> None:
    finance = UserFactory(roles=["finance_officer"])
    close_campaign(campaign=campaign, by=finance)
    old = {name: value for name, value in again(campaign).statement_content.items() if name != "lines"}
    Campaign.objects.filter(pk=campaign.pk).update(statement_content=old)
    seal_statement_task.func(campaign.pk)
    statement = again(campaign).grant.statement
    evidence = export_evidence(grant=grants.fresh(campaign.grant), by=UserFactory(roles=["auditor"]))
    files = unpack(b"".join(evidence.stream()))

    assert "lines" not in statement.content
    assert "match/sealed_lines.json" not in files
    assert found(files) == ([], True)
    verdict = Client().post("/verify/", {"file": io.BytesIO(read_stored(statement.sealed_file))})
    assert "Genuine" in text(verdict)
