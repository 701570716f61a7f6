"""Versions of the wording, reached by their real actions."""

from grants.wordings import actions
from grants.wordings.models import Passage, WordingVersion
from tests.factories.portal import UserFactory
from vetting_portal.models import User


def officer() -> User:
    """Return a programme officer, who changes wordings."""
    return UserFactory(roles=["programme_officer"])


def publisher() -> User:
    """Return somebody who changed nothing."""
    return UserFactory(roles=["director"])


def current() -> WordingVersion:
    """Return the version in use."""
    return WordingVersion.objects.current()


def draft(by: User | None = None) -> WordingVersion:
    """Return a draft, a copy of the version in use."""
    return actions.start_wording(wording=current(), by=by or officer())


def passage(wording: WordingVersion, title: str = "Purpose", **lookup: str) -> Passage:
    """Return a passage by its title, or by another lookup."""
    return wording.passages.get(**(lookup or {"title": title}))


def published(by: User | None = None, **texts: str) -> WordingVersion:
    """Return a published version in which the named texts say something else."""
    by = by or officer()
    made = draft(by)
    for key, text in texts.items():
        actions.change_passage(passage=passage(made, key=key), text=text, by=by)
    return actions.publish_wording(wording=made, by=publisher())
