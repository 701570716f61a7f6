"""Drafts, the reasons why terms do not add up, frozen terms and the file to sign."""

from datetime import timedelta
from unittest import mock

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from grants.agreements import actions
from grants.agreements.actions import freezing
from grants.agreements.invariants import INVARIANTS
from grants.agreements.models import Agreement, Grant, Signature, Terms
from grants.agreements.press.setting import colours, set_pdf
from grants.agreements.rendering import Attached, RenderBlocked, render
from grants.agreements.terms import terms_content, terms_hash
from tests.factories import grants, reviews
from tests.factories.portal import UserFactory
from vetting_portal import audit
from vetting_portal.canonical import sha256_of
from vetting_portal.files import read_stored
from vetting_portal.models import Funder
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def broken():
    return [sentence for invariant in INVARIANTS for sentence in invariant()]


def test_draft_takes_a_number_of_the_year():
    year = timezone.localdate().year
    assert grants.drafted().number == f"{year}-001"


def test_draft_refuses_a_second_grant(draft):
    with pytest.raises(Refused, match="was drafted from this submission already"):
        actions.draft_grant(
            submission=draft.submission, fields=grants.draft_fields(draft.fund), by=grants.officer_of(draft)
        )


def test_draft_refuses_a_submission_that_is_not_recommended():
    officer = reviews.officer()
    submission = reviews.assessed(by=officer)
    with pytest.raises(Refused, match="The submission is assessed"):
        actions.draft_grant(
            submission=submission, fields=grants.draft_fields(grants.fund_with(submission=submission)), by=officer
        )


def test_draft_asks_for_an_officer(draft):
    with pytest.raises(PermissionDenied):
        actions.draft_grant(submission=draft.submission, fields={}, by=UserFactory(roles=["director"]))


def test_draft_refuses_a_cap_above_the_goal():
    with pytest.raises(ValidationError, match="not more than the granting goal"):
        grants.drafted(cap_minor=3_000_001)


def test_change_writes_the_draft_and_refuses_frozen_terms(draft):
    changed = actions.change_grant(grant=draft, fields={"title": "Another"}, by=grants.officer_of(draft))
    assert changed.title == "Another"
    actions.freeze_terms(grant=draft, by=grants.officer_of(draft))
    with pytest.raises(Refused, match="awaiting signature"):
        actions.change_grant(grant=draft, fields={"title": "Third"}, by=grants.officer_of(draft))
    with pytest.raises(PermissionDenied):
        actions.change_grant(grant=draft, fields={}, by=grants.finance())


def test_freezing_tells_everything_that_does_not_add_up_at_once():
    fund = grants.fund_with(100_000)
    plan = {
        "indicators": [],
        "conditions": [],
        "budget": [{"line": "All", "amount_minor": 1}],
        "tranches": [{"share_bp": 5000, "condition": "", "due_on": "2020-01-01"}],
        "reports": [{"title": "B", "due_on": "2031-01-01"}, {"title": "A", "due_on": "2030-01-01"}],
    }
    now = timezone.now()
    grant = grants.drafted(
        fund=fund, plan=plan, purpose=" ", signatory_name=" ", ratio_q=2, window_starts_at=now - timedelta(days=400),
        window_ends_at=now - timedelta(days=390),
    )  # fmt: skip
    grant.submission.organisation.memberships.update(until_at=now, ended_by=grant.created_by)
    with pytest.raises(Refused) as refusal:
        actions.freeze_terms(grant=grant, by=grants.officer_of(grant))
    assert [str(blocker) for blocker in refusal.value.blockers] == [
        "The match cap is more than the match fund has free.",
        "The gifts hoped for do not earn the whole match.",
        "The budget (Schedule B) does not add up to the granting goal.",
        "The payments (Schedule D) do not come to 100%.",
        "A payment has no condition (Schedule D).",
        "The purpose is missing.",
        "Who signs for the partner is missing.",
        "The match window is over already.",
        "The match window starts before the term.",
        "The payments begin before the term.",
        "The dates of the reports are not in order.",
        "The reports go on for more than a year after the term.",
        "Nobody can countersign for the partner.",
    ]
    assert all(blocker.hint for blocker in refusal.value.blockers)
    assert not Terms.objects.exists()


