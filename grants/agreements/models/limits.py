"""What the database holds about a grant, whoever writes it: sums, dates, and the stamps that each state needs."""

from django.db import models
from django.db.models import F, Q

from vetting_portal.constraints import implies, known, pair

CONSTRAINTS: list[models.BaseConstraint] = [
    known("state", [
        "draft", "awaiting_signature", "approved", "in_force", "suspended", "completed", "closed", "declined", "lapsed",
        "terminated",
    ], "grant_state_known"),
    models.CheckConstraint(
        condition=Q(goal_minor__gt=0),
        name="grant_goal_positive",
        violation_error_message="The granting goal is more than zero.",
    ),
    models.CheckConstraint(
        condition=Q(cap_minor__gte=0, cap_minor__lte=F("goal_minor")),
        name="grant_cap_within_goal",
        violation_error_message="The match cap is not more than the granting goal.",
    ),
    models.CheckConstraint(
        condition=Q(ratio_p__gte=1, ratio_q__gte=1),
        name="grant_ratio_positive",
        violation_error_message="Both numbers of the ratio are 1 or more: with 0 nothing is matched.",
    ),
    models.CheckConstraint(
        condition=Q(window_ends_at__gt=F("window_starts_at")),
        name="grant_window_in_order",
        violation_error_message="The match window ends after it starts.",
    ),
    models.CheckConstraint(
        condition=Q(term_ends_on__gt=F("term_starts_on")),
        name="grant_term_in_order",
        violation_error_message="The term ends after it starts.",
    ),
    models.CheckConstraint(
        condition=Q(donor_cap_minor__isnull=True) | Q(donor_cap_minor__gt=0),
        name="grant_donor_cap_positive",
        violation_error_message="The cap a donor is more than zero, or there is none.",
    ),
    models.CheckConstraint(
        condition=Q(gift_cap_minor__isnull=True) | Q(gift_cap_minor__gt=0),
        name="grant_gift_cap_positive",
        violation_error_message="The cap a gift is more than zero, or there is none.",
    ),
    models.CheckConstraint(
        condition=Q(fee_top_up_minor__isnull=True) | Q(fee_top_up_minor__gt=0),
        name="grant_fee_top_up_positive",
        violation_error_message="What is added for card fees is more than zero, or there is none.",
    ),
    models.CheckConstraint(
        condition=Q(amended_terms__isnull=True) | Q(in_force_at__isnull=False), name="grant_amended_in_force"
    ),
    pair("frozen_at", "frozen_by", "grant_frozen_pair"),
    pair("sent_back_at", "sent_back_by", "grant_sent_back_pair"),
    pair("approved_at", "approved_by", "grant_approved_pair"),
    pair("in_force_at", "in_force_by", "grant_in_force_pair"),
    pair("completed_at", "completed_by", "grant_completed_pair"),
    pair("closed_at", "closed_by", "grant_closed_pair"),
    pair("ended_at", "ended_by", "grant_ended_pair"),
    implies(["awaiting_signature"], ["frozen_at", "terms"], "grant_awaiting_has_terms"),
    implies(["approved"], ["approved_at", "terms", "reserve_account"], "grant_approved_has_reserve"),
    implies(
        ["in_force", "suspended", "completed", "closed", "terminated"],
        ["approved_at", "in_force_at", "terms", "reserve_account"],
        "grant_in_force_has_stamps",
    ),
    implies(["completed", "closed"], ["completed_at"], "grant_completed_has_stamps"),
    implies(["closed"], ["closed_at"], "grant_closed_has_stamps"),
    implies(["declined", "lapsed", "terminated"], ["ended_at"], "grant_ended_has_stamps"),
    models.UniqueConstraint(
        fields=["submission"],
        condition=~Q(state="lapsed"),
        name="grant_one_a_submission",
        violation_error_message="A grant was drafted from this application already.",
    ),
    pair("suspended_at", "suspended_by", "grant_suspended_pair"),
    pair("resumed_at", "resumed_by", "grant_resumed_pair"),
    implies(["suspended"], ["suspended_at"], "grant_suspended_has_stamps"),
    models.CheckConstraint(
        condition=~Q(state="suspended") | ~Q(suspended_reason=""), name="grant_suspended_says_why"
    ),
]  # fmt: skip
