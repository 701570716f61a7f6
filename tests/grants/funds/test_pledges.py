"""What binds a fund, and money that is only promised to it; both on its page."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from grants.funds import actions
from grants.funds.invariants import INVARIANTS
from grants.funds.models import Pledge
from tests.factories import grants
from tests.factories.portal import UserFactory
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def client_of(user):
    client = Client()
    client.force_login(user)
    session = client.session
    session["second_factor"] = True
    session.save()
    return client


def broken():
    return [sentence for invariant in INVARIANTS for sentence in invariant()]


def pledge_to(fund, amount=500, **changes):
    due_on = timezone.localdate() + timedelta(days=30)
    values = {"pledged_by": "Harbor Trust", "due_on": due_on, "by": grants.finance(), **changes}
    return actions.record_pledge(fund=fund, amount_minor=amount, **values)


def test_a_pledge_is_shown_and_moves_nothing():
    fund = grants.fund_with(1_000)
    pledge_to(fund, 900)
    assert fund.free_now() == 1_000
    with pytest.raises(Refused, match="not enough money"):
        actions.reserve(fund=fund, reference="r", amount_minor=1_001, by=grants.system())


def test_a_top_up_keeps_a_pledge_once():
    fund, by = grants.fund_with(0), grants.finance()
    pledge = pledge_to(fund)
    with pytest.raises(ValidationError, match="smaller sum"):
        actions.top_up(fund=fund, amount_minor=499, key="a", pledge=pledge, by=by)
    made = actions.top_up(fund=fund, amount_minor=500, key="a", pledge=pledge, by=by)
    pledge = Pledge.objects.get()
    assert (pledge.kept_by_top_up, pledge.kept_by, pledge.is_open, fund.free_now()) == (made, by, False, 500)
    with pytest.raises(Refused, match="was kept"):
        actions.top_up(fund=fund, amount_minor=500, key="b", pledge=pledge, by=by)
    with pytest.raises(Refused, match="was kept"):
        actions.withdraw_pledge(pledge=pledge, reason="No.", by=by)
    assert (fund.free_now(), broken()) == (500, [])


def test_a_top_up_keeps_no_pledge_of_another_fund():
    fund, other = grants.fund_with(0), grants.fund_with(0)
    with pytest.raises(ValidationError, match="another fund"):
        actions.top_up(fund=fund, amount_minor=500, key="a", pledge=pledge_to(other), by=grants.finance())
    assert fund.free_now() == 0


def test_a_pledge_is_withdrawn_with_a_reason_and_then_stays_so():
    fund, by = grants.fund_with(0), grants.finance()
    pledge = pledge_to(fund, due_on=timezone.localdate() - timedelta(days=1))
    assert pledge.is_overdue
    with pytest.raises(ValidationError):
        actions.withdraw_pledge(pledge=pledge, reason=" ", by=by)
    pledge = actions.withdraw_pledge(pledge=pledge, reason="The trust closed.", by=by)
    assert (pledge.is_open, pledge.is_overdue, pledge.withdrawn_by) == (False, False, by)
    with pytest.raises(Refused, match="was withdrawn"):
        actions.top_up(fund=fund, amount_minor=500, key="a", pledge=pledge, by=by)


@pytest.mark.parametrize("changes", [{"amount": 0}, {"amount": -5}, {"pledged_by": " "}])
def test_a_pledge_of_nothing_or_by_nobody_is_refused(changes):
    with pytest.raises(ValidationError):
        pledge_to(grants.fund_with(0), **changes)
    assert not Pledge.objects.exists()


def test_only_finance_binds_a_fund_and_notes_pledges():
    fund, director = grants.fund_with(0), UserFactory(roles=["director"])
    pledge = pledge_to(fund)
    for act in (
        lambda: actions.restrict_fund(fund=fund, programmes=[], countries=[], by=director),
        lambda: pledge_to(fund, by=director),
        lambda: actions.withdraw_pledge(pledge=pledge, reason="No.", by=director),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_the_database_keeps_a_pledge_either_kept_or_withdrawn():
    pledge, by = pledge_to(grants.fund_with(0)), grants.finance()
    for change in ({"kept_at": timezone.now()}, {"withdrawn_at": timezone.now(), "withdrawn_by": by}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Pledge.objects.filter(pk=pledge.pk).update(**change)


def test_invariants_name_a_pledge_that_too_little_kept():
    fund = grants.fund_with(0)
    pledge = pledge_to(fund)
    actions.top_up(fund=fund, amount_minor=500, key="a", pledge=pledge, by=grants.finance())
    Pledge.objects.update(amount_minor=501)
    assert broken() == ["Pledge of Harbor Trust: no money of its fund kept it"]


def reasons(grant, **changes):
    values = {
        "programme": grant.submission.programme,
        "country": grant.submission.organisation.country,
        "first_on": grant.window_first_on,
        "last_on": grant.window_last_on,
        **changes,
    }
    return [str(reason) for reason in grant.fund.restriction_blockers(**values)]


def restrict(grant, **changes):
    values = {"programmes": [grant.submission.programme], "countries": [], "by": grants.finance(), **changes}
    grant.fund = actions.restrict_fund(fund=grant.fund, **values)
    return grant


def test_a_fund_matches_what_it_is_for(draft):
    country = draft.submission.organisation.country
    bound = restrict(
        draft, countries=[country], gives_from_on=draft.window_first_on, gives_until_on=draft.window_last_on
    )
    assert reasons(bound) == []
    day = timedelta(days=1)
    assert reasons(bound, country="FJ", first_on=bound.window_first_on - day, last_on=bound.window_last_on + day) == [
        "The match fund is not for this country.",
        "The match window opens before the match fund may give.",
        "The match window ends after the match fund may give.",
    ]
    assert reasons(restrict(draft, programmes=[])) == ["The match fund does not name this programme."]


def test_freezing_and_signing_ask_what_the_fund_is_for(draft):
    restrict(draft, countries=["FJ"])
    assert "The match fund is not for this country." in [str(one) for one in draft.freeze_blockers()]


def test_signing_asks_again_what_the_fund_is_for(waiting):
    director = grants.directors_of(waiting)[0]
    grants.declare(waiting, director)
    restrict(waiting, gives_until_on=waiting.window_first_on)
    (reason,) = waiting.signing_blockers(director)
    assert reason == "The match window ends after the match fund may give."
    assert "gives until" in reason.hint


def test_a_fund_that_ends_before_it_begins_is_refused(draft):
    with pytest.raises(ValidationError, match="after the first"):
        restrict(draft, gives_from_on=timezone.localdate(), gives_until_on=timezone.localdate() - timedelta(days=1))


def test_the_pages_bind_a_fund_note_a_pledge_and_keep_it():
    fund, by = grants.fund_with(1_000), grants.finance()
    client, page = client_of(by), reverse("grants:fund", args=[fund.pk])
    programme = grants.drafted().submission.programme
    bind = reverse("grants:fund_restrict", args=[fund.pk])
    wrong = client.post(bind, {"programmes": [programme.pk], "countries": "Thailand"})
    assert (wrong.status_code, "No country has the letters THAILAND." in wrong.content.decode()) == (422, True)
    client.post(bind, {"programmes": [programme.pk], "countries": "th, ke", "gives_from_on": "2026-01-05"})
    due = (timezone.localdate() + timedelta(days=5)).isoformat()
    told = {"pledged_by": "Harbor Trust", "amount": "5.00", "due_on": due}
    client.post(reverse("grants:pledge_new", args=[fund.pk]), told)
    shown = client.get(page).content.decode()
    for words in ("Kenya, Thailand", "Gives from 5 January 2026", "Harbor Trust", "Open"):
        assert words in shown
    pledge = Pledge.objects.get()
    top_up = reverse("grants:fund_top_up", args=[fund.pk])
    less = client.post(top_up, {"amount": "4.99", "key": "w1", "pledge": pledge.pk})
    assert (less.status_code, "smaller sum" in less.content.decode()) == (422, True)
    client.post(top_up, {"amount": "5.00", "key": "w1", "pledge": pledge.pk})
    assert "Kept on" in client.get(page).content.decode()
    assert client.get(top_up).content.decode().count("Keeps the pledge") == 0


def test_the_page_withdraws_a_pledge():
    fund, by = grants.fund_with(0), grants.finance()
    pledge = pledge_to(fund)
    client, address = client_of(by), reverse("grants:pledge_withdraw", args=[pledge.pk])
    assert "Harbor Trust: withdraw the pledge" in client.get(address).content.decode()
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "The trust closed."}).url == reverse("grants:fund", args=[fund.pk])
    assert "Withdrawn: The trust closed." in client.get(reverse("grants:fund", args=[fund.pk])).content.decode()
