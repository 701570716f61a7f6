import pytest

from tests.factories import reviews as made

pytestmark = pytest.mark.django_db


def test_recommended():
    submission = made.recommended()
    assert submission.state == "recommended"
