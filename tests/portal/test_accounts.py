"""The pages of one's own account speak the portal's words and lead back."""

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from tests.factories.portal import PASSWORD, FunderFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(client):
    FunderFactory()
    user = UserFactory()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return user


@pytest.mark.parametrize(
    ("name", "theirs", "ours"),
    [
        ("account_email", ["Email Addresses", "Make Primary", "Re-send", "Primary"], "Main address"),
        ("account_change_password", ["Change Password", "Current Password", "(again)"], "Your password now"),
    ],
)
def test_a_page_of_the_account_is_in_our_words_and_leads_back(client, person, name, theirs, ours):
    page = client.get(reverse(name)).content.decode()

    assert ours in page
    assert f'<p class="crumb"><a href="{reverse("mfa_index")}">Sign-in and security</a></p>' in page
    assert [words for words in theirs if words in page] == []


def test_a_sign_in_that_fails_says_what_to_do(client):
    FunderFactory()
    page = client.post(reverse("account_login"), {"login": "nobody@example.org", "password": "x"}).content.decode()

    assert "Address and password do not fit together." in page
    assert "specified" not in page


def test_a_second_address_is_made_the_main_one_and_the_first_removed(client, person):
    second = EmailAddress.objects.create(user=person, email="second@example.org", verified=True)
    asked = reverse("account_email")
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    page = client.post(asked, {"action_primary": "1", "email": second.email}, follow=True).content.decode()
    assert "We write to your new main address from now on." in page
    assert EmailAddress.objects.get_primary(person).email == second.email

    page = client.post(asked, {"action_remove": "1", "email": second.email}, follow=True).content.decode()
    assert f"You cannot remove {second.email}: it is your main address." in page

    first = EmailAddress.objects.exclude(pk=second.pk).get(user=person)
    page = client.post(asked, {"action_remove": "1", "email": first.email}, follow=True).content.decode()
    assert f"The address {first.email} is removed." in page


def test_an_address_that_is_there_already_is_refused_in_our_words(client, person):
    page = client.post(reverse("account_email"), {"action_add": "1", "email": person.email}).content.decode()

    assert "You have added this address already." in page


def test_a_password_is_changed_with_the_old_one_only(client, person):
    new = {"password1": "three quiet rivers meet", "password2": "three quiet rivers meet"}

    page = client.post(reverse("account_change_password"), {"oldpassword": "wrong", **new}).content.decode()
    assert "This is not your password now. Type it again." in page

    client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, **new})
    person.refresh_from_db()
    assert person.check_password("three quiet rivers meet")
