"""What the page of an organisation's screening says before anybody was screened."""

import pytest
from django.urls import reverse

from tests.factories.partners import submission_in
from tests.factories.reviews import officer

pytestmark = pytest.mark.django_db


def test_nothing_is_said_of_lists_before_the_names_were_screened(client):
    organisation = submission_in("submitted").organisation
    client.force_login(officer(totp=True))
    page = client.get(reverse("reviews:organisation_screening", args=[organisation.pk])).text
    assert "The names are not screened yet." in page
    assert "No name is close to a listed one." not in page
