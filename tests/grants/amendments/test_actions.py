"""An amendment from its draft to new terms in force: checks, signatures, reserve, seal; and what it never touches."""

import io
import json
from datetime import timedelta

import pikepdf
import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from grants.agreements.actions.freezing import SCHEMA_ATTACHMENT, terms_attachment
from grants.agreements.documents import amendment_html
from grants.agreements.models import Agreement, Grant
from grants.agreements.rendering import render
from grants.agreements.terms import terms_hash
from grants.agreements.verification import Word, verify_pdf
from grants.amendments import actions
from grants.amendments.models import Amendment
from grants.campaigns.actions import close_campaign
from grants.invariants import INVARIANTS
from tests.factories import amendments, grants, reviews
from tests.factories.campaigns import give
from tests.factories.portal import UserFactory
from vetting_portal.canonical import sha256_hex
from vetting_portal.files import read_stored
from vetting_portal.models import AuditEntry
from vetting_portal.tasks import drain
from vetting_portal.workflow import Refused, transition_blockers

pytestmark = pytest.mark.django_db


def broken():
    return [sentence for invariant in INVARIANTS for sentence in invariant()]


def reasons(amendment, move="freeze"):
    return [str(reason) for reason in transition_blockers(amendments.fresh(amendment), move)]


def test_an_amendment_goes_from_draft_to_force(in_force):
    amendment = amendments.amendment_in("in_force", in_force)
    grant = grants.fresh(in_force)
    assert (amendment.state, amendment.number, grant.state) == ("in_force", f"{grant.number}-A1", "in_force")
    assert (grant.goal_minor, grant.cap_minor) == (3_500_000, 1_750_000)
    assert grant.terms_in_force == amendment.terms != grant.terms
    assert grant.agreement.terms == grant.terms
    assert grant.reserve_account.balance_minor == 1_750_000
    assert broken() == []


def test_its_terms_are_whole_and_bound_to_what_they_amend(in_force):
    first = amendments.amendment_in("in_force", in_force)
    second = amendments.amendment_in("in_force", grants.fresh(in_force), conditions=["Two people sign each cheque."])
    content, agreement = amendments.fresh(second).terms.content, grants.fresh(in_force).agreement
    told = content["amendment"]
    assert told["amends"]["sealed_sha256"] == agreement.sealed_sha256
    assert told["amends"]["terms_sha256"] == agreement.terms.sha256
    assert told["previous"]["number"] == 1
    assert told["previous"]["sealed_sha256"] == amendments.fresh(first).agreement.sealed_sha256
    assert [line["what"] for line in told["changes"]] == ["Condition, removed", "Condition, new"]
    assert told["reason"] == amendments.WHY
    assert (content["version"], content["money"]["cap_minor"]) == (3, 1_750_000)
    assert content["partner"] == agreement.terms.content["partner"]
    assert broken() == []


def test_its_file_carries_the_terms_and_the_file_that_was_signed(in_force):
    document = amendments.fresh(amendments.amendment_in("in_force", in_force)).agreement
    sealed = read_stored(document.sealed_file)
    with pikepdf.open(io.BytesIO(sealed)) as pdf:
        attached = {name: spec.get_file().read_bytes() for name, spec in pdf.attachments.items()}
    assert terms_hash(json.loads(attached["terms.json"])) == document.content_sha256
    assert attached["signed.pdf"] == read_stored(document.signed_file)
    assert verify_pdf(io.BytesIO(sealed)).word == Word.GENUINE


def test_the_same_terms_give_the_same_bytes(in_force):
    document = amendments.amendment_in("awaiting_signature", in_force).agreement
    content = json.loads(document.terms.canonical)
    again = render(
        amendment_html(content, terms_hash(content)), attachments=[terms_attachment(content), SCHEMA_ATTACHMENT]
    )
    assert sha256_hex(again.content) == document.signed_sha256


def test_only_a_grant_in_force_is_amended(approved):
    with pytest.raises(Refused, match="The grant is approved"):
        amendments.drafted(approved)


def test_one_amendment_at_a_time(in_force):
    amendment = amendments.drafted(in_force)
    with pytest.raises(Refused, match="is open"):
        amendments.drafted(grants.fresh(in_force))
    with pytest.raises(IntegrityError), transaction.atomic():
        Amendment.objects.create(
            grant=in_force, ordinal=2, number="x", reason="y", changes={}, base=amendment.base,
            created_at=timezone.now(), created_by=amendment.created_by,
        )  # fmt: skip