@pytest.mark.parametrize(("plan", "reason"), [
    ({"tranches": []}, "There is no payment (Schedule D)."),
    ({"reports": []}, "There is no report (Schedule E)."),
], ids=["no payment", "no report"])  # fmt: skip
def test_freezing_asks_for_payments_and_reports(plan, reason, draft):
    draft.plan.update(plan)
    assert reason in draft.freeze_blockers()


def test_freezing_names_a_fund_of_another_programme_or_currency(draft):
    draft.fund = grants.fund_with(9_000_000, currency="EUR")
    draft.term_ends_on = timezone.localdate() + timedelta(days=10)
    assert draft.freeze_blockers() == [
        "The match fund holds another currency.",
        "The match fund does not name this programme.",
        "The match window ends after the term.",
    ]


def test_freezing_says_early_when_too_few_people_are_left_to_sign(draft):
    first = grants.directors_of(draft)[0]
    grants.declare(draft, first, has_interest=True)
    assert draft.freeze_blockers() == ["Too few people are left to sign."]
    assert "2 hold the role, 1 of them may sign" in draft.freeze_blockers()[0].hint


def test_freezing_asks_for_a_proved_registration_and_a_fresh_screening(draft):
    draft.submission.evidence_links.filter(criterion__code="C1").delete()
    reviews.PersonFactory(organisation=draft.submission.organisation, name="Somebody New")
    assert grants.fresh(draft).freeze_blockers() == [
        "The registration is not proved today.",
        "A name was added or changed after the screening.",
    ]


def test_frozen_terms_hash_file_and_state_agree():
    grant = actions.freeze_terms(grant=grants.drafted(), by=reviews.officer())
    agreement = grant.agreement
    assert grant.state == Grant.State.AWAITING_SIGNATURE
    assert sha256_of(grant.terms.content) == grant.terms.sha256 == agreement.content_sha256
    assert read_stored(agreement.signed_file).startswith(b"%PDF-")
    assert agreement.signed_sha256 == agreement.signed_file.sha256
    assert broken() == []


def test_the_same_terms_give_the_same_bytes(draft):
    frozen_at = timezone.now().replace(microsecond=0)

    def made():
        content = terms_content(grants.fresh(draft), Funder.objects.current(), version=1, frozen_at=frozen_at)
        html = freezing.agreement_html(content, terms_hash(content))
        return render(html, attachments=[freezing.terms_attachment(content)]).content

    assert made() == made()


def test_the_first_file_of_a_process_has_the_bytes_of_the_next():
    """The colour profile that WeasyPrint writes anew differs from its second use on."""
    html = '<meta name="dcterms.created" content="2026-01-01T00:00:00+00:00"><p>Text'
    colours.cache_clear()
    first, second = set_pdf(html).content, set_pdf(html).content
    assert first == second


def test_freezing_stops_when_the_draft_changed_while_the_file_was_made(draft):
    officer = grants.officer_of(draft)
    really = freezing.put

    def change_meanwhile(content):
        actions.change_grant(grant=draft, fields={"title": "Changed meanwhile"}, by=officer)
        return really(content)

    with (
        mock.patch.object(freezing, "put", change_meanwhile),
        pytest.raises(Refused, match="changed while its file was made"),
    ):
        actions.freeze_terms(grant=draft, by=officer)
    assert not Terms.objects.exists()
    assert grants.fresh(draft).state == Grant.State.DRAFT


def test_freezing_writes_nothing_when_the_trail_fails(monkeypatch, draft):

    def fail(drafts):
        raise RuntimeError("the trail is full")

    monkeypatch.setattr(audit, "append", fail)
    with pytest.raises(RuntimeError):
        actions.freeze_terms(grant=draft, by=grants.officer_of(draft))
    assert (Terms.objects.count(), Agreement.objects.count(), grants.fresh(draft).state) == (0, 0, "draft")


