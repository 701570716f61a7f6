"""The languages that staff read: by name on a page of one's own, by code in the record."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from tests.factories.portal import UserFactory
from tests.reviews.panels.test_views import signed_in
from vetting_portal.actions import set_languages
from vetting_portal.languages import language_code, language_name
from vetting_portal.models import AuditEntry, User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "code"), [("Thai", "th"), (" burmese ", "my"), ("th", "th"), ("TH", "th"), ("Klingonish", ""), ("", "")]
)
def test_a_language_is_told_by_name_or_code(text, code):
    assert language_code(text) == code


def test_a_word_that_is_no_code_stays():
    assert (language_name("lo"), language_name("Karen dialect")) == ("Lao", "Karen dialect")


def test_languages_are_kept_once_and_without_english():
    user = UserFactory(roles=["reviewer"])

    set_languages(user=user, languages=["th", "en", "th", "lo"], by=user)

    assert User.objects.get(pk=user.pk).languages == ["th", "lo"]
    assert AuditEntry.objects.about(user).get().event == "languages_set"


def test_an_unknown_language_is_refused():
    user = UserFactory(roles=["reviewer"])

    with pytest.raises(ValidationError, match="no language xx"):
        set_languages(user=user, languages=["xx"], by=user)


@pytest.mark.parametrize("roles", [["programme_officer"], ["director"], []])
def test_others_do_not_set_them(roles):
    with pytest.raises(PermissionDenied):
        set_languages(user=UserFactory(roles=["reviewer"]), languages=["th"], by=UserFactory(roles=roles))


def test_a_partner_has_no_languages_to_set():
    user = UserFactory()

    assert signed_in(user).get(reverse("portal:languages", args=[user.pk])).status_code == 404


def test_own_page_takes_names_and_says_what_it_does_not_know():
    user = UserFactory(roles=["reviewer"], languages=["th"])
    client, address = signed_in(user), reverse("portal:languages", args=[user.pk])

    shown = client.get(address)
    wrong = client.post(address, {"languages": "Thai, Klingonish"})
    right = client.post(address, {"languages": "Lao, burmese"})

    assert 'value="Thai"' in shown.text
    assert address in client.get(reverse("reviews:home")).text
    assert wrong.status_code == 422
    assert "We know no language Klingonish" in wrong.text
    assert right.status_code == 302
    assert User.objects.get(pk=user.pk).languages == ["lo", "my"]


def test_an_administrator_sets_anybodys():
    reviewer, administrator = UserFactory(roles=["reviewer"]), UserFactory(roles=["administrator"])
    client = signed_in(administrator)

    client.post(reverse("portal:languages", args=[reviewer.pk]), {"languages": "Thai"})

    assert User.objects.get(pk=reviewer.pk).languages == ["th"]
    assert "Thai" in client.get(reverse("portal:staff")).text