def test_a_reason_is_needed(in_force):
    with pytest.raises(ValidationError, match="Say why the terms change"):
        actions.draft_amendment(grant=in_force, reason=" ", changes={}, by=grants.officer_of(in_force))


def test_all_reasons_come_at_once(in_force):
    amendments.campaign_of(in_force)
    shorter = (in_force.window_ends_at - timedelta(days=9)).isoformat()
    amendment = amendments.drafted(
        in_force, cap_minor=900_000, window_ends_at=shorter, term_ends_on=timezone.localdate().isoformat(),
        budget=[{"line": "Work", "amount_minor": 5}],
        tranches=[{"share_bp": 9000, "condition": "", "due_on": "2031-01-01"}], reports=[],
    )  # fmt: skip
    assert set(reasons(amendment)) >= {
        "A match cap is raised, never lowered.",
        "A match window is extended, never shortened.",
        "The match window ends after the term.",
        "The budget (Schedule B) does not add up to the granting goal.",
        "The payments (Schedule D) do not come to 100%.",
        "A payment has no condition (Schedule D).",
        "There is no report (Schedule E).",
        "A payment that is scheduled does not go away.",
        "A report that is scheduled does not go away.",
    }
    with pytest.raises(Refused):
        actions.freeze_amendment(amendment=amendment, by=amendments.officer_of(amendment))
    assert amendments.fresh(amendment).state == "draft"


def test_a_draft_that_changes_nothing_is_not_frozen(in_force):
    assert "Nothing changes." in reasons(amendments.drafted(in_force, goal_minor=in_force.goal_minor))


def test_a_cap_above_what_the_fund_has_free_is_refused(in_force):
    more = {"goal_minor": 9_000_000, "cap_minor": 5_000_001, "budget": [{"line": "Work", "amount_minor": 9_000_000}]}
    amendment = amendments.drafted(in_force, **more)
    assert "The match cap is more than the match fund has free." in reasons(amendment)
    enough = {**more, "cap_minor": 5_000_000}
    actions.change_amendment(
        amendment=amendment, reason=amendments.WHY, changes=enough, by=amendments.officer_of(amendment)
    )
    assert "The match cap is more than the match fund has free." not in reasons(amendment)


def test_a_cap_needs_an_open_campaign(in_force):
    campaign = amendments.campaign_of(in_force)
    close_campaign(campaign=campaign, by=grants.finance())
    assert reasons(amendments.drafted(grants.fresh(in_force))) == ["The campaign is closed: its match is frozen."]


def test_the_last_director_reserves_the_rise_once(in_force):
    free = in_force.fund.free_now()
    amendment = amendments.amendment_in("awaiting_signature", in_force)
    first, second = grants.directors_of(in_force)[:2]
    amendments.sign(amendment, first)
    assert in_force.fund.free_now() == free
    amendments.sign(amendment, second)
    amendment = amendments.fresh(amendment)
    assert (amendment.state, amendment.reserve_account.balance_minor) == ("approved", 250_000)
    assert in_force.fund.free_now() == free - 250_000
    assert grants.fresh(in_force).cap_minor == 1_500_000
    assert broken() == []


@pytest.mark.parametrize("act", ["lapse", "send_back"])
def test_what_was_set_aside_goes_back(in_force, act):
    free = in_force.fund.free_now()
    amendment = amendments.amendment_in("approved", in_force)
    document = amendment.agreement
    move = getattr(actions, f"{act}_amendment")
    move(amendment=amendment, reason="The partner does not sign.", by=amendments.officer_of(amendment))
    assert in_force.fund.free_now() == free
    document.refresh_from_db()
    assert (document.voided_at is not None, document.voided_reason) == (True, "The partner does not sign.")
    assert grants.fresh(in_force).terms_in_force == in_force.terms
    assert broken() == []


