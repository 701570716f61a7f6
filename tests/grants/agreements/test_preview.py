"""A wording on the terms of a grant: the real agreement, marked on every page, and nothing is kept of it."""

import subprocess
from unittest import mock

import pytest

from grants.agreements import actions
from grants.agreements.actions import freezing
from grants.agreements.documents import agreement_html
from grants.agreements.models import Agreement, Terms
from grants.agreements.preview import preview_of
from grants.wordings.actions import change_passage
from tests.factories import grants, wordings
from tests.laws.visits import client_of
from tests.support.scene import Scene
from vetting_portal.files import read_stored
from vetting_portal.models import AuditHead, StoredFile, User
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def visitor(user: User):
    """Return a client of ``user``, second factor and all."""
    return client_of(Scene({}, {"user": user}), "user")


def pages_of(pdf: bytes) -> list[str]:
    """Return the text of each page."""
    said = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True).stdout
    return said.decode().split("\f")[:-1]


def test_a_draft_is_previewed_on_a_grant_that_is_drafted_and_nothing_is_kept():
    grant = grants.drafted()
    officer = grants.officer_of(grant)
    draft = wordings.draft(officer)
    change_passage(passage=wordings.passage(draft), text="{partner} alone gets {cap}.", by=officer)
    client, kept = visitor(officer), (AuditHead.objects.get(pk=1).seq, StoredFile.objects.count())
    page = client.get(f"/wordings/{draft.name}/preview/", {"grant": grant.number}).content.decode()
    assert "Everything is filled." in page
    answer, found = client.get(f"/wordings/{draft.name}/preview/{grant.number}.pdf"), preview_of(draft, grant)
    pages = pages_of(answer.content)
    assert len(pages) > 3
    assert all(f"Preview, no agreement {grant.number}" in " ".join(page.split()) for page in pages)
    assert ">PREVIEW</div>" in agreement_html(found.content, "", preview=found.wording)
    text = " ".join(" ".join(pages).split())
    assert f"{grant.submission.organisation.legal_name} alone gets USD 15,000.00." in text
    assert "Preview, not an agreement" in text
    assert "Terms frozen" not in text
    assert answer["Cache-Control"] == "private, no-store"
    assert (AuditHead.objects.get(pk=1).seq, StoredFile.objects.count()) == kept
    assert (Terms.objects.count(), Agreement.objects.count()) == (0, 0)


def test_a_preview_that_cannot_be_filled_says_all_that_is_in_the_way():
    grant = grants.drafted()
    officer = grants.officer_of(grant)
    draft = wordings.draft(officer)
    for title in ("Purpose", "Term"):
        change_passage(passage=wordings.passage(draft, title), text="{gift_cap} {bank}", by=officer)
    client = visitor(officer)
    expected = [f"Clause {place}: There is no value for {{{name}}}."
                for place in ("1.1 Purpose", "1.2 Term") for name in ("gift_cap", "bank")]  # fmt: skip
    page = client.get(f"/wordings/{draft.name}/preview/", {"grant": grant.number})
    assert [str(reason) for reason in page.context["found"].reasons] == expected
    assert client.get(f"/wordings/{draft.name}/preview/{grant.number}.pdf").status_code == 409

    actions.change_grant(grant=grant, fields={"plan": {**grant.plan, "reports": []}}, by=officer)
    page = client.get(f"/wordings/{draft.name}/preview/", {"grant": grant.number})
    assert [str(reason) for reason in page.context["found"].reasons] == ["There is no report (Schedule E)."]


def test_what_is_frozen_keeps_its_wording_for_good(waiting):
    terms, first = grants.fresh(waiting).terms, wordings.current()
    assert (terms.content["wording"], terms.content["wording_sha256"]) == ("2026-3", first.sha256)
    new = wordings.published(c_intro="Another opening.", consent_director="I sign for {funder}.")

    assert grants.sign(waiting, grants.directors_of(waiting)[0]).consent_version == "2026-2"
    grants.sign(grants.fresh(waiting), grants.directors_of(waiting)[1])
    grants.countersign(waiting)
    sealed = grants.seal(waiting).agreement.sealed_file
    assert "This schedule fixes how the match is calculated." in " ".join(
        " ".join(pages_of(read_stored(sealed))).split()
    )

    client = visitor(grants.officer_of(waiting))
    assert '<a href="/wordings/2026-3/">wording 2026-3</a>' in client.get(f"/grants/{waiting.number}/").content.decode()
    pdf = client.get(f"/wordings/{new.name}/preview/{waiting.number}.pdf").content
    assert "Another opening." in " ".join(" ".join(pages_of(pdf)).split())


def test_terms_frozen_next_name_the_wording_that_was_published_meanwhile():
    """Publishing between rendering and recording: the draft is looked at again, the next try takes the new wording."""
    grant = grants.drafted()
    really = freezing.put

    def publish_meanwhile(content):
        wordings.published(c_intro="Another opening.")
        return really(content)

    with mock.patch.object(freezing, "put", publish_meanwhile), pytest.raises(Refused, match="changed while"):
        actions.freeze_terms(grant=grant, by=grants.officer_of(grant))
    frozen = actions.freeze_terms(grant=grant, by=grants.officer_of(grant))
    assert frozen.terms.content["wording_sha256"] == wordings.current().sha256
    assert wordings.current().name != "2026-3"
