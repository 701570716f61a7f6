"""Suspending a grant: the page says beforehand what stops, and everybody who signed or pays is notified."""

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from grants.agreements.actions import resume_grant
from grants.agreements.models import Grant, Signature
from tests.factories import amendments, grants, payments
from tests.factories.conditions import met
from tests.factories.partners import MembershipFactory
from tests.grants.endings.test_pages import at, signed_in
from vetting_portal.duties import duties
from vetting_portal.models import User
from vetting_portal.tasks import drain

pytestmark = pytest.mark.django_db
REASON = "A report of harm is looked into."


def written(subject: str) -> dict[str, str]:
    """Return the mails of one subject: who got it, and what it says."""
    drain()
    return {one.to[0]: one.body for one in mail.outbox if one.subject.endswith(subject)}


def test_the_page_says_beforehand_what_stops_and_what_goes_on(paid):
    payments.accepted(paid, 1)
    payments.released(paid, 2)
    amendments.drafted(paid.grant)
    officer = grants.officer_of(paid.grant)

    page = signed_in(officer).get(at("suspend", paid.grant.number)).text

    for said in ("2,000.00", "1,000.00", "Finance is told that the bank must not pay it", "Not released", "Stays due",
                 "Not signed; comes into force only later", "gifts that still arrive are matched"):  # fmt: skip
        assert said in page, said
    for reader in [
        grants.owner_of(paid.grant),
        *grants.directors_of(paid.grant),
        *User.objects.with_role("finance_officer"),
    ]:
        assert reader.name in page
    assert Grant.objects.get(pk=paid.grant_id).state == "in_force"


def test_before_anything_was_opened_there_is_little_to_stop(in_force):
    page = signed_in(grants.directors_of(in_force)[0]).get(at("suspend", in_force.number))

    assert (page.status_code, "Condition 1" in page.text, "Payment 1" in page.text) == (200, True, False)


def test_with_nothing_open_the_page_says_so_once(in_force):
    for condition in in_force.conditions.unmet():
        met(condition)

    page = signed_in(grants.directors_of(in_force)[0]).get(at("suspend", in_force.number)).text

    assert ("Nothing of this grant is open." in page, "no parts" in page) == (True, False)


def test_a_reason_is_asked_for_and_nothing_else_happens_without(paid):
    client = signed_in(grants.officer_of(paid.grant))

    refused = client.post(at("suspend", paid.grant.number), {"reason": " "})
    done = client.post(at("suspend", paid.grant.number), {"reason": REASON})
    twice = client.post(at("suspend", paid.grant.number), {"reason": REASON})

    assert (refused.status_code, done.status_code, twice.status_code) == (422, 302, 409)
    assert Grant.objects.get(pk=paid.grant_id).state == "suspended"


def test_partner_signatories_officer_and_finance_are_notified_both_times_and_who_did_it_is_not(paid):
    grant = paid.grant
    first = grants.directors_of(grant)[0]
    finance = set(User.objects.with_role("finance_officer").values_list("email", flat=True))
    signed = set(
        Signature.objects.filter(agreement=grant.agreement, side="director").values_list("user__email", flat=True)
    )
    signed_in(first).post(at("suspend", grant.number), {"reason": REASON})

    stopped = written(f"Grant {grant.number} is suspended")
    resume_grant(grant=grants.fresh(grant), by=first)
    goes_on = written(f"Grant {grant.number} goes on")

    staff = {*signed, grants.officer_of(grant).email} - {first.email}
    assert set(stopped) >= {*staff, grants.owner_of(grant).email, *finance}
    assert set(stopped) == set(goes_on)
    assert first.email not in stopped
    assert all(REASON in body for body in stopped.values())
    assert {f"{first.name} suspended" in stopped[one] for one in staff} == {True}
    assert {f"{first.name} resumed grant" in goes_on[one] for one in staff} == {True}


def test_who_has_left_the_role_is_not_notified(paid):
    grant = paid.grant
    first, second = grants.directors_of(grant)[:2]
    second.role_assignments.update(until_at=timezone.now())

    signed_in(first).post(at("suspend", grant.number), {"reason": REASON})

    assert second.email not in written(f"Grant {grant.number} is suspended")


@pytest.mark.parametrize("leaves", ["nobody", "a director who signed", "the owner who signed"])
def test_the_page_names_exactly_who_is_notified(paid, leaves):
    grant = paid.grant
    first, second = grants.directors_of(grant)[:2]
    owner = grants.owner_of(grant)
    if leaves == "a director who signed":
        second.role_assignments.update(until_at=timezone.now())
    if leaves == "the owner who signed":
        MembershipFactory(organisation=grant.submission.organisation, role="owner")
        owner.memberships.update(until_at=timezone.now(), ended_by=first)
    client = signed_in(first)

    page = client.get(at("suspend", grant.number)).text
    client.post(at("suspend", grant.number), {"reason": REASON})

    told = set(written(f"Grant {grant.number} is suspended"))
    table = page.partition("Who is notified")[2].partition("</table>")[0]
    named = [one for one in User.objects.all() if f"<b>{one.name}</b>" in table]
    assert {one.email for one in named} == told
    assert (owner.email in told) == (leaves != "the owner who signed")


def test_a_suspended_grant_asks_nobody_to_finalise_or_sign_an_amendment(paid):
    amendments.drafted(paid.grant)
    officer, director = grants.officer_of(paid.grant), grants.directors_of(paid.grant)[0]
    before = {duty.key for duty in duties(officer)}

    signed_in(director).post(at("suspend", paid.grant.number), {"reason": REASON})
    meanwhile = {duty.key for duty in duties(officer)}
    resume_grant(grant=grants.fresh(paid.grant), by=director)

    finalise = "grants.finalise_amendment"
    assert (finalise in before, finalise in meanwhile) == (True, False)
    assert finalise in {duty.key for duty in duties(officer)}


def test_the_first_page_of_the_partner_says_it_until_it_is_resumed(paid):
    director, partner = grants.directors_of(paid.grant)[0], signed_in(grants.owner_of(paid.grant))
    said = f"Grant {paid.grant.number} is suspended."

    before = partner.get(reverse("partners:home")).text
    signed_in(director).post(at("suspend", paid.grant.number), {"reason": REASON})
    meanwhile = partner.get(reverse("partners:home")).text
    resume_grant(grant=grants.fresh(paid.grant), by=director)
    after = partner.get(reverse("partners:home")).text

    assert (said in before, said in meanwhile, said in after) == (False, True, False)
    assert reverse("grants:partner_agreement", args=[paid.grant.number]) in meanwhile.partition(said)[2]


def test_it_is_not_said_to_another_organisation(paid):
    signed_in(grants.directors_of(paid.grant)[0]).post(at("suspend", paid.grant.number), {"reason": REASON})
    other = MembershipFactory(role="owner")

    assert "is suspended" not in signed_in(other.user).get(reverse("partners:home")).text