def test_a_change_back_to_draft_is_signed_and_reserved_anew(in_force):
    amendment = amendments.amendment_in("approved", in_force)
    old = amendment.agreement
    officer = amendments.officer_of(amendment)
    actions.send_back_amendment(amendment=amendment, reason="A wrong sum.", by=officer)
    amendment = actions.freeze_amendment(amendment=amendments.fresh(amendment), by=officer)
    assert amendment.agreement.pk != old.pk
    assert amendment.agreement.signatures.count() == 0
    for director in grants.directors_of(in_force)[:2]:
        amendments.sign(amendment, director)
    amendment = amendments.fresh(amendment)
    assert (amendment.state, amendment.reserve_account.balance_minor) == ("approved", 250_000)
    verdict = verify_pdf(io.BytesIO(read_stored(old.signed_file)))
    assert (verdict.word, "was made void" in verdict.sentence) == (Word.UNKNOWN, True)
    assert broken() == []


def test_a_countersigned_amendment_is_not_sent_back(in_force):
    amendment = amendments.amendment_in("approved", in_force)
    amendments.countersign(amendment)
    with pytest.raises(Refused, match="The partner has countersigned"):
        actions.send_back_amendment(amendment=amendment, reason="Late.", by=amendments.officer_of(amendment))


def test_a_signature_names_the_amendment_and_one_person_signs_once(in_force):
    amendment = amendments.amendment_in("awaiting_signature", in_force)
    director = grants.directors_of(in_force)[0]
    signature = amendments.sign(amendment, director)
    assert signature.consent_text.startswith(f"Amendment 1 to the agreement {in_force.number}: ")
    assert signature.document_sha256 == amendment.agreement.signed_sha256
    with pytest.raises(Refused, match="You have signed this amendment already"):
        amendments.begin(amendment, director)


def test_who_judged_or_was_declined_does_not_sign(in_force):
    amendment = amendments.amendment_in("awaiting_signature", in_force)
    stranger = UserFactory(roles=["director"])
    with pytest.raises(Refused, match="Declare first"):
        amendments.begin(amendment, stranger)
    with pytest.raises(PermissionDenied):
        amendments.begin(amendment, grants.finance())
    grants.declare(in_force, stranger, has_interest=True)
    with pytest.raises(PermissionDenied):
        amendments.begin(amendment, stranger)


def test_a_code_for_the_agreement_signs_no_amendment(in_force):
    amendment = amendments.amendment_in("awaiting_signature", in_force)
    first, second = grants.directors_of(in_force)[:2]
    challenge, code = amendments.begin(amendment, first)
    with pytest.raises(ValidationError, match="This step is over"):
        actions.sign_amendment(
            amendment=amendment, document_sha256=challenge.document_sha256, nonce=challenge.nonce, code=code, by=second
        )
    with pytest.raises(Refused, match="Changed since you viewed it"):
        actions.sign_amendment(
            amendment=amendment, document_sha256=in_force.agreement.signed_sha256, nonce=challenge.nonce, code=code,
            by=first,
        )  # fmt: skip


def test_a_higher_cap_is_never_retroactive(in_force):
    campaign, by = amendments.campaign_of(in_force), grants.finance()
    at = timezone.now() + timedelta(days=2)
    early = give(campaign, "early", 1_600_000, by=by, received_at=at)
    assert early.matched_minor == 1_500_000
    amendments.amendment_in("in_force", in_force)
    late = give(campaign, "late", 40_000, by=by, received_at=at)
    early, campaign = type(early).objects.get(pk=early.pk), type(campaign).objects.get(pk=campaign.pk)
    assert (early.matched_minor, late.matched_minor) == (1_500_000, 40_000)
    assert (campaign.cap_minor, campaign.cap_at_start_minor, campaign.available_minor) == (
        1_750_000,
        1_500_000,
        210_000,
    )
    assert broken() == []


def test_a_longer_window_matches_no_gift_that_came_before(in_force):
    campaign, by = amendments.campaign_of(in_force), grants.finance()
    outside = in_force.window_ends_at + timedelta(days=5)
    before = give(campaign, "before", 10_000, by=by, received_at=outside)
    amendments.amendment_in("in_force", in_force, **amendments.later(in_force))
    after = give(type(campaign).objects.get(pk=campaign.pk), "after", 10_000, by=by, received_at=outside)
    before = type(before).objects.get(pk=before.pk)
    assert (before.matched_minor, after.matched_minor) == (0, 10_000)
    assert broken() == []


