"""The evidence of a grant that ended: the closing letter is in it, and what was changed about it is told."""

import json

import pytest

from tests.factories import endings, grants
from tests.grants.evidence.bundles import edited, found, signed_again
from tests.grants.evidence.test_evidence import bundle_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def files(paid):
    """The evidence of a grant that was ended with money unpaid, its letter and its statement sealed."""
    ending = endings.ended(paid.grant)
    grants.statement_of(grants.fresh(paid.grant))
    grants.actions.seal_agreement(agreement=ending.letter, by=grants.system())
    return bundle_of(paid.grant)


def test_the_closing_letter_is_in_the_evidence_and_holds(files):
    assert found(files) == ([], True)
    assert {"closing/sealed.pdf", "closing/signed.pdf", "closing/closing.json", "closing/terms.json"} <= set(files)
    said = json.loads(files["closing/closing.json"])
    assert said["words"] == [endings.WORDS]
    told = {one["event"] for one in json.loads(files["audit/entries.json"])}
    assert {"ending_asked", "signed", "confirm", "carry_out", "terminate", "ending_settled"} <= told
    signed = [one for one in json.loads(files["signatures.json"]) if one["folder"] == "closing"]
    assert [(one["side"], one["method"]) for one in signed] == [("director", "totp")]


def _another_asker(value):
    (asked,) = [one for one in value if one["event"] == "ending_asked"]
    (confirmed,) = [one for one in value if one["event"] == "confirm"]
    asked["actor_id"] = confirmed["actor_id"]


def _drop(value, name):
    value[:] = [one for one in value if one[name] != "closing"]


CHANGES = {
    "no signature": ("signatures.json", lambda value: _drop(value, "folder")),
    "no letter": ("documents.json", lambda value: _drop(value, "kind")),
    "other sums": ("closing/closing.json", lambda value: value["money"].update(to_return_minor=1)),
    "one person": ("audit/entries.json", _another_asker),
    "no kind that there is": ("documents.json", lambda value: value[-1].update(kind="farewell")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_is_told_even_when_the_funder_signs_it(files, change):
    path, edit = CHANGES[change]

    told, ok = found(signed_again(edited(files, path, edit)))

    assert not ok
    assert told
