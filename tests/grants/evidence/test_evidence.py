"""Who may take evidence out, what is in it and what is not, and that swapped records are told."""

import itertools
import json

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.urls import reverse

from grants.campaigns.actions import close_campaign, plan_campaign, record_dispute, record_gift, refund_gift
from grants.campaigns.actions.closing import seal_statement_task
from grants.campaigns.models import Campaign
from grants.campaigns.simulation.stage import WORDS
from grants.evidence import trail
from grants.evidence.actions import export_evidence
from grants.evidence.bundle import StillMoving, read_evidence
from grants.payments.actions import open_campaign
from tests.factories import grants
from tests.factories.campaigns import row
from tests.factories.portal import UserFactory
from tests.grants.agreements.test_views import signed_in
from tests.grants.evidence.bundles import edited, found, signed_again, unpack
from vetting_portal.audit import erase_person
from vetting_portal.commands import CouldNot
from vetting_portal.models import AuditEntry
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def auditor():
    return UserFactory(roles=["auditor"])


def bundle_of(grant, by=None):
    """Return the files of a grant's evidence."""
    return unpack(b"".join(export_evidence(grant=grants.fresh(grant), by=by or auditor()).stream()))


def with_gifts(**terms):
    """Return a grant whose campaign took gifts, refunds and disputes, before and after it was closed."""
    grant = grants.grant_in("in_force", cap_minor=10_000, **terms)
    officer, finance = grants.officer_of(grant), grants.finance()
    planned = plan_campaign(grant=grant, slug="evidence", words=WORDS, by=officer)
    campaign = open_campaign(campaign=planned, by=officer)
    at = grant.window_starts_at
    refund_gift(campaign=campaign, gift_key="early", amount_minor=500, refund_key="r0", by=finance)
    gifts = [("a", 6_000, "Ann Secret"), ("early", 3_000, "Ann Secret"), ("b", 4_000, "Bob Secret"), ("c", 2_000, "")]
    for key, gross, donor in gifts:
        given = row(key, gross, received_at=at, donor_name=donor, donor_email="", fee_minor=30)
        record_gift(campaign=Campaign.objects.get(pk=campaign.pk), row=given, by=finance)
    record_gift(campaign=campaign, row=row("staff", 900, received_at=at, ineligible="from Cy Secret"), by=finance)
    refund_gift(campaign=campaign, gift_key="a", amount_minor=1_000, refund_key="r1", by=finance)
    record_dispute(campaign=campaign, gift_key="b", dispute_key="d1", status="open", by=grants.system())
    close_campaign(campaign=Campaign.objects.with_grant().get(pk=campaign.pk), by=officer)
    seal_statement_task.func(campaign.pk)
    refund_gift(campaign=Campaign.objects.get(pk=campaign.pk), gift_key="c", refund_key="r2", by=finance)
    return grants.fresh(grant)


def test_gifts_refunds_and_disputes_are_told_again_and_no_donor_is_named():
    grant = with_gifts()
    files = bundle_of(grant)
    assert found(files) == ([], True)
    lines = json.loads(files["match/lines.json"])
    assert [line["refunded"] for line in lines["at_closing"]] == [1_000, 500, 0, 0, 0]
    assert [line["refunded"] for line in lines["today"]] == [1_000, 500, 0, 2_000, 0]
    assert sum(line["matched"] for line in lines["at_closing"]) == 10_000
    assert [name for name, content in files.items() if b"Secret" in content] == []
    assert {name for name in files if name.startswith("statement/")} == {
        "statement/sealed.pdf", "statement/statement.json", "statement/terms.json",
    }  # fmt: skip

    def one_cent(value):
        value["vectors"][0]["events"][1]["gross"] += 1

    assert not found(signed_again(edited(files, "match/events.json", one_cent)))[1]


def test_the_directors_names_are_shown_the_reviewers_are_not(in_force):
    files = bundle_of(in_force)
    assert found(files) == ([], True)
    entries = files["audit/entries.json"].decode()
    director = grants.directors_of(in_force)[0].name
    reviewers = [review.reviewer.name for review in in_force.submission.reviews.select_related("reviewer")]
    assert director in entries
    assert len(reviewers) >= 2
    hidden = entries + files["vetting/scores.json"].decode() + files["vetting/decisions.json"].decode()
    assert [name for name in reviewers if name in hidden] == []
    assert [one["reviewer"] for one in json.loads(files["vetting/scores.json"])] == ["reviewer 1", "reviewer 2"]


