"""A grant that is complete: what stands in the way, who is notified, and its letter: in pages, file and evidence."""

import io
import json

import pytest
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from grants.agreements.actions import seal_agreement
from grants.agreements.models import Agreement
from grants.agreements.verification import verify_pdf
from grants.endings.actions import finish_grant
from grants.endings.readiness import finish_blockers
from tests.factories import endings, grants, payments
from tests.grants.agreements.paper.sheets import text_of
from tests.grants.agreements.paper.test_letters import STRAIGHT
from tests.grants.endings.test_pages import signed_in
from tests.grants.evidence.bundles import edited, found, signed_again
from tests.grants.evidence.test_evidence import bundle_of
from vetting_portal.files import read_stored
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db


def completed(campaign):
    """Pay and report everything, complete the grant, seal its letter and its statement; return the grant."""
    payments.spent(campaign, payments.all_paid(campaign))
    grant = grants.fresh(campaign.grant)
    grants.statement_of(grant)
    finish_grant(grant=grants.fresh(grant), by=grants.officer_of(grant))
    seal_agreement(agreement=grants.fresh(grant).completion_letter, by=grants.system())
    return grants.fresh(grant)


def mails(subject):
    """Return to whom a message was enqueued under a subject, by address."""
    tasks = [task.args_kwargs["args"] for task in DBTaskResult.objects.all()]
    return sorted(args[0] for args in tasks if len(args) > 1 and args[1] == subject)


@pytest.mark.parametrize("left", [0, 1])
def test_money_that_nobody_spent_stands_in_the_way_to_the_cent(payable, left):
    paid = payments.all_paid(payable)
    payments.spent(payable, paid - left)

    reasons = [str(reason) for reason in finish_blockers(grants.fresh(payable.grant))]

    assert reasons == (["USD 0.01 was paid, and no accepted report shows it as spent."] if left else [])


def test_money_that_nobody_spent_leads_to_the_end_by_agreement(payable):
    payments.spent(payable, payments.all_paid(payable) - 100)
    grant = grants.fresh(payable.grant)
    officer = grants.officer_of(grant)

    with pytest.raises(Refused, match="no accepted report shows it as spent"):
        finish_grant(grant=grant, by=officer)
    page = signed_in(officer).get(reverse("grants:complete", args=[grant.number])).text

    assert reverse("grants:end", args=[grant.number]) in page
    ending = endings.ended(grant)
    assert ending.letter.content["money"]["to_return_minor"] == 100


def test_a_grant_without_reports_can_be_completed(payable):
    payments.all_paid(payable)
    for number in (1, 2, 3):
        payments.arrived(payments.tranche_of(payable, number))
    by, now = grants.officer_of(payable.grant), timezone.now()
    stamps = {"cancelled_at": now, "cancelled_by": by, "cancel_reason": "None was agreed."}
    payable.grant.reports.update(accepted_at=None, accepted_by=None, state="cancelled", **stamps)

    assert finish_blockers(grants.fresh(payable.grant)) == []


def test_partner_signatories_and_officer_are_notified_and_who_completed_it_is_not(payable):
    grant = completed(payable)

    told = mails(f"Grant {grant.number} is complete")

    signed = {one.user.email for one in grant.agreement.signatures.select_related("user")}
    assert signed | {grants.owner_of(grant).email} == set(told)
    assert len(told) == len(set(told))
    assert grants.officer_of(grant).email not in told


def test_the_letter_tells_every_payment_and_is_genuine(payable, tmp_path):
    grant = completed(payable)
    letter = grant.completion_letter
    pdf = read_stored(letter.sealed_file)

    pages = text_of(pdf, tmp_path)
    text = "\n".join(pages)

    assert len(pages) == 1
    assert "Completion letter" in text
    assert "which is all that was granted" in " ".join(text.split())
    assert not STRAIGHT.search(text.replace("\n", " "))
    amounts = [one.amount_minor for one in grant.tranches.order_by("number")]
    for minor in (*amounts, sum(amounts)):
        assert f"{minor / 100:,.2f}" in text
    assert grant.agreement.sealed_sha256[:8] in text
    assert grant.statement.sealed_sha256[:8] in text
    verdict = verify_pdf(io.BytesIO(pdf))
    assert str(verdict.word) == "genuine"
    assert verdict.sentence == (
        "This is the completion letter that was sealed, byte for byte. The grant was completed as it says."
    )


def test_partner_and_staff_find_the_letter_on_the_page_of_the_grant_and_others_do_not(payable, client):
    grant = completed(payable)
    address = reverse("grants:completion_file", args=[grant.number])
    for user, page in (
        (grants.officer_of(grant), grant.get_absolute_url()),
        (grants.owner_of(grant), reverse("grants:partner_agreement", args=[grant.number])),
    ):
        browser = signed_in(user)
        assert address in browser.get(page).text
        assert b"".join(browser.get(address).streaming_content).startswith(b"%PDF")
    assert client.get(address).status_code == 302


def test_the_partner_reads_on_its_home_how_its_grant_ended(payable):
    owner = grants.owner_of(payable.grant)
    before = signed_in(owner).get(reverse("partners:home")).text
    completed(payable)

    after = signed_in(owner).get(reverse("partners:home")).text

    assert "You are here" in before
    assert "Your grant is complete" not in before
    assert "Your grant is complete" in after
    assert "You are here" not in after


def test_it_is_written_once_and_its_seal_waits_for_the_background(payable):
    payments.spent(payable, payments.all_paid(payable))
    grant = grants.fresh(payable.grant)
    finish_grant(grant=grant, by=grants.officer_of(grant))
    owner = signed_in(grants.owner_of(grant))

    page = owner.get(reverse("grants:partner_agreement", args=[grant.number])).text

    assert "The letter is being sealed." in page
    assert owner.get(reverse("grants:completion_file", args=[grant.number])).status_code == 404
    with pytest.raises(Refused):
        finish_grant(grant=grants.fresh(grant), by=grants.officer_of(grant))
    assert Agreement.objects.filter(kind="completion").count() == 1


CHANGES = {
    "another payment": ("completion/completion.json", lambda said: said["payments"][0].update(amount_minor=1)),
    "another day": ("completion/completion.json", lambda said: said["payments"][0].update(paid_on="2020-01-01")),
    "other sums": ("completion/completion.json", lambda said: said["money"].update(granted_minor=1)),
    "no letter": ("documents.json", lambda told: told.__delitem__(-1)),
    "two letters": ("documents.json", lambda told: told.append({**told[-1], "folder": "closing"})),
    "nobody completed it": (
        "audit/entries.json",
        lambda told: [one.update(event="suspend") for one in told if one["event"] == "complete"],
    ),
}


def test_the_letter_is_in_the_evidence_and_what_is_changed_about_it_is_told(payable):
    files = bundle_of(completed(payable))
    assert found(files) == ([], True)
    assert {"completion/sealed.pdf", "completion/completion.json", "completion/terms.json"} <= set(files)
    assert json.loads(files["documents.json"])[-1]["kind"] == "completion"

    unseen = [change for change, (path, edit) in CHANGES.items() if found(signed_again(edited(files, path, edit)))[1]]

    assert unseen == []
