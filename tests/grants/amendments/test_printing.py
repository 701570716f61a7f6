"""An amendment that cannot be printed is refused in words, wherever the fault is; who is away is not asked."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from grants.agreements.actions import note_absence
from grants.agreements.actions.freezing import render
from grants.agreements.models import Terms
from grants.agreements.rendering import RenderFailed
from grants.amendments import actions
from tests.factories import amendments, grants
from vetting_portal.tasks import drain
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db
PRIVATE = "\ue000"  # a character that is in no font
FREEZING = "grants.agreements.actions.freezing"


def refused(amendment):
    with pytest.raises(Refused) as refusal:
        actions.freeze_amendment(amendment=amendments.fresh(amendment), by=amendments.officer_of(amendment))
    return refusal.value.blockers


def test_a_character_in_no_font_is_named_beside_its_field(in_force):
    budget = [{"line": f"Social {PRIVATE} workers", "amount_minor": in_force.goal_minor}]
    amendment = amendments.drafted(in_force, budget=budget)
    (blocker,) = refused(amendment)
    assert str(blocker) == "The agreement cannot print the budget line 1."
    assert "U+E000" in blocker.hint
    form = reverse("grants:amendment_change", args=[amendment.number])
    assert blocker.url == f"{form}#id_budget-0-line"
    assert Terms.objects.filter(grant=in_force).count() == 1


def test_so_is_one_in_its_reason(in_force):
    amendment = amendments.drafted(in_force)
    amendment.reason = f"More {PRIVATE} people."
    amendment.save(update_fields=["reason"])
    (blocker,) = refused(amendment)
    assert str(blocker) == "The amendment cannot print its reason."


def test_a_press_that_fails_is_told_and_nothing_is_written(in_force, monkeypatch):
    amendment = amendments.drafted(in_force)

    def broken(*_, **__):
        raise RenderFailed("The press broke off.")

    monkeypatch.setattr(f"{FREEZING}.render", broken)
    (blocker,) = refused(amendment)
    assert (str(blocker), amendments.fresh(amendment).state) == ("The file could not be made.", "draft")
    monkeypatch.setattr(f"{FREEZING}.render", render)
    assert actions.freeze_amendment(amendment=amendment, by=amendments.officer_of(amendment)).terms


def test_a_director_whose_name_cannot_be_printed_signs_nothing(in_force):
    amendment = amendments.amendment_in("awaiting_signature", in_force)
    director = grants.directors_of(in_force)[0]
    director.name = f"Person {PRIVATE}"
    director.save(update_fields=["name"])
    assert "The amendment cannot print your name." in map(str, amendment.signing_blockers(director))


def test_who_is_away_is_not_asked(in_force):
    away, here = grants.directors_of(in_force)[:2]
    today = timezone.localdate()
    note_absence(director=away, stand_in=here, from_on=today, until_on=today + timedelta(days=3), by=away)
    amendment = amendments.drafted(in_force)
    drain()
    mail.outbox.clear()
    actions.freeze_amendment(amendment=amendment, by=amendments.officer_of(amendment))
    drain()
    asked = {address for message in mail.outbox for address in message.to}
    assert (here.email in asked, away.email in asked) == (True, False)
