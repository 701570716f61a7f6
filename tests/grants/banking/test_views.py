"""The pages of bank details: the owner's, the checks of finance and officers, what others see."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from grants.models import BankDetails, HeldNumber
from tests.factories import banking, grants
from tests.factories import reviews as made
from tests.factories.partners import MembershipFactory
from tests.factories.portal import FunderFactory, UserFactory
from vetting_portal.models import AuditEntry, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def funder():
    return FunderFactory()


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    session = client.session
    session["second_factor"] = True
    session.save()
    return client


def page(name: str, pk: int) -> str:
    return reverse(f"grants:{name}", args=[pk])


def test_an_owner_enters_and_sees_the_last_four_only():
    organisation = made.sent_submission().organisation
    client, address = client_of(organisation.owners().get().user), page("bank_enter", organisation.pk)
    assert "No bank details yet" in client.get(page("bank", organisation.pk)).text
    assert organisation.legal_name in client.get(address).text
    refused = client.post(address, {**banking.given(organisation, bic="no"), "account": "12"})
    assert refused.status_code == 422
    assert "5 to 34 digits" in refused.text
    assert "8 or 11 letters" in refused.text
    assert "Example Bank of Chiang Mai" in refused.text
    assert client.post(address, banking.given(organisation)).status_code == 302
    shown = client.get(page("bank", organisation.pk)).text
    assert "•••• 6789" in shown
    assert "Waits for a call" in shown
    assert "0123456789" not in shown
    assert "Payments wait." in client.get(address).text


def test_finance_and_officer_take_it_through():
    details = banking.entered(held=False)
    organisation, treasurer, officer = details.organisation, client_of(grants.finance()), client_of(made.officer())
    assert "We held no number before" in treasurer.get(page("bank", organisation.pk)).text
    assert treasurer.get(page("bank_call", details.pk)).status_code == 409
    number = {"number": "+66 53 123 456", "whose": "The director", "source": "The registry"}
    wrong = officer.post(page("bank_number", organisation.pk), {**number, "number": "123"})
    assert (wrong.status_code, "country’s code" in wrong.text) == (422, True)
    assert officer.post(page("bank_number", organisation.pk), number).status_code == 302
    details = banking.entered(organisation.submissions.get(), held=False)
    call = page("bank_call", details.pk)
    held = HeldNumber.objects.get()
    assert "+6653123456" in treasurer.get(call).text
    unsure = treasurer.post(call, {"held_number": held.pk, "whom": "The director"})
    assert (unsure.status_code, "refuse the details instead" in unsure.text) == (422, True)
    assert treasurer.post(call, {"held_number": 10**6, "whom": "She", "agrees": "on"}).status_code == 422
    assert treasurer.post(call, {"held_number": held.pk, "whom": "The director", "agrees": "on"}).status_code == 302
    assert treasurer.post(page("bank_approve", details.pk)).status_code == 409
    assert "Approve" in officer.get(reverse("grants:bank_waiting")).text
    assert officer.post(page("bank_approve", details.pk)).status_code == 302
    shown = treasurer.get(page("bank", organisation.pk)).text
    assert "Approved by a second person" in shown
    assert "Earlier versions" in shown
    assert "No bank details wait" in officer.get(reverse("grants:bank_waiting")).text


def test_refusing_by_the_page_is_told_to_the_owner():
    details = banking.entered()
    officer = client_of(made.officer())
    assert officer.post(page("bank_refuse", details.pk), {"reason": ""}).status_code == 422
    assert officer.post(page("bank_refuse", details.pk), {"reason": "The call did not agree."}).status_code == 302
    assert officer.get(page("bank_refuse", details.pk)).status_code == 409
    assert "The call did not agree." in client_of(details.entered_by).get(page("bank", details.organisation_id)).text


def test_the_whole_number_is_shown_to_finance_by_a_post_that_is_recorded():
    details = banking.entered()
    treasurer = client_of(grants.finance())
    assert treasurer.get(page("bank_account", details.pk)).status_code == 405
    shown = treasurer.post(page("bank_account", details.pk))
    assert "<span>0123</span><span>4567</span><span>89</span>" in shown.text
    assert "no-store" in shown.headers["Cache-Control"]
    assert AuditEntry.objects.filter(event="account_read").count() == 1
    assert client_of(made.officer()).post(page("bank_account", details.pk)).status_code == 403


def test_editors_read_and_do_not_enter_and_reviewers_see_nothing():
    details = banking.entered()
    editor = client_of(MembershipFactory(organisation=details.organisation).user)
    assert "•••• 6789" in editor.get(page("bank", details.organisation_id)).text
    assert editor.get(page("bank_enter", details.organisation_id)).status_code == 403
    for role, status in (("reviewer", 404), ("administrator", 403), ("director", 200), ("auditor", 200)):
        user = UserFactory(roles=[role])
        assert client_of(user).get(page("bank", details.organisation_id)).status_code == status, role


def test_staff_who_belonged_to_the_partner_check_nothing_of_it():
    details = banking.entered()
    inside = UserFactory(roles=["finance_officer"])
    MembershipFactory(organisation=details.organisation, user=inside, ended=True)
    client = client_of(inside)
    assert client.get(page("bank", details.organisation_id)).status_code == 403
    assert client.get(page("bank_call", details.pk)).status_code == 404
    assert details.organisation.legal_name not in client.get(reverse("grants:bank_waiting")).text


def test_two_partners_with_one_account_are_shown_to_who_checks():
    banking.entered()
    details = banking.entered()
    words = "Another organisation has the same account."
    assert words in client_of(made.officer()).get(page("bank", details.organisation_id)).text
    assert words not in client_of(details.entered_by).get(page("bank", details.organisation_id)).text


def test_what_waits_asks_the_same_questions_of_one_and_of_three(django_assert_num_queries):
    client, address = client_of(grants.finance()), reverse("grants:bank_waiting")
    banking.entered()
    client.get(address)
    with django_assert_num_queries(7):
        client.get(address)
    banking.entered()
    banking.entered()
    assert BankDetails.objects.waiting().count() == 3
    with django_assert_num_queries(7):
        client.get(address)