def test_payments_and_reports_follow(in_force):
    amendments.campaign_of(in_force)
    tranches = [dict(row) for row in in_force.plan["tranches"]]
    tranches[1]["share_bp"], tranches[2]["share_bp"] = 3000, 2000
    changes = amendments.later(in_force)
    changes["reports"] = [*changes["reports"], {"title": "Story", "due_on": changes["term_ends_on"]}]
    amendments.amendment_in("in_force", in_force, tranches=tranches, **changes)
    grant = grants.fresh(in_force)
    assert list(grant.tranches.values_list("number", "share_bp")) == [(1, 5000), (2, 3000), (3, 2000)]
    assert [report.title for report in grant.reports.all()] == ["Start note", "Final report", "Story"]
    assert grant.reports.all()[1].due_on == grant.term_ends_on


def test_a_report_that_was_sent_stays_as_it_is(in_force):
    amendments.campaign_of(in_force)
    in_force.reports.filter(number=1).update(state="accepted", submitted_at=timezone.now(), accepted_at=timezone.now(),
        submitted_by=in_force.created_by, accepted_by=in_force.created_by)  # fmt: skip
    reports = [dict(row) for row in in_force.plan["reports"]]
    reports[0]["title"] = "Another name"
    assert reasons(amendments.drafted(in_force, reports=reports)) == ["The report “Start note” was sent already."]


def test_a_campaign_planned_later_starts_with_the_higher_cap(in_force):
    amendments.amendment_in("in_force", in_force)
    campaign = amendments.campaign_of(in_force)
    assert (campaign.cap_minor, campaign.cap_at_start_minor) == (1_750_000, 1_750_000)
    assert broken() == []


def test_the_statement_names_agreement_and_amendments(in_force):
    campaign = amendments.campaign_of(in_force)
    amendment = amendments.amendment_in("in_force", in_force)
    close_campaign(campaign=type(campaign).objects.get(pk=campaign.pk), by=grants.finance())
    grant = grants.fresh(in_force)
    from_task = grants.statement_of(grant)
    sealed = amendments.fresh(amendment).agreement.sealed_sha256
    assert from_task.content["amendments"] == [{"number": 1, "sealed_sha256": sealed}]
    assert from_task.content["agreement_sealed_sha256"] == grant.agreement.sealed_sha256
    assert (from_task.terms, grants.fresh(grant).statement) == (grant.terms_in_force, from_task)


def test_a_campaign_that_closed_meanwhile_leaves_it_unsealed(in_force):
    campaign = amendments.campaign_of(in_force)
    amendment = amendments.amendment_in("approved", in_force)
    amendments.countersign(amendment)
    close_campaign(campaign=type(campaign).objects.get(pk=campaign.pk), by=grants.finance())
    with pytest.raises(Refused, match="its match is frozen"):
        actions.seal_amendment(amendment=amendment, by=grants.system())
    actions.seal_amendment_task.func(amendment.pk)
    amendment = amendments.fresh(amendment)
    assert (amendment.state, amendment.agreement.sealed_at) == ("approved", None)
    actions.lapse_amendment(amendment=amendment, reason="Too late.", by=amendments.officer_of(amendment))
    assert broken() == []


def test_a_seal_without_its_move_is_finished_by_the_next_run(in_force, monkeypatch):
    amendment = amendments.amendment_in("approved", in_force)
    amendments.countersign(amendment)
    monkeypatch.setattr(actions.entering, "reschedule_payments", _crash)
    with pytest.raises(RuntimeError):
        actions.seal_amendment(amendment=amendment, by=grants.system())
    assert (amendments.fresh(amendment).state, grants.fresh(in_force).cap_minor) == ("approved", 1_500_000)
    sealed = amendments.fresh(amendment).agreement.sealed_sha256
    monkeypatch.undo()
    actions.seal_amendment(amendment=amendment, by=grants.system())
    actions.seal_amendment(amendment=amendment, by=grants.system())
    amendment = amendments.fresh(amendment)
    assert (amendment.state, amendment.agreement.sealed_sha256) == ("in_force", sealed)
    assert broken() == []


def _crash(**_):
    raise RuntimeError("the power went")


