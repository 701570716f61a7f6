"""Who of the staff is written to about a grant that comes back, is declined or is asked to be signed again."""

import pytest

from grants.agreements import actions
from partners.submissions.actions import withdraw_submission
from tests.factories import amendments, grants
from tests.factories.portal import UserFactory
from tests.grants.heard import asked, listening
from tests.grants.payments.test_pages import signed_in, url
from vetting_portal.actions import end_role

pytestmark = pytest.mark.django_db
REASON = "The window is too short."


def left(person, role="programme_officer"):
    """Let somebody hold a role no longer."""
    end_role(user=person, role=role, by=UserFactory(roles=["administrator"]))


def to(told, subject):
    """Return who was written to with this subject."""
    return {message.to for message in told if subject in message.subject}


def test_an_officer_who_left_does_not_read_why_a_grant_came_back(waiting):
    officer, other = grants.officer_of(waiting), UserFactory(roles=["programme_officer"])
    left(officer)

    with listening() as told:
        actions.send_back_grant(grant=waiting, reason=REASON, by=grants.directors_of(waiting)[0])

    assert other.email in to(told, f"Grant {waiting.number} came back")
    assert officer.email not in {message.to for message in told}
    assert all(REASON in message.body for message in told if message.to == other.email)


def test_who_drafted_a_grant_and_still_is_an_officer_reads_why_it_came_back(waiting):
    UserFactory(roles=["programme_officer"])

    with listening() as told:
        actions.send_back_grant(grant=waiting, reason=REASON, by=grants.directors_of(waiting)[0])

    assert to(told, f"Grant {waiting.number} came back") == {grants.officer_of(waiting).email}


def test_an_officer_who_left_does_not_hear_that_a_grant_is_in_force(approved):
    officer, other = grants.officer_of(approved), UserFactory(roles=["programme_officer"])
    grants.countersign(approved)
    left(officer)

    with listening() as told:
        grants.seal(approved)

    in_force = to(told, f"Grant {approved.number} is in force")
    assert {other.email, grants.owner_of(approved).email} <= in_force
    assert officer.email not in in_force


def test_an_officer_who_left_does_not_hear_how_an_amendment_ended(in_force):
    amendment = amendments.amendment_in("awaiting_signature", in_force)
    officer, other = grants.officer_of(in_force), UserFactory(roles=["programme_officer"])
    left(officer)

    with listening() as told:
        amendments.actions.decline_amendment(
            amendment=amendment, reason="It is not for us.", by=grants.directors_of(in_force)[0]
        )

    assert other.email in to(told, f"{amendment}: declined")
    assert officer.email not in {message.to for message in told}


@pytest.mark.parametrize("what", ["grant", "amendment"])
def test_a_director_with_an_interest_is_not_asked_to_sign(waiting, what):
    third = UserFactory(roles=["director"], totp=True)
    grants.declare(waiting, third, has_interest=True)
    officer, two = grants.officer_of(waiting), {one.email for one in grants.directors_of(waiting)[:2]}
    if what == "amendment":
        amendment = amendments.drafted(grants.signed_in("in_force", grants.fresh(waiting)))
    else:
        actions.send_back_grant(grant=waiting, reason=REASON, by=officer)

    with listening() as told:
        if what == "amendment":
            amendments.actions.freeze_amendment(amendment=amendment, by=officer)
        else:
            actions.freeze_terms(grant=grants.fresh(waiting), by=officer)

    assert to(told, "waits for your signature") == two
    assert "grants.sign" not in asked(third)
    assert signed_in(third).get(url("brief", waiting.number)).status_code == 403


def test_officers_read_that_the_application_is_declined_with_the_grant(waiting):
    director = grants.directors_of(waiting)[0]
    grants.declare(waiting, director)

    with listening() as told:
        actions.decline_grant(grant=waiting, reason="It is not for us.", by=director)

    (message,) = [one for one in told if one.subject == f"Grant {waiting.number} is declined"]
    assert message.to == grants.officer_of(waiting).email
    assert "Its application is declined too, and the partner is notified." in message.body
    assert grants.owner_of(waiting).email in {one.to for one in told}


def test_officers_read_that_a_withdrawn_application_stays_withdrawn(waiting):
    withdraw_submission(submission=waiting.submission, by=grants.owner_of(waiting))
    grant, director = grants.fresh(waiting), grants.directors_of(waiting)[0]

    with listening() as told:
        actions.decline_grant(grant=grant, reason="It was withdrawn.", by=director)

    (message,) = [one for one in told if one.subject == f"Grant {grant.number} is declined"]
    assert "Its application was withdrawn before and stays so. The partner is not notified of this." in message.body
    assert "declined too" not in message.body
    assert grants.owner_of(waiting).email not in {one.to for one in told}
    assert grants.fresh(grant).submission.state == "withdrawn"