def test_sending_back_voids_every_signature_and_keeps_it(waiting):
    first, second = grants.directors_of(waiting)
    grants.sign(waiting, first)
    old = grants.fresh(waiting).agreement
    back = actions.send_back_grant(grant=grants.fresh(waiting), reason="The window is too short.", by=second)
    assert (back.state, back.terms, back.agreement) == ("draft", None, None)
    assert Signature.objects.get().agreement_id == old.pk
    assert Agreement.objects.get().voided_by == second
    again = actions.freeze_terms(grant=back, by=grants.officer_of(waiting))
    assert (again.terms.version, again.agreement.signatures.count()) == (2, 0)
    assert grants.sign(again, first).number.endswith("-v2-1")
    assert broken() == []


def test_sending_back_asks_why(waiting):
    with pytest.raises(ValidationError):
        actions.send_back_grant(grant=waiting, reason=" ", by=grants.officer_of(waiting))


def test_declining_declines_the_submission_too():
    grant = grants.grant_in("declined")
    assert (grant.state, grants.fresh(grant).submission.state) == ("declined", "declined")


def test_a_lapsed_grant_gives_its_reserve_back(approved):
    assert approved.fund.free_now() == 3_500_000
    lapsed = actions.lapse_grant(grant=approved, reason="The partner merged.", by=grants.system())
    assert (lapsed.state, lapsed.fund.free_now(), lapsed.agreement) == ("lapsed", 5_000_000, None)
    with pytest.raises(Refused):
        actions.lapse_grant(grant=lapsed, reason="Again.", by=grants.officer_of(approved))


@pytest.mark.parametrize("change", [
    lambda: Terms.objects.update(content={"number": "x"}),
    lambda: Terms.objects.update(sha256="0" * 64),
    lambda: Agreement.objects.update(signed_sha256="0" * 64),
    lambda: Agreement.objects.update(content_sha256="0" * 64),
    lambda: Terms.objects.all()._raw_delete("default"),
    lambda: Agreement.objects.all()._raw_delete("default"),
], ids=["content", "terms hash", "signed hash", "content hash", "terms gone", "agreement gone"])  # fmt: skip
def test_the_database_keeps_frozen_terms_as_they_are(change, waiting):
    assert waiting.state == "awaiting_signature"
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        change()


HOSTILE = [
    '<img src="http://127.0.0.1:9/x.png">',
    '<img src="file:///etc/passwd">',
    '<link rel="attachment" href="file:///etc/passwd">',
    '<link rel="stylesheet" href="http://127.0.0.1:9/x.css">',
    "<style>@import url(http://127.0.0.1:9/x.css);</style>",
    '<p style="background: url(http://127.0.0.1:9/x)">x</p>',
    '<svg><image href="http://127.0.0.1:9/x.png" width="9" height="9"/></svg>',
    '<img src="data:image/svg+xml,<svg xmlns=%22http://www.w3.org/2000/svg%22/>">',
    '<object data="file:///etc/passwd"></object>',
    '<embed src="http://127.0.0.1:9/x.svg">',
    "<style>@font-face { font-family: x; src: url(file:///etc/passwd) } p { font-family: x }</style><p>x</p>",
]
HEAD = '<html lang="en"><head><meta name="dcterms.created" content="2026-01-01T00:00:00+00:00"></head><body>'


@pytest.mark.parametrize("payload", HOSTILE)
def test_nothing_is_fetched_for_a_document(payload):
    with pytest.raises(RenderBlocked):
        render(HEAD + payload)


def test_a_document_states_its_date():
    with pytest.raises(ValueError, match="states when it was made"):
        render("<p>x</p>", attachments=[Attached("a", b"", "")])


def test_hostile_names_stand_in_the_file_as_text():
    grant = grants.drafted(
        title='<img src="http://127.0.0.1:9/x">', purpose="<link rel=attachment href=file:///etc/passwd> {cap}"
    )
    assert actions.freeze_terms(grant=grant, by=grants.officer_of(grant)).state == "awaiting_signature"
