"""Conditions that bind: what they stop, who shows, checks and waives them, and how they follow the terms."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from grants.agreements import actions as agreements
from grants.conditions import actions
from grants.conditions.models import Condition
from grants.invariants import INVARIANTS
from grants.payments.actions import cancel_payment
from grants.payments.models import Tranche
from partners.models import Hold
from partners.organisations.actions import place_hold
from reviews.panels.models import ConflictDeclaration
from tests.factories import grants, payments
from tests.factories.conditions import SAID, condition_of, met, shown, waived
from tests.factories.grants import (
    condition,
    countersign,
    declare,
    directors_of,
    drafted,
    finance,
    fresh,
    officer_of,
    owner_of,
    sign,
)
from tests.factories.partners import OrganisationFactory
from tests.factories.reviews import officer
from vetting_portal.models import AuditEntry
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.both
REASON = "It was shown in the audit."


def with_plan(grant, *conditions):
    """Return the draft with other conditions in its plan."""
    plan = {**grant.plan, "conditions": list(conditions)}
    return agreements.change_grant(grant=grant, fields={"plan": plan}, by=officer_of(grant))


def frozen(grant):
    return agreements.freeze_terms(grant=fresh(grant), by=officer_of(grant))


def refusal(act, *args, **kwargs):
    """Return the reasons with which an act is refused."""
    with pytest.raises(Refused) as refused:
        act(*args, **kwargs)
    return [str(blocker) for blocker in refused.value.blockers]


def broken():
    return [sentence for check in INVARIANTS for sentence in check()]


def events(condition):
    rows = AuditEntry.objects.filter(subject_type="grants.Condition", subject_id=str(condition.pk)).order_by("seq")
    return list(rows.values_list("event", flat=True))


def test_frozen_terms_make_the_conditions_of_their_schedule(waiting):
    found = condition_of(waiting)
    assert (found.state, found.blocks, found.of, found.asked_of) == ("open", "payment", 2, "partner")
    assert waiting.terms.content["conditions"] == [found.terms.kept()]
    assert waiting.terms.content["schema"] == 2
    assert events(found) == ["condition_made"]
    assert broken() == []


def test_a_payment_is_refused_until_its_condition_is_met(in_force):
    number = condition_of(in_force).text
    campaign = payments.payable(in_force)
    Condition.objects.filter(grant=in_force).update(state="open")
    payments.released(campaign, 1)  # another payment does not wait for it
    stamps = {"cancelled_at": timezone.now(), "cancelled_by": officer_of(in_force), "cancel_reason": "Not wanted."}
    Tranche.objects.filter(grant=in_force, number=1).update(state="cancelled", **stamps)
    payments.accepted(campaign, 1)

    reasons = refusal(payments.released, campaign, 2)

    assert f"Condition 1 is not met: {number}" in reasons
    Condition.objects.filter(grant=in_force).update(state="met")
    assert payments.released(campaign, 2).state == "released"


def test_directors_do_not_sign_until_their_condition_is_met(draft):
    grant = frozen(with_plan(draft, condition("The board approves the budget.", "directors")))
    first, second = directors_of(grant)[:2]
    declare(grant, first)
    assert refusal(sign, grant, first) == ["Condition 1 is not met: The board approves the budget."]

    met(condition_of(grant))
    sign(fresh(grant), first)
    sign(fresh(grant), second)

    assert fresh(grant).state == "approved"
    assert broken() == []


def test_the_partner_does_not_sign_until_its_condition_is_waived(draft):
    grant = frozen(with_plan(draft, condition("The lease is signed.", "partner")))
    for director in directors_of(grant)[:2]:
        sign(fresh(grant), director)
    assert refusal(countersign, grant) == ["Condition 1 is not met: The lease is signed."]

    waived(condition_of(grant))

    assert countersign(fresh(grant)).side == "partner"


def test_a_report_is_not_accepted_until_its_condition_is_met(draft):
    grant = frozen(with_plan(draft, condition("Two references.", "report", 1)))
    report = grant.reports.model(grant=grant, number=1)
    assert [str(reason) for reason in report.accept_blockers()] == ["Condition 1 is not met: Two references."]
    other = grant.reports.model(grant=grant, number=2)
    assert other.accept_blockers() == []


def test_evidence_is_given_returned_given_again_and_accepted(approved):
    grant, one = approved, condition_of(approved)
    one = shown(one)
    assert (one.state, one.last_answer.text) == ("shown", SAID)
    one = actions.return_evidence(condition=one, reason="The letter is not signed.", by=officer_of(grant))
    assert (one.state, one.return_reason) == ("open", "The letter is not signed.")
    one = shown(one, text="Here is the signed letter.")
    one = actions.accept_evidence(condition=one, reason=REASON, by=officer_of(grant))
    assert (one.state, one.met_by, one.met_reason) == ("met", officer_of(grant), REASON)
    assert one.answers.count() == 2
    assert events(one) == ["condition_made", "show", "return_evidence", "show", "accept"]
    assert broken() == []


def test_evidence_sent_twice_is_given_once(approved):
    one = condition_of(approved)
    shown(one)
    shown(one)
    assert one.answers.count() == 1
    assert refusal(shown, one, text="Something else.") == ["This condition is evidence given now."]


@pytest.mark.parametrize("text", ["", "   "])
def test_evidence_says_something(text, approved):
    with pytest.raises(ValidationError) as wrong:
        shown(condition_of(approved), text=text)
    assert list(wrong.value.message_dict) == ["text"]
    assert condition_of(approved).state == "open"


def test_who_gave_the_evidence_does_not_accept_it(approved):
    one, by = condition_of(approved), officer_of(approved)
    shown(one, by=by)
    assert refusal(actions.accept_evidence, condition=one, reason=REASON, by=by) == ["You gave this evidence."]
    with pytest.raises(IntegrityError), transaction.atomic():
        Condition.objects.filter(pk=one.pk).update(
            state="met", met_by=by, met_at=timezone.now(), met_reason=REASON
        )  # fmt: skip
    assert actions.accept_evidence(condition=one, reason=REASON, by=officer()).state == "met"


@pytest.mark.parametrize("who", ["officer", "finance", "owner", "stranger"])
def test_only_a_director_waives(who, approved):
    by = {
        "officer": lambda: officer_of(approved), "finance": finance, "owner": lambda: owner_of(approved),
        "stranger": lambda: OrganisationFactory().created_by,
    }[who]()  # fmt: skip
    with pytest.raises(PermissionDenied):
        actions.waive_condition(condition=condition_of(approved), reason=REASON, by=by)
    assert condition_of(approved).state == "open"


def test_a_director_with_an_interest_does_not_waive(approved):
    by = directors_of(approved)[0]
    ConflictDeclaration.objects.create(
        submission=approved.submission, user=by, as_role="reviewer", has_interest=True, declared_at=timezone.now()
    )
    with pytest.raises(PermissionDenied):
        actions.waive_condition(condition=condition_of(approved), reason=REASON, by=by)


def test_a_waiver_is_asked_refused_asked_again_and_given(approved):
    one, by = condition_of(approved), officer_of(approved)
    director = directors_of(approved)[0]
    actions.ask_waiver(condition=one, reason="The accountant fell ill.", by=by)
    assert list(Condition.objects.to_waive()) == [one]
    actions.refuse_waiver(condition=one, reason="Another accountant can do it.", by=director)
    assert refusal(actions.refuse_waiver, condition=one, reason=REASON, by=director) == [
        "Nobody asks for a waiver of this condition now."
    ]
    actions.ask_waiver(condition=one, reason="None is left in the district.", by=by)
    one = actions.waive_condition(condition=one, reason=REASON, by=director)
    assert (one.state, one.waived_by, one.waived_reason) == ("waived", director, REASON)
    assert events(one)[1:] == ["waiver_asked", "waiver_refused", "waiver_asked", "waive"]


@pytest.mark.parametrize(
    "act", ["return_evidence", "accept_evidence", "ask_waiver", "refuse_waiver", "waive_condition"]
)
def test_every_step_needs_a_reason(act, approved):
    one = condition_of(approved)
    shown(one)
    by = directors_of(approved)[0] if "waive" in act and act != "ask_waiver" else officer_of(approved)
    with pytest.raises(ValidationError):
        getattr(actions, act)(condition=one, reason="  ", by=by)
    assert condition_of(approved).state == "shown"


def test_a_hold_stops_what_is_found_and_lets_evidence_in(approved):
    organisation = approved.submission.organisation
    place_hold(organisation=organisation, kind=Hold.Kind.COUNSEL, note="Why.", by=officer())
    one = shown(condition_of(approved))
    assert one.state == "shown"
    assert refusal(actions.accept_evidence, condition=one, reason=REASON, by=officer_of(approved)) == [
        "This organisation is held."
    ]
    assert refusal(actions.waive_condition, condition=one, reason=REASON, by=directors_of(approved)[0]) == [
        "This organisation is held."
    ]


def test_a_document_of_another_partner_is_no_evidence(approved):
    other = drafted(funder=False).submission.evidence_links.first().paper.documents.first()
    with pytest.raises(ValidationError):
        shown(condition_of(approved), document=other)


def test_a_document_of_the_vault_is_evidence(approved):
    document = approved.submission.evidence_links.first().paper.documents.get(state="accepted")
    one = shown(condition_of(approved), text="", document=document)
    assert one.last_answer.document == document
    assert actions.accept_evidence(condition=one, reason=REASON, by=officer_of(approved)).state == "met"


def test_terms_sent_back_keep_what_was_met_and_ask_again_for_what_changed(draft):
    grant = frozen(with_plan(draft, condition("One.", "directors"), condition("Two.", "directors")))
    met(condition_of(grant, 1))
    met(condition_of(grant, 2))
    grant = agreements.send_back_grant(grant=grant, reason="Other words.", by=officer_of(grant))
    with pytest.raises(PermissionDenied):  # the partner reads nothing while the terms are drafted again
        shown(condition_of(grant, 1))
    first, second = grant.plan["conditions"]
    grant = frozen(with_plan(grant, first, {**second, "text": "Two, and three."}, condition("New.", "partner")))
    assert [one.state for one in grant.conditions.order_by("number")] == ["met", "open", "open"]
    assert [one["number"] for one in grant.terms.content["conditions"]] == [1, 2, 3]
    assert broken() == []


def test_a_condition_that_the_terms_leave_out_ends_and_its_number_is_not_given_again(draft):
    grant = frozen(with_plan(draft, condition("One.", "partner"), condition("Two.", "partner")))
    grant = agreements.send_back_grant(grant=grant, reason="Other words.", by=officer_of(grant))
    grant = frozen(with_plan(grant, grant.plan["conditions"][0], condition("Three.", "partner")))
    told = [(one.number, one.text, one.state) for one in grant.conditions.order_by("number")]
    assert told == [(1, "One.", "open"), (2, "Two.", "ended"), (3, "Three.", "open")]


def is_over(grant):
    return condition_of(grant).state == "ended" and not Condition.objects.live().exists()


def test_a_declined_grant_ends_its_conditions(waiting):
    director = directors_of(waiting)[0]
    declare(waiting, director)
    agreements.decline_grant(grant=waiting, reason=REASON, by=director)
    assert is_over(waiting)


def test_a_draft_that_is_given_up_ends_its_conditions(waiting):
    draft = agreements.send_back_grant(grant=waiting, reason="Other words.", by=officer_of(waiting))
    agreements.lapse_grant(grant=draft, reason=REASON, by=officer_of(waiting))
    assert is_over(waiting)


@pytest.mark.parametrize("end", ["terminate", "complete"])
def test_the_end_of_a_grant_in_force_ends_its_conditions(end, in_force):
    if end == "terminate":
        grants.end(in_force)
    else:
        agreements.complete_grant(grant=in_force, by=officer_of(in_force))
    assert is_over(in_force)


def test_a_cancelled_payment_ends_the_conditions_that_it_waited_for(payable):
    grant = payable.grant
    one = condition_of(grant)
    actions.follow_terms(
        grant=grant, conditions=[{**one.terms.kept(), "text": "Something else."}], by=officer_of(grant)
    )
    cancel_payment(tranche=payments.tranche_of(payable, 2), reason="Not wanted.", by=officer_of(grant))
    assert (condition_of(grant).state, condition_of(grant).end_reason) == ("ended", "Payment 2 was cancelled.")


def test_terms_of_schema_1_hold_text_alone_and_stop_nothing(in_force):
    by = officer_of(in_force)
    actions.follow_terms(grant=in_force, conditions=["Accounts are reviewed."], by=by)
    assert not Condition.objects.unmet().filter(grant=in_force).exists()


def test_no_condition_is_ever_deleted(approved):
    with pytest.raises(IntegrityError), transaction.atomic():
        Condition.objects.filter(grant=approved).delete()
