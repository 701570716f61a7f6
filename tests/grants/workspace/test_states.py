"""Who must act in each state: one literal table, compared with the list; and the list with the permissions."""

import re

import pytest

from grants.models import Amendment, Campaign, Gift, Grant, Report, Tranche
from partners.models import Document, Submission
from reviews.models import Review, ScreeningHit
from tests.support.scene import Scene
from vetting_portal.duties import Wanted, duties, duty_kinds

# Of each machine, each state: the kinds of duties whose records stand in it. What ends a life has none.
STATES = {
    Submission: {
        "draft": {"partners.write_application"},
        "submitted": {
            "partners.application_with_funder", "reviews.screen_names", "reviews.ask_referees",
            "reviews.declare_interest", "reviews.take_over", "reviews.assign_reviewers",
        },
        "changes_requested": {"partners.answer_changes"},
        "in_review": {
            "partners.application_with_funder", "reviews.screen_names", "reviews.ask_referees",
            "reviews.declare_interest", "reviews.take_over", "reviews.assign_reviewers", "reviews.close_reviews",
            "reviews.resolve_related_party",
        },
        "assessed": {
            "partners.application_with_funder", "reviews.screen_names", "reviews.ask_referees",
            "reviews.declare_interest", "reviews.take_over", "reviews.resolve_disagreement",
            "reviews.resolve_related_party", "reviews.recommend", "reviews.assign_reviewers",
        },
        "recommended": {
            "partners.application_with_funder", "reviews.screen_names", "grants.draft_grant",
        },
        "approved": set(),
        "declined": set(),
        "withdrawn": set(),
    },
    Document: {
        "quarantined": {"partners.check_document"},
        "accepted": {"partners.renew_document", "partners.document_ends"},
        "rejected": {"partners.replace_document"},
        "superseded": set(),
    },
    Review: {
        "invited": {"reviews.write_review", "reviews.end_left_review"},
        "in_progress": {"reviews.write_review", "reviews.end_left_review"},
        "submitted": {"reviews.confirm_scores"},
        "recused": set(),
        "ended": set(),
    },
    ScreeningHit: {"open": {"reviews.decide_match"}, "cleared": set(), "confirmed": set()},
    Grant: {
        "draft": {"grants.finalise_terms", "grants.discard_draft"},
        "awaiting_signature": {"grants.sign", "grants.find_signers"},
        "approved": {"grants.countersign", "grants.being_sealed"},
        "in_force": {"grants.write_campaign", "grants.complete_grant"},
        "suspended": {"grants.resume_grant"},
        "completed": set(),
        "closed": set(),
        "declined": set(),
        "lapsed": set(),
        "terminated": set(),
    },
    Amendment: {
        "draft": {"grants.finalise_amendment"},
        "awaiting_signature": {"grants.sign_amendment", "grants.find_amendment_signers"},
        "approved": {"grants.countersign_amendment", "grants.amendment_being_sealed", "grants.settle_amendment"},
        "in_force": set(),
        "withdrawn": set(),
        "declined": set(),
        "lapsed": set(),
    },
    Campaign: {
        "planned": {"grants.open_campaign"},
        "open": {"grants.close_campaign", "grants.campaign_ends"},
        "paused": {"grants.resume_campaign", "grants.close_campaign"},
        "closed": set(),
    },
    Gift: {"settled": set(), "refunded": set(), "disputed": {"grants.answer_dispute"}},
    Report: {
        "draft": {"grants.write_report", "grants.report_due"},
        "submitted": {"grants.accept_report"},
        "returned": {"grants.write_report"},
        "accepted": {"grants.publish_report"},
        "published": set(),
        "cancelled": set(),
    },
    Tranche: {
        "scheduled": {"grants.release_payment", "grants.cancel_empty_payment", "grants.payment_due"},
        "released": {"grants.pay", "grants.stop_payment"},
        "paid": {"grants.confirm_payment"},
        "held": {"grants.held_payment"},
        "cancelled": set(),
    },
}  # fmt: skip
# Who may act in somebody else's place, where the list names only whose task it is: an officer records what a partner
# sent by post or said on the telephone.
# A director too may send back what too few directors may sign.
IN_ANOTHERS_PLACE = {
    "grants.show_condition": {"officer"},
    "grants.find_signers": {"director"},
    "grants.find_amendment_signers": {"director"},
}
# What the partner reads of the funder, and what only who is asked reads.
READ_BY_NO_OTHERS = {"partners.application_with_funder", "grants.read_mention"}
ANY_STATE = {"grants.try_seal_again"}  # a seal that failed is missing whatever the grant has become since


