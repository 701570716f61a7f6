"""Receipts: links that open and end, what they show and hide, the proof, and the program that checks it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from grants.campaigns import invariants
from grants.campaigns.actions import close_campaign, erase_donor, freeze_lines, refund_gift
from grants.campaigns.models import Campaign, Gift, StatementBranch, StatementLine
from grants.campaigns.simulation.stage import Stage
from grants.public.actions import (
    ask_for_receipts,
    mail_receipt_task,
    make_link,
    revoke_links,
    send_receipt,
)
from grants.public.models import ReceiptLink, token_hash
from grants.public.receipts import proof_of
from tests.factories.campaigns import fresh, give, opened
from tests.grants.payments.test_pages import signed_in, text
from tests.grants.public.checking import run, written
from vetting_portal.models import AuditEntry, User
from vetting_portal.tasks import drain
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.both
LINK = re.compile(r"/receipt/([\w-]{20,})/")


def page(token: str, rest: str = "") -> Any:
    return Client().get(f"/receipt/{token}/{rest}")


def closed_with(stage: Stage, count: int, **rule: Any) -> Campaign:
    """Return a closed campaign with that many gifts, the second of which was refunded in part before."""
    campaign = opened(stage, **rule)
    for number in range(count):
        give(campaign, f"g{number}", 10_000 + number, by=stage.finance, donor_name=f"Ann Secret {number}")
    if count > 1:
        refund_gift(campaign=fresh(campaign), gift_key="g1", amount_minor=4_000, by=stage.finance)
    close_campaign(campaign=fresh(campaign), by=stage.finance)
    return fresh(campaign)


def gift_of(campaign: Campaign, key: str) -> Gift:
    rows = Gift.objects.select_related("campaign__grant__submission__organisation", "donor", "statement_line")
    return rows.get(campaign=campaign, key=key)


def test_a_link_opens_a_page_without_any_name(stage: Stage) -> None:
    campaign = opened(stage)
    gift = give(campaign, "cheque 7", 10_000, by=stage.finance, donor_name="Ann Secret", donor_email="a@example.org")

    token = make_link(gift=gift, by=stage.finance)
    answer = page(token)
    shown = text(answer)

    assert len(token) >= 43
    assert ReceiptLink.objects.get().token_sha256 == token_hash(token)
    for words in ("100.00", "It is matched in full.", "no receipt for your taxes", "170(f)(8)"):
        assert words in shown
    for hidden in ("Secret", "a@example.org", "cheque 7"):
        assert hidden not in shown + text(page(token, "receipt.json"))
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer["X-Robots-Tag"]
    assert "no-store" in answer["Cache-Control"]
    assert token not in str(AuditEntry.objects.values_list("facts", flat=True))
    assert page(token, "proof/").status_code == 404
    assert "The proof comes with the statement" in shown


def test_the_receipt_changes_when_money_goes_back(stage: Stage) -> None:
    campaign = opened(stage)
    gift = give(campaign, "a", 10_000, by=stage.finance)
    token = make_link(gift=gift, by=stage.finance)

    refund_gift(campaign=campaign, gift_key="a", amount_minor=2_500, by=stage.finance)
    told = json.loads(text(page(token, "receipt.json")))["today"]

    assert told == {"seq": 1, "gross": 10_000, "refunded": 2_500, "matched": 7_500}
    assert "USD 25.00 went back" in text(page(token))


def test_revoked_and_erased_links_open_nothing(stage: Stage) -> None:
    campaign = opened(stage)
    gift, other = (give(campaign, key, 10_000, by=stage.finance) for key in "ab")
    tokens = [make_link(gift=gift, by=stage.finance) for _ in range(2)]
    kept = make_link(gift=other, by=stage.finance)

    assert revoke_links(gift=gift, by=stage.finance) == 2
    assert revoke_links(gift=gift, by=stage.finance) == 0
    assert [page(token).status_code for token in (*tokens, kept)] == [404, 404, 200]
    assert page("nothing").status_code == 404
    assert page(tokens[0], "receipt.json").status_code == 404

    erase_donor(donor=other.donor, by=stage.finance)
    assert page(kept).status_code == 404
    with pytest.raises(Refused, match="erased"):
        make_link(gift=gift_of(campaign, "b"), by=stage.finance)
    with pytest.raises(DatabaseError), transaction.atomic():
        ReceiptLink.objects.filter(gift=gift).update(revoked_at=None, revoked_by=None)
    with pytest.raises(DatabaseError), transaction.atomic():
        ReceiptLink.objects.filter(gift=other).update(gift=gift)


def test_only_finance_makes_and_ends_links(stage: Stage) -> None:
    gift = give(opened(stage), "a", 10_000, by=stage.finance, donor_email="a@example.org")

    for act in (make_link, send_receipt, revoke_links):
        with pytest.raises(PermissionDenied):
            act(gift=gift, by=stage.officer)


def test_a_donor_asks_and_gets_a_link_for_each_gift(stage: Stage, client: Client) -> None:
    campaign = opened(stage)
    for key in "ab":
        give(campaign, key, 10_000, by=stage.finance, donor_name="Ann", donor_email="ann@example.org")
    give(campaign, "c", 10_000, by=stage.finance, donor_name="Bob", donor_email="bob@example.org")
    address = reverse("grants:receipt_ask", args=[campaign.slug])

    wrong = client.post(address, {"email": "ann at example"})
    stranger = client.post(address, {"email": "nobody@example.org"})
    asked = client.post(address, {"email": "ANN@example.org"})
    drain()

    assert wrong.status_code == 422
    assert "ann at example" in text(wrong)
    assert asked.status_code == stranger.status_code == 200
    assert text(asked).splitlines() == text(stranger).splitlines()
    (message,) = mail.outbox
    tokens = LINK.findall(message.body)
    assert message.to == ["ANN@example.org"]
    assert len(tokens) == 2
    assert {ReceiptLink.objects.opened_by(token).get().gift.key for token in tokens} == {"a", "b"}
    assert all(page(token).status_code == 200 for token in tokens)


def test_one_address_is_not_written_to_without_end(stage: Stage, client: Client) -> None:
    campaign = opened(stage)
    address = reverse("grants:receipt_ask", args=[campaign.slug])

    codes = [client.post(address, {"email": "ann@example.org"}).status_code for _ in range(6)]

    assert codes == [200] * 5 + [429]


def test_staff_hand_a_link_on(stage: Stage) -> None:
    campaign = opened(stage)
    gift = give(campaign, "a", 10_000, by=stage.finance, donor_name="Ann", donor_email="ann@example.org")
    nameless = give(campaign, "b", 10_000, by=stage.finance, donor_name="")
    finance = signed_in(stage.finance)
    address = reverse("grants:receipt_links", args=[gift.pk])

    assert "No link yet" in text(finance.get(address))
    (token,) = set(LINK.findall(text(finance.post(address))))
    assert page(token).status_code == 200
    assert token not in text(finance.get(address))
    sent = finance.post(reverse("grants:receipt_send", args=[gift.pk]), follow=True)
    assert "on its way" in text(sent)
    drain()
    assert mail.outbox[0].to == ["ann@example.org"]
    assert finance.post(reverse("grants:receipt_send", args=[nameless.pk])).status_code == 409
    assert "no e-mail address" in text(finance.get(reverse("grants:receipt_links", args=[nameless.pk])))
    assert finance.post(reverse("grants:receipt_revoke", args=[gift.pk])).status_code == 302
    assert page(token).status_code == 404

    erase_donor(donor=gift.donor, by=stage.finance)
    mail_receipt_task.func(gift.pk)  # asked before the donor was erased
    assert len(mail.outbox) == 1


def test_asking_is_for_the_machine_and_finance(stage: Stage) -> None:
    campaign = opened(stage)
    with pytest.raises(PermissionDenied):
        ask_for_receipts(campaign=campaign, address="a@example.org", by=stage.officer)
    ask_for_receipts(campaign=campaign, address="a@example.org", by=User.objects.system("background"))
    drain()
    assert mail.outbox == []


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_every_line_leads_to_the_root_and_the_program_sees_it(stage: Stage, tmp_path: Path, count: int) -> None:
    campaign = closed_with(stage, count)
    lines = campaign.statement_content["lines"]
    statement = written(tmp_path, "statement.json", {**campaign.statement_content, "currency": campaign.currency})

    assert lines["count"] == count
    for number in range(count):
        gift = gift_of(campaign, f"g{number}")
        token = make_link(gift=gift, by=stage.finance)
        shown = text(page(token, "proof/"))
        proof = proof_of(gift)
        receipt = written(tmp_path, "receipt.json", text(page(token, "receipt.json")))
        assert proof.holds
        assert "It holds." in shown
        assert lines["root"][:8] in shown
        if number in {0, count - 1}:
            assert run(receipt, "--statement", statement).returncode == 0
            assert run(receipt, "--root", lines["root"]).returncode == 0
    assert [sentence for check in invariants.INVARIANTS for sentence in check()] == []


def test_later_refunds_leave_the_sealed_line(stage: Stage, tmp_path: Path) -> None:
    campaign = closed_with(stage, 3)
    gift = gift_of(campaign, "g0")
    token = make_link(gift=gift, by=stage.finance)
    before = json.loads(text(page(token, "receipt.json")))
    assert "It changed later." not in text(page(token))

    refund_gift(campaign=campaign, gift_key="g0", by=stage.finance)
    shown, after = text(page(token)), json.loads(text(page(token, "receipt.json")))

    assert "It changed later." in shown
    assert after["proof"] == before["proof"]
    assert after["proof"]["line"] == {"seq": 1, "gross": 10_000, "refunded": 0, "matched": 10_000}
    assert after["today"] == {"seq": 1, "gross": 10_000, "refunded": 10_000, "matched": 0}
    root = fresh(campaign).statement_content["lines"]["root"]
    assert run(written(tmp_path, "r.json", after), "--root", root).returncode == 0


def test_a_late_gift_and_an_old_statement_have_no_proof(stage: Stage) -> None:
    campaign = closed_with(stage, 1)
    late = give(campaign, "late", 10_000, by=stage.finance)
    token = make_link(gift=late, by=stage.finance)
    assert "recorded after the campaign was closed" in text(page(token))

    old = make_link(gift=gift_of(campaign, "g0"), by=stage.finance)
    content = {name: value for name, value in campaign.statement_content.items() if name != "lines"}
    Campaign.objects.filter(pk=campaign.pk).update(statement_content=content)
    assert "before statements had lines" in text(page(old))
    assert json.loads(text(page(old, "receipt.json")))["proof"] is None
    assert list(invariants.statements_rest_on_their_lines()) == []


def test_closing_writes_each_line_once(stage: Stage) -> None:
    campaign = closed_with(stage, 3)
    before = list(StatementLine.objects.values_list("salt", flat=True))
    content = campaign.statement_content

    again = close_campaign(campaign=campaign, by=stage.finance, closed_at=campaign.closed_at)
    with pytest.raises(Refused):
        close_campaign(campaign=campaign, by=stage.finance)
    with pytest.raises(PermissionDenied):
        freeze_lines(campaign=campaign, by=stage.partner)

    assert again.statement_content == content
    assert list(StatementLine.objects.values_list("salt", flat=True)) == before
    assert len(set(before)) == 3
    for model in (StatementLine, StatementBranch):
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.all().delete()
    assert (again.gift_count, StatementBranch.objects.count()) == (3, 1)


def test_a_campaign_without_gifts_closes(stage: Stage) -> None:
    campaign = closed_with(stage, 0)

    assert campaign.statement_content["lines"]["count"] == 0
    assert StatementBranch.objects.count() == 0
    assert list(invariants.statements_rest_on_their_lines()) == []


def test_invariants_tell_of_figures_that_are_not_the_lines(stage: Stage) -> None:
    campaign = closed_with(stage, 2)
    content = campaign.statement_content
    other = {**content, "lines": {**content["lines"], "root": "0" * 64}}
    Campaign.objects.filter(pk=campaign.pk).update(statement_content=other)
    assert "do not lead to the root" in next(iter(invariants.statements_rest_on_their_lines()))

    more = {**content, "figures": {**content["figures"], "matched_minor": 1}}
    Campaign.objects.filter(pk=campaign.pk).update(statement_content=more)
    assert "do not add up" in next(iter(invariants.statements_rest_on_their_lines()))


def test_a_path_reads_two_lists_whatever_the_size(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    for module in ("actions.lines", "models.statement", "invariants"):
        monkeypatch.setattr(f"grants.campaigns.{module}.BRANCH", 4)
    campaign = closed_with(stage, 19)

    assert StatementBranch.objects.count() == 5
    for number in (0, 3, 4, 18):
        gift = gift_of(campaign, f"g{number}")
        with django_assert_num_queries(2):
            proof = proof_of(gift)
        assert proof.holds
    assert list(invariants.statements_rest_on_their_lines()) == []