def test_a_sealed_amendment_that_lapses_is_revoked(in_force, monkeypatch):
    campaign = amendments.campaign_of(in_force)
    amendment = amendments.amendment_in("approved", in_force)
    amendments.countersign(amendment)
    monkeypatch.setattr(actions.entering, "reschedule_payments", _crash)
    with pytest.raises(RuntimeError):
        actions.seal_amendment(amendment=amendment, by=grants.system())
    close_campaign(campaign=type(campaign).objects.get(pk=campaign.pk), by=grants.finance())
    actions.lapse_amendment(
        amendment=amendments.fresh(amendment), reason="It cannot hold.", by=amendments.officer_of(amendment)
    )
    document = amendments.fresh(amendment).agreement
    verdict = verify_pdf(io.BytesIO(read_stored(document.sealed_file)))
    assert (verdict.word, document.public_reason) == (Word.REVOKED, "It was never in force.")
    agreement = verify_pdf(io.BytesIO(read_stored(in_force.agreement.sealed_file)))
    assert (agreement.word, agreement.amendments) == (Word.GENUINE, [])


def test_the_agreement_says_that_it_was_amended(in_force, tmp_path, capsys):
    amendment = amendments.fresh(amendments.amendment_in("in_force", in_force))
    path = tmp_path / "agreement.pdf"
    path.write_bytes(read_stored(grants.fresh(in_force).agreement.sealed_file))
    call_command("verify_agreement", str(path))
    said = capsys.readouterr().out
    assert said.startswith("genuine example: " if in_force.terms.content["example"] else "genuine: ")
    assert "It was amended by amendment 1 of" in said
    assert amendment.agreement.sealed_sha256 in said


def test_the_end_of_the_grant_revokes_every_document(in_force, tmp_path, capsys):
    amendment = amendments.fresh(amendments.amendment_in("in_force", in_force))
    grants.end(grants.fresh(in_force))
    for document in (grants.fresh(in_force).agreement, amendment.agreement):
        path = tmp_path / "document.pdf"
        path.write_bytes(read_stored(document.sealed_file))
        with pytest.raises(SystemExit) as done:
            call_command("verify_agreement", str(path))
        assert done.value.code == 3
    said = capsys.readouterr().out
    assert "genuine, but revoked" in said
    assert grants.MISUSED not in said


def test_a_hold_stops_what_goes_forward(in_force):
    amendment = amendments.amendment_in("approved", in_force)
    amendments.countersign(amendment)
    reviews.hold_on(in_force.submission.organisation, by=reviews.officer())
    with pytest.raises(Refused, match="held"):
        actions.seal_amendment(amendment=amendment, by=grants.system())
    actions.seal_amendment_task.func(amendment.pk)
    assert amendments.fresh(amendment).state == "approved"


def test_an_amendment_in_force_never_changes(in_force):
    amendment = amendments.amendment_in("in_force", in_force)
    for change in ({"reason": "Another."}, {"ordinal": 7}, {"state": "draft"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Amendment.objects.filter(pk=amendment.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Amendment.objects.filter(pk=amendment.pk).delete()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [({"cap_minor": 1}, "does not say what its terms in force say"), ({"amended_terms": None}, "last amendment")],
)
def test_invariants_find_a_grant_that_says_something_else(in_force, change, sentence):
    amendments.amendment_in("in_force", in_force)
    Grant.objects.filter(pk=in_force.pk).update(**change)
    assert any(sentence in one for one in broken())


def test_every_step_is_in_the_trail(in_force):
    amendment = amendments.amendment_in("in_force", in_force)
    events = list(AuditEntry.objects.about(amendment).values_list("event", flat=True))
    told = [event for event in events if event != "signing_begun"]
    assert told == ["drafted", "freeze", "signed", "signed", "approve", "signed", "enter_into_force"]
    assert Agreement.objects.amendments().get().terms == amendments.fresh(amendment).terms


def test_who_is_to_sign_an_amendment_is_reminded_with_all_else_that_waits(in_force, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    amendment = amendments.amendment_in("awaiting_signature", in_force)
    first, second = grants.directors_of(in_force)[:2]
    amendments.sign(amendment, first)

    def reminded(days: int) -> set[str]:
        drain()
        mail.outbox.clear()
        time_machine.shift(timedelta(days=days))
        for _ in range(2):
            actions.remind_signers.enqueue()
            drain()
        return {one.to[0] for one in mail.outbox if str(amendment) in one.body and amendment.number in one.body}

    others = {one.email for one in grants.directors_of(in_force)} - {first.email}
    assert reminded(2) == set()
    assert reminded(1) == others
    assert reminded(0) == set()
    amendments.sign(amendment, second)
    assert reminded(3) == {grants.owner_of(in_force).email}