def test_an_erased_persons_words_are_gone_and_the_proof_holds(in_force):
    director = grants.directors_of(in_force)[0]
    before = json.loads(bundle_of(in_force)["audit/entries.json"])
    assert erase_person(director)
    files = bundle_of(in_force)
    assert found(files) == ([], True)
    after = json.loads(files["audit/entries.json"])
    mine = [one for one in after if one["actor_id"] == director.pk]
    assert mine
    assert {one["words_are"] for one in mine} == {"erased"}
    assert director.name not in files["audit/entries.json"].decode()
    assert [one["hash"] for one in after] == [one["hash"] for one in before]


def test_a_revoked_agreement_says_so(in_force):
    grants.end(in_force, "The funder ended what it promises.")
    files = bundle_of(in_force)
    assert found(files) == ([], True)
    assert json.loads(files["documents.json"])[0]["revoked"]["reason"] == "The funder ended what it promises."
    told, ok = found(signed_again(edited(files, "documents.json", lambda value: value[0].update(revoked=None))))
    assert not ok
    assert "revoked" in told[0]


def test_files_of_another_grant_are_told_even_when_the_funder_signs_them():
    first, second = (
        bundle_of(grant) for grant in (grants.grant_in("in_force"), grants.grant_in("in_force", funder=False))
    )
    assert found(first) == found(second) == ([], True)
    shared = [name for name in first if name in second and first[name] != second[name]]
    parts = {name.partition("/")[0] for name in shared} - {"README.txt", "manifest.json", "manifest-signature.json"}
    quiet = []
    for part in sorted(parts):
        swapped = {
            name: second[name] if name.partition("/")[0] == part and name in second else first[name] for name in first
        }
        quiet += [part] if found(signed_again(swapped))[1] else []
    # The PDF of a brief is a print of its JSON: it rests on the manifest alone.
    assert quiet == []


def test_who_may_take_it_and_that_it_is_recorded(client, in_force):
    address = reverse("grants:evidence", args=[in_force.number])
    for role in ("auditor", "finance_officer", "programme_officer", "director"):
        client.logout()
        user = UserFactory(roles=[role], totp=True)
        signed_in(client, user)
        assert client.get(address).status_code == 405
        answer = client.post(address)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
        assert found(unpack(b"".join(answer.streaming_content))) == ([], True)
        entry = AuditEntry.objects.order_by("-seq")[0]
        assert (entry.event, entry.actor_id, entry.subject_id) == (trail.EXPORTED, user.pk, str(in_force.pk))
    page = client.get(in_force.get_absolute_url()).content.decode()
    assert "Take the evidence" in page
    client.logout()
    signed_in(client, grants.owner_of(in_force))
    assert client.post(address).status_code == 403


def test_nobody_with_a_tie_takes_it_and_there_is_none_before_the_seal(in_force):
    tied = UserFactory(roles=["director"])
    grants.declare(in_force, tied, has_interest=True)
    with pytest.raises(PermissionDenied):
        export_evidence(grant=in_force, by=tied)
    waiting = grants.grant_in("approved", funder=False)
    with pytest.raises(Refused, match="not sealed yet"):
        export_evidence(grant=waiting, by=auditor())


def test_the_command_writes_the_file_whole_or_says_why_not(in_force, tmp_path, capsys):
    out = tmp_path / "evidence.zip"
    call_command("export_bundle", in_force.number, "--out", str(out))
    assert found(unpack(out.read_bytes())) == ([], True)
    assert [path.name for path in tmp_path.iterdir()] == ["evidence.zip"]
    waiting = grants.grant_in("approved", funder=False)
    with pytest.raises(SystemExit) as left:
        call_command("export_bundle", waiting.number, "--out", str(out))
    assert left.value.code == 1
    assert "not sealed yet" in capsys.readouterr().out
    with pytest.raises(CouldNot, match="no grant 1999-001"):
        call_command("export_bundle", "1999-001", "--out", str(out))


def test_a_grant_that_changes_while_it_is_read_is_read_again(in_force, monkeypatch):
    real, extra = trail.entry_numbers(in_force), itertools.count()
    monkeypatch.setattr(trail, "entry_numbers", lambda _grant: real[: -1 - next(extra)])
    with pytest.raises(StillMoving):
        read_evidence(grants.fresh(in_force))
    once = iter([real[:-1], real])
    monkeypatch.setattr(trail, "entry_numbers", lambda _grant: next(once, real))
    assert read_evidence(grants.fresh(in_force)).last_seq == real[-1]


@pytest.mark.long
def test_what_is_added_for_card_fees_is_counted_again():
    files = bundle_of(with_gifts(fee_top_up_minor=100))
    assert found(files) == ([], True)
    path = next(name for name in files if name.endswith("/statement.json"))
    assert json.loads(files[path])["figures"]["fee_top_up_minor"] == 90

    def forget(statement):
        del statement["figures"]["fee_top_up_minor"]

    assert found(signed_again(edited(files, path, forget)))[1] is False
