"""A grant in force, taken there once for a module; what a test does to it is rolled back."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from grants.agreements.models import Grant
from tests.factories import grants
from tests.support.databases import restore_template


@pytest.fixture(scope="module")
def _in_force_once(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[int]:
    with django_db_blocker.unblock():
        yield grants.grant_in("in_force").pk
        restore_template()


@pytest.fixture
def in_force(_in_force_once: int, db: None) -> Grant:
    """The grant as it stands in the database."""
    return Grant.objects.for_page().get(pk=_in_force_once)
