"""The lives have an installation and a database of their own, beside that of the other tests."""

import logging

import pytest
from pytest_django import DjangoDbBlocker


@pytest.fixture
def lives_only(django_db_setup: None, django_db_blocker: DjangoDbBlocker):
    """Open the door to the database, and keep the log quiet: refusals are the lives' daily bread."""
    logging.disable(logging.ERROR)
    with django_db_blocker.unblock():
        yield
    logging.disable(logging.NOTSET)
