"""The pages of reports."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from PIL import Image

from grants.campaigns.simulation.stage import Stage
from grants.reports.actions import accept_report, publish_report, remove_story
from grants.reports.models import Consent, Report, Story
from partners.vault.passport.contents import items_of
from tests.factories.campaigns import consented, member_of, opened, report_of, sent, told
from tests.portal.inspection.made_pictures import jpeg, photo
from vetting_portal.files import put
from vetting_portal.models import AuditEntry, User
from vetting_portal.tasks import drain

FORM = {
    "summary": "31 people have a named worker.",
    "changes": "Nothing.",
    "challenges": "Nothing.",
    "reached-0": "31 of 80",
    "received": "10,000.00",
    "charges": "25",
    "local_currency": "thb",
    "rate": "35.10",
    "spent-0": "300000.00",
    "spent-1": "50,000.00",
}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    session = client.session
    session["second_factor"] = True
    session.save()
    return client


def text(response: Any) -> str:
    return response.content.decode()


def url(name: str, *args: Any) -> str:
    return reverse(f"grants:{name}", args=args)


def test_a_report_goes_to_the_officer_and_back(stage: Stage) -> None:
    campaign = opened(stage)
    member = member_of(campaign.grant)
    report = report_of(campaign)
    partner, officer = signed_in(member), signed_in(stage.officer)
    page = url("report", report.pk)

    assert report.title in text(partner.get(url("partner_reports")))
    assert partner.get(page).status_code == 200
    early = partner.post(page, {"summary": "Half", "send": "1"})
    assert report_of(campaign).summary == "Half"
    saved = partner.post(page, {**FORM, "rate": "zero"})
    sent = partner.post(page, {**FORM, "send": "1"}, follow=True)
    assert (early.status_code, saved.status_code) == (422, 422)
    assert "We saved your report but did not send it." in text(early)
    assert "\nHalf</textarea>" in text(early)
    assert "Your report is sent" in text(sent)
    assert report.title in text(officer.get(url("reports") + "?show=waiting"))
    assert "350,000.00" in text(officer.get(page))
    assert officer.post(url("report_send_back", report.pk), {"reason": ""}).status_code == 422
    assert officer.post(url("report_send_back", report.pk), {"reason": "Which shelters?"}).status_code == 302
    assert "Which shelters?" in text(partner.get(page))
    assert officer.get(url("report_send_back", report.pk)).status_code == 302
    partner.post(page, {**FORM, "send": "1"})
    assert officer.post(url("report_accept", report.pk)).status_code == 302
    assert officer.post(url("report_accept", report.pk)).status_code == 409
    assert report_of(campaign).state == "accepted"
    assert "31 people" not in text(Client().get(f"/campaign/{campaign.slug}/"))


def test_a_public_line_stands_on_the_campaign_page_once_published(stage: Stage, client: Client) -> None:
    campaign = opened(stage)
    report, member, officer = report_of(campaign), member_of(campaign.grant), signed_in(stage.officer)
    sent(report, by=member)
    officer.post(url("report_accept", report.pk))
    before = text(client.get(f"/campaign/{campaign.slug}/"))
    page, words = url("report_publish", report.pk), {"public_line": "31 people.", "public_summary": "Two workers."}

    unread = officer.post(page, words)
    done = officer.post(page, {**words, "is_read": "on"}, follow=True)

    after = text(client.get(f"/campaign/{campaign.slug}/"))
    address = f"/campaign/{campaign.slug}/report/1/"
    assert ("31 people." in before, "31 people." in after, address in after) == (False, True, True)
    today = date_format(timezone.localdate(), "j F Y")
    assert f"{today} · {report.title}" in after
    assert (after.count("31 people."), after.count(address), "15 October 2026 · " in after) == (1, 1, False)
    assert (unread.status_code, done.redirect_chain[-1][0]) == (422, address)
    assert "Read it first" in text(unread)
    public = text(client.get(address))
    for said in ("31 people.", "Two workers.", "31 of 80", "76 of 80", "$8,547<", "$20,000<", "35.10"):
        assert said in public
    assert "31 people have a named social worker." not in public
    assert "The phone line." not in public
    assert officer.get(page).status_code == 409
    assert client.get(f"/campaign/{campaign.slug}/report/2/").status_code == 404
    assert client.get("/campaign/nowhere/report/1/").status_code == 404


def autosave(client: Client, report: Report, **fields: Any) -> tuple[int, dict[str, Any]]:
    response = client.post(url("report_autosave", report.pk), fields)
    return response.status_code, response.json()


def test_what_can_be_read_is_saved_as_it_is_typed_and_the_rest_is_named(stage: Stage) -> None:
    campaign = opened(stage)
    report, partner = report_of(campaign), signed_in(member_of(campaign.grant))
    typed = {**FORM, "rate": "zero", "edition": "0", "page": "p", "turn": "1"}

    status, said = autosave(partner, report, **typed)

    kept = report_of(campaign)
    assert (status, said["edition"], said["unread"]) == (200, 1, ["Exchange rate"])
    assert (kept.summary, kept.rate, kept.spent_local_minor) == (FORM["summary"], "", 35_000_000)
    assert kept.spending[1] == {"line": "Training", "spent_local_minor": 5_000_000, "explanation": ""}
    assert "Saved" in text(partner.get(url("report", report.pk)))


def test_a_dropping_line_undoes_nothing_and_two_people_do_not_undo_each_other(stage: Stage) -> None:
    campaign = opened(stage)
    report, grant = report_of(campaign), campaign.grant
    partner, other = signed_in(member_of(grant)), signed_in(member_of(grant, "Nok"))
    first = {"summary": "One", "edition": "0", "page": "p", "turn": "1"}
    second = {"summary": "One two", "edition": "0", "page": "p", "turn": "2"}  # the answer to the first was lost

    codes = [autosave(partner, report, **sent)[0] for sent in (first, second, first)]
    theirs = autosave(other, report, summary="Other", edition="0", page="q", turn="1")
    shown = other.post(url("report", report.pk), {"summary": "Other", "edition": "0", "page": "q"})

    assert codes == [200, 200, 200]
    assert report_of(campaign).summary == "One two"
    assert theirs[0] == 409
    assert "Member changed this report at" in theirs[1]["reason"]
    assert shown.status_code == 422
    assert "Save again to keep what stands here." in text(shown)
    assert ">\nOther</textarea>" in text(shown)
    assert 'name="edition" value="2"' in text(shown)
    again = other.post(url("report", report.pk), {"summary": "Other", "edition": "2", "page": "q"})
    assert (again.status_code, report_of(campaign).summary) == (302, "Other")
    assert autosave(partner, report, summary="Late", edition="2", page="p", turn="3")[0] == 409


def test_a_report_that_was_sent_is_saved_no_more(stage: Stage) -> None:
    campaign = opened(stage)
    report, member = report_of(campaign), member_of(campaign.grant)
    sent(report, by=member)

    status, said = autosave(signed_in(member), report, summary="Late", edition="1")

    assert (status, said["reason"]) == (422, "The report is sent: it cannot be changed now.")
    for name in ("report_papers", "report_story_add"):
        assert signed_in(member).get(url(name, report.pk)).status_code == 409


def test_a_line_beyond_ten_percent_asks_for_an_explanation_and_tells_the_officer(stage: Stage) -> None:
    campaign = opened(stage)
    report, partner = report_of(campaign), signed_in(member_of(campaign.grant))
    over = {**FORM, "spent-1": "386101.00"}  # 386,100.00 at 35.10 is 11,000.00: ten percent over

    refused = partner.post(url("report", report.pk), {**over, "send": "1"})
    form = text(partner.get(url("report", report.pk)))
    done = partner.post(url("report", report.pk), {**over, "spent-1": "390000", "explanation-1": "Rent.", "send": "1"})

    officer = text(signed_in(stage.officer).get(url("report", report.pk)))
    assert (refused.status_code, done.status_code) == (422, 302)
    assert "Say why “Training” is more than 10% off the budget." in text(refused)
    assert "10.0% more than planned: this needs our agreement." in " ".join(text(refused).split())
    assert 'name="spent-1" value="386101.00"' in text(refused)
    assert f'name="edition" value="{report_of(campaign).edition - 1}"' in text(refused)
    assert "10.0% more than planned: this needs our agreement." in " ".join(form.split())
    for said in ("Needs agreement", "11.1% over: Rent.", "One line differs by more than 10%."):
        assert said in officer


def test_nobody_accepts_lines_beyond_ten_percent_without_saying_so(stage: Stage) -> None:
    campaign = opened(stage)
    member, officer = member_of(campaign.grant), signed_in(stage.officer)
    lines = [
        {"line": "Social workers", "spent_local_minor": 30_000_000, "explanation": ""},
        {"line": "Training", "spent_local_minor": 39_000_000, "explanation": "Rent."},
    ]
    report = sent(report_of(campaign), by=member, spending=lines)
    page, accept = url("report", report.pk), url("report_accept", report.pk)

    asked = text(officer.get(page))
    unsaid = officer.post(accept)
    with pytest.raises(ValidationError, match="you agree to these lines"):
        accept_report(report=report, by=stage.officer)
    theirs = text(signed_in(member).get(page))
    done = text(officer.post(accept, {"agrees": "on"}, follow=True))

    assert "I agree to the lines that differ by more than 10%" in asked
    assert "By accepting the report you agree" in asked
    assert (unsaid.status_code, report_of(campaign).state) == (422, "accepted")
    assert "Say that you agree to these lines" in text(unsaid)
    assert ("This needs our agreement in writing." in theirs, "I agree to" in theirs) == (True, False)
    assert "More was spent than received so far." in asked
    assert "9,658.12</span> more." in asked
    assert f"{stage.officer.name} agreed to it in writing on" in done
    assert "By accepting the report you agree" not in done
    entry = AuditEntry.objects.get(event="accept", facts__has_key="agreed_lines")
    assert entry.facts["agreed_lines"] == ["Training"]


def test_the_public_reads_why_a_line_differs_and_as_what_somebody_agreed(stage: Stage, client: Client) -> None:
    campaign = opened(stage)
    member, report = member_of(campaign.grant), report_of(campaign)
    lines = [
        {"line": "Social workers", "spent_local_minor": 30_000_000, "explanation": "Paid in two parts."},
        {"line": "Training", "spent_local_minor": 39_000_000, "explanation": "The rent rose."},
    ]
    survivor = told(report, consented(campaign.grant, by=member), by=member)
    staff = consented(campaign.grant, by=member, role="staff", given_by="Anan", is_pseudonym=False)
    worker = told(report, staff, by=member, title="A worker")
    accepted = accept_report(report=sent(report, by=member, spending=lines), agrees=True, by=stage.officer)
    words = {"public_line": "31 people.", "public_summary": "Two workers."}
    before = text(signed_in(stage.officer).get(url("report_publish", report.pk)))
    publish_report(report=accepted, **words, stories=[survivor, worker], by=stage.officer)

    page = text(client.get(f"/campaign/{campaign.slug}/report/1/"))

    assert "Training: The rent rose." in before
    assert "<b>Training</b>: 11.1% more than planned. We agreed to it in writing. Why: The rent rose.</p>" in page
    assert page.count("We agreed to it in writing.") == 1
    assert "Paid in two parts." not in page
    assert "Anan, somebody who works for the partner, agreed that" in page
    assert "Mali (not the real name) agreed that" in page


def test_a_currency_that_nobody_pays_with_is_refused_next_to_its_field(stage: Stage) -> None:
    campaign = opened(stage)
    report, partner = report_of(campaign), signed_in(member_of(campaign.grant))
    page = url("report", report.pk)

    refused = [partner.post(page, {**FORM, "local_currency": code}) for code in ("XYZ", "baht", "XAU", "DEM")]

    assert [one.status_code for one in refused] == [422] * 4
    assert "We know no currency “BAHT”. Give its three letters, for example THB." in text(refused[1])
    assert 'value="baht"' in text(refused[1])
    assert 'maxlength="3"' not in text(refused[1])
    assert partner.post(page, FORM).status_code == 302


def test_a_report_within_ten_percent_is_accepted_with_one_button(stage: Stage) -> None:
    campaign = opened(stage)
    report, officer = sent(report_of(campaign), by=member_of(campaign.grant)), signed_in(stage.officer)

    page = text(officer.get(url("report", report.pk)))

    assert ("I agree to" in page, "More was spent" in page) == (False, False)
    assert officer.post(url("report_accept", report.pk)).status_code == 302


CONSENT_FORM = {
    "role": "community",
    "given_by": "Anan",
    "covers_words": "on",
    "covers_photo": "on",
    "purpose": "The page of this report",
    "how": "written",
    "evidence_note": "Sheet 3",
}


def test_a_consent_is_put_on_record_and_withdrawn_on_its_pages(stage: Stage) -> None:
    campaign = opened(stage)
    partner, number = signed_in(member_of(campaign.grant)), campaign.grant.number
    new, today = url("consent_new", number), timezone.localdate()
    given, past = today - timedelta(days=30), today - timedelta(days=60)
    form = {**CONSENT_FORM, "given_on": given, "until_on": today + timedelta(days=365)}

    assert "No consent is on record" in text(partner.get(url("consents", number)))
    survivor = partner.post(new, {**form, "role": "survivor"})
    initials = partner.post(new, {**form, "role": "survivor", "is_pseudonym": "on", "given_by": "P. S."})
    long = partner.post(new, {**form, "until_on": today + timedelta(days=3650)})
    early = partner.post(new, {**form, "given_on": "9999-01-01", "until_on": "9999-02-01"})
    empty = partner.post(new, {})
    nothing = partner.post(new, {**form, "covers_words": "", "covers_photo": "", "until_on": past})
    made = [partner.post(new, form, follow=True) for _ in range(2)][-1]
    consent = Consent.objects.get()
    asked = partner.get(url("consent_withdraw", consent.pk))
    withdrawn = partner.post(url("consent_withdraw", consent.pk), {"reason": ""}, follow=True)

    assert [page.status_code for page in (survivor, initials, long, early, empty, nothing)] == [422] * 6
    assert "never by name" in text(survivor)
    assert "Anan" in text(survivor)
    assert "Give another whole name" in text(initials)
    assert "at most three years: until" in text(long)
    assert "That day has not come." in text(early)
    assert "Choose who gave it." in text(empty)
    assert "the words, a photograph, or both" in text(nothing)
    assert "cannot end before" in text(nothing)
    assert "Anan" in text(made)
    assert "Nothing is shown by it now." in text(asked)
    assert "Withdrawn" in text(withdrawn)
    assert partner.get(url("consent_withdraw", consent.pk)).status_code == 409


@pytest.mark.django_db
def test_a_photograph_is_shown_without_where_it_was_taken_and_goes_with_the_consent(stage: Stage) -> None:
    campaign = opened(stage)
    member, report = member_of(campaign.grant), report_of(campaign)
    partner, officer, anybody = signed_in(member), signed_in(stage.officer), Client()
    consent = consented(campaign.grant, by=member, role="community", is_pseudonym=False, covers_photo=True)
    survivor = consented(campaign.grant, by=member)
    content = photo()
    page = url("report_story_add", report.pk)
    words = {"title": "Hands", "text": "Bread is baked.", "consent": consent.pk, "photo_shows": "Two hands."}

    def upload(name: str = "hands.jpg", body: bytes = content) -> SimpleUploadedFile:
        return SimpleUploadedFile(name, body)

    declared = {**words, "nobody_recognisable": "on"}
    refusals = [
        partner.post(page, {**words, "photo": upload()}),
        partner.post(page, {**declared, "consent": survivor.pk, "photo": upload()}),
        partner.post(page, {**declared, "photo": upload("list.pdf")}),
    ]
    added = partner.post(page, {**declared, "photo": upload()})
    paper = partner.post(url("report_papers", report.pk), {"title": "Lists", "file": upload("l.jpg", jpeg())})
    drain()
    story = Story.objects.get()
    changed = partner.post(story.get_absolute_url(), {**declared, "title": "Our hands"})
    sent(report, by=member)
    officer.post(url("report_accept", report.pk))
    publish = {"public_line": "Bread.", "public_summary": "Baked.", "is_read": "on", "stories": [story.pk]}
    done = officer.post(url("report_publish", report.pk), publish)
    drain()

    assert [one.status_code for one in refusals] == [422, 422, 422]
    for refusal, why in zip(refusals, ("nobody may be recognised", "of a survivor", "as JPEG, PNG"), strict=True):
        assert why in text(refusal)
        assert "Bread is baked." in text(refusal)
    assert [one.status_code for one in (added, paper, changed, done)] == [302] * 4
    address = f"/campaign/{campaign.slug}/report/1/photo/{story.pk}/"
    assert address in text(anybody.get(f"/campaign/{campaign.slug}/report/1/"))
    response = anybody.get(address)
    picture = Image.open(io.BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]
    assert Image.open(io.BytesIO(content)).getexif()
    assert (picture.format, dict(picture.getexif())) == ("WEBP", {})
    assert response["Cache-Control"] == "private, no-cache"
    assert "Lists" in text(officer.get(url("report", report.pk)))
    withdrawn = partner.post(url("consent_withdraw", consent.pk), {"reason": ""}, follow=True)
    assert f"/campaign/{campaign.slug}/report/1/" in text(withdrawn)
    assert anybody.get(address).status_code == 404


def test_a_story_says_everything_at_once_and_that_the_photograph_is_to_be_chosen_again(stage: Stage) -> None:
    campaign = opened(stage)
    member, report = member_of(campaign.grant), report_of(campaign)
    partner, page = signed_in(member), url("report_story_add", report.pk)
    both = {"role": "community", "is_pseudonym": False, "covers_photo": True}
    consent = consented(campaign.grant, by=member, **both)
    only = consented(campaign.grant, by=member, **both, covers_words=False)
    again = "Choose the photograph again"

    def posted(**fields: Any) -> str:
        words = {"title": "Hands", "text": "Bread.", "consent": consent.pk}
        response = partner.post(page, {**words, **fields})
        assert response.status_code == 422
        return text(response)

    everything = posted(title="", photo=SimpleUploadedFile("hands.jpg", photo()))
    no_picture = posted(photo=SimpleUploadedFile("list.pdf", b"%PDF"))
    untouched = posted(title="")
    no_words = posted(title="", consent=only.pk)

    for said in ("Heading: ", "Say what the photograph shows.", "nobody may be recognised", again):
        assert said in everything
    assert ("as JPEG, PNG" in no_picture, "Say what the photograph shows." in no_picture) == (True, True)
    assert (again in no_picture, again in untouched, "Say what" in untouched) == (False, False, False)
    assert "This consent is for a photograph only." in no_words
    assert not Story.objects.exists()


def test_a_photograph_of_a_story_is_no_paper_and_in_no_passport(stage: Stage) -> None:
    campaign = opened(stage)
    member, report, organisation = (
        member_of(campaign.grant),
        report_of(campaign),
        campaign.grant.submission.organisation,
    )
    partner = signed_in(member)
    consent = consented(campaign.grant, by=member, role="community", is_pseudonym=False, covers_photo=True)
    shows = {"photo": (put(photo()), "hands.jpg"), "photo_shows": "Two hands.", "nobody_recognisable": True}
    story = told(report, consent, by=member, **shows)
    partner.post(url("report_papers", report.pk), {"title": "Lists", "file": SimpleUploadedFile("l.jpg", jpeg())})
    drain()

    pages = [reverse(f"partners:{name}", args=[organisation.pk]) for name in ("vault", "passport")]
    pages.append(url("consent_new", campaign.grant.number))
    seen = [text(partner.get(page)) for page in pages]
    packed = [item.document.paper.title for item in items_of(organisation, {})]
    form = text(partner.get(url("report", report.pk)))
    remove_story(story=story, by=member)
    again = told(report, consent, by=member, **shows)

    assert all("Lists" in page and "Photograph: A first month" not in page for page in seen)
    assert packed == ["Lists"]
    assert [paper.title for paper in organisation.papers.originals()] == ["Lists"]
    assert "Photograph: <" in form
    assert again.photo == story.photo


def test_papers_and_stories_are_taken_off_again(stage: Stage) -> None:
    campaign = opened(stage)
    member, report = member_of(campaign.grant), report_of(campaign)
    partner, stranger = signed_in(member), signed_in(User.objects.create_user("s@example.org", name="Stranger"))
    story = told(report, consented(campaign.grant, by=member), by=member)
    partner.post(url("report_papers", report.pk), {"title": "Lists", "file": SimpleUploadedFile("l.jpg", jpeg())})
    paper = report.papers.get()
    off = [url("report_paper_remove", report.pk, paper.pk), url("report_story_remove", report.pk, story.pk)]

    shown = text(partner.get(url("report", report.pk)))

    assert ("Lists" in shown, story.title in shown) == (True, True)
    assert [stranger.post(address).status_code for address in off] == [404, 404]
    assert [signed_in(stage.officer).post(address).status_code for address in off] == [403, 403]
    assert [partner.post(address).status_code for address in off] == [302, 302]
    assert [partner.post(address).status_code for address in off] == [404, 404]
    assert (report.papers.count(), report.stories.count()) == (0, 0)