def literals(where, model) -> set[str] | None:
    """The states that the conditions of a query leave, or None where they name none."""
    found = []
    for child in where.children:
        if hasattr(child, "children"):
            found.append(None if child.negated else literals(child, model))
        elif getattr(child.lhs, "target", None) == model._meta.get_field("state"):
            named = child.rhs if isinstance(child.rhs, (list, tuple, set)) else [child.rhs]
            found.append({str(getattr(state, "value", state)) for state in named})
        else:
            found.append(None)
    known = [states for states in found if states is not None]
    if where.connector == "OR":
        return set().union(*known) if known and len(known) == len(found) else None
    return set.intersection(*known) if known else None


def found_in(model) -> dict[str, set[str]]:
    states = {state: set() for state in model.State.values}
    for kind in duty_kinds().values():
        rows = kind.waiting()
        if rows.model is model and kind.key not in ANY_STATE:
            for state in literals(rows.query.where, model) or ():
                states.get(state, set()).add(kind.key)
    return states


@pytest.mark.django_db
@pytest.mark.parametrize("model", STATES, ids=lambda model: model.__name__)
def test_each_state_waits_for_whom_the_table_says(model):
    assert set(STATES[model]) == set(model.State.values)
    assert found_in(model) == STATES[model]


@pytest.mark.django_db
def test_what_the_list_offers_is_what_the_permission_allows(scene: Scene):
    for person, user in scene.people.items():
        for duty in duties(user, Wanted(), 0, 500):
            kind = duty.kind
            if not kind.permission or kind.record != "pk":
                continue
            record = kind.waiting().model._base_manager.get(pk=duty.record)
            about = getattr(record, kind.asks) if kind.asks else record
            assert user.has_perm(kind.permission, about), (person, kind.key)


@pytest.mark.django_db
def test_who_may_not_act_is_offered_nothing_and_who_may_is_offered_it(scene: Scene):
    """Where no second person is asked for, being allowed and being offered are the same."""
    second = {
        "partners.release_hold", "partners.publish_checklist", "grants.publish_text", "grants.sign",
        "grants.sign_amendment", "grants.call_back", "grants.approve_bank_details", "grants.release_payment",
        "grants.pay", "grants.confirm_gift", "reviews.declare_interest", "reviews.submit_visit",
        "partners.check_document", "portal.failed_task", "reviews.renew_list",
    }  # fmt: skip
    for kind in duty_kinds().values():
        if not kind.permission or kind.key in second or kind.record != "pk":
            continue
        for record in kind.waiting():
            about = getattr(record, kind.asks) if kind.asks else record
            for person, user in scene.people.items():
                if user.is_system:  # it has rights and no list
                    continue
                mine = kind.actor.mine(user, kind.waiting())
                offered = mine is not None and mine.filter(pk=record.pk).exists()
                is_allowed = user.has_perm(kind.permission, about)
                if person in IN_ANOTHERS_PLACE.get(kind.key, ()):
                    assert is_allowed, (person, kind.key)
                    is_allowed = False
                assert offered == is_allowed, (person, kind.key)


@pytest.mark.django_db
def test_staff_read_what_others_have_to_do_in_words_that_are_not_addressed_to_them(scene: Scene):
    seen = set()
    for person in ("officer", "director", "finance", "auditor", "admin"):
        for duty in duties(scene.people[person], Wanted(is_mine=False), 0, 500):
            assert not re.search(r"\byours?\b|\byou\b", f"{duty.verb} {duty.why}"), (person, duty.key)
            seen.add(duty.key)
    assert seen >= {"grants.countersign_amendment", "grants.show_condition", "grants.call_back"}, seen
    for key, kind in duty_kinds().items():
        said = kind.verb_for_others or kind.verb
        assert key in READ_BY_NO_OTHERS or not re.search(r"\byours?\b|\byou\b", said), key
