"""The desk: papers at their pages, citations with one action, saving that never loses a text."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partners.models import Document, Submission
from partners.previews.actions import draw_now
from partners.submissions import actions as partner_actions
from partners.vault.actions import add_version, settle_check
from reviews.models import Citation, Review, Score
from reviews.panels.actions import add_citation
from tests.factories import reviews as made
from tests.factories.partners import DocumentFactory
from tests.factories.portal import FunderFactory
from tests.partners.previews.test_drawing import pdf
from tests.partners.previews.test_textlayer import set_in_type
from tests.reviews.panels.test_views import page, post, signed_in
from vetting_portal.files import put
from vetting_portal.inspection import Finding, Verdict
from vetting_portal.models import User

pytestmark = pytest.mark.django_db


def paper_for(review: Review, code: str, pages: int = 0) -> Document:
    """The paper that was sent for a criterion; with ``pages`` it is a real PDF, drawn."""
    document = review.submission.latest_version.evidence.filter(criterion__code=code).first().document
    if pages:
        type(document.file).objects.filter(pk=document.file_id).update(sha256=put(pdf(pages)).sha256)
        document = Document.objects.get(pk=document.pk)
        draw_now(document, 1)
    return document


def replace(document: Document) -> Document:
    """Send a newer version of a paper and accept it, as the vault does."""
    owner = document.paper.organisation.owners().get().user
    newer = add_version(paper=document.paper, blob=put(pdf(1) + b"\n%new"), original_name="new.pdf", by=owner)
    finding = Finding(Verdict.ACCEPTED, None, "application/pdf")
    return settle_check(document=newer, finding=finding, by=User.objects.system("background"))


def desk(review: Review, query: str = "") -> str:
    answer = page(review.reviewer, "review", review.pk, query=query)
    assert answer.status_code == 200
    return answer.text


def autosave(review: Review, code: str = "C7", **data: str):
    return post(review.reviewer, "autosave_score", review.pk, code, **data)


# --- papers ----------------------------------------------------------------------------------------------


def test_desk_opens_the_paper_of_the_criterion_at_its_first_page(begun):
    document = paper_for(begun, "C7", pages=6)

    text = desk(begun, "?criterion=C7")

    assert "PDF, 6 pages" in text
    assert "application/pdf" not in text
    assert reverse("partners:document_page", args=[document.pk, 1, "small"]) in text
    assert "Cite page" in text


def test_papers_for_other_criteria_are_one_click_away_and_not_in_the_strip(begun):
    other = paper_for(begun, "C1")

    shown = page(begun.reviewer, "review", begun.pk, query="?criterion=C7")
    opened = page(begun.reviewer, "review", begun.pk, query=f"?criterion=C7&paper={other.pk}")

    assert other.pk in {one.document.pk for one in shown.context["others"]}
    assert all(one.is_for_this for one in shown.context["evidence"])
    assert opened.context["chosen"].document == other


@pytest.mark.parametrize("paper", ["{strange}", "999999999", "²", "x", "9" * 40])
def test_a_paper_that_was_not_sent_is_not_there(paper, begun):
    strange = DocumentFactory(accepted=True, paper__organisation=begun.submission.organisation)
    assert (
        page(begun.reviewer, "review", begun.pk, query=f"?paper={paper.format(strange=strange.pk)}").status_code == 404
    )


# --- citations ------------------------------------------------------------------------------------------


def test_a_page_is_cited_with_one_action_and_opened_with_one(begun):
    document = paper_for(begun, "C7", pages=3)
    place = {"document": str(document.pk), "page": "2"}

    answer = post(begun.reviewer, "cite", begun.pk, "C7", **place)
    shown = signed_in(begun.reviewer).get(answer["Location"]).text
    elsewhere = desk(begun, "?criterion=C7&paper=answers")

    assert Citation.objects.get().page == 2
    assert answer["Location"] == f"{begun.get_absolute_url()}?criterion=C7&paper={document.pk}&page=2"
    assert "on this page: 1" in shown
    assert f"?criterion=C7&amp;paper={document.pk}&amp;page=2" in elsewhere


def written(review: Review, code: str, html: str) -> Document:
    """The document that was sent for a criterion, as a real PDF of ``html``, drawn with its text."""
    document = paper_for(review, code)
    type(document.file).objects.filter(pk=document.file_id).update(sha256=put(set_in_type(html)).sha256)
    document = Document.objects.get(pk=document.pk)
    draw_now(document, 1)
    return document


@pytest.mark.parametrize(
    ("html", "passage", "shown"),
    [
        ("<p>4.2 A concern can be raised in person.</p>", "concern  can be\nraised", "concern can be raised"),
        ("<p lang=th>แจ้งเรื่องได้ด้วยตนเองหรือทางโทรศัพท์</p>", "ด้วยตนเอง", "ด้วยตนเอง"),
    ],
)
def test_words_of_the_page_are_cited_as_a_quotation_and_stay_marked(html, passage, shown, begun):
    document = written(begun, "C7", html)

    post(begun.reviewer, "cite", begun.pk, "C7", document=str(document.pk), page="1", passage=passage)
    text = desk(begun, f"?criterion=C7&paper={document.pk}")

    citation = Citation.objects.get()
    assert (citation.is_quoted, citation.passage) == (True, shown)
    assert str(citation).endswith(f"p. 1: “{shown}”")
    assert text.count('<rect class="cited"') == 1
    assert '<text class="cited-number"' in text
    assert f"“{shown}”" in desk(begun, "?criterion=C7&paper=answers")


def test_words_that_do_not_stand_on_the_page_are_kept_and_nothing_is_marked(begun):
    document = written(begun, "C7", "<p>4.2 A concern can be raised in person.</p>")

    post(begun.reviewer, "cite", begun.pk, "C7", document=str(document.pk), page="1", passage="§4.2, first sentence")
    text = desk(begun, f"?criterion=C7&paper={document.pk}")

    assert str(Citation.objects.get()).endswith("p. 1, §4.2, first sentence")
    assert '<rect class="cited"' not in text


def test_a_page_without_text_says_that_nothing_can_be_marked(begun):
    paper_for(begun, "C7", pages=1)
    text = desk(begun, "?criterion=C7")
    assert "This page has no text of its own" in text
    assert 'id="page-text"' not in text


def test_a_passage_that_is_too_long_comes_back_as_it_was_typed(begun):
    document = written(begun, "C7", "<p>4.2 A concern.</p>")
    answer = post(begun.reviewer, "cite", begun.pk, "C7", document=str(document.pk), page="1", passage="long " * 130)
    assert answer.status_code == 422
    assert "A passage has at most 600 characters" in answer.text
    assert "long long" in answer.text
    assert not Citation.objects.exists()


def test_whether_not_applicable_is_possible_is_said_before(begun):
    assert "applies to every application" in desk(begun, "?criterion=C7")
    assert "may be set to “not applicable”, with your reason" in desk(begun, "?criterion=C8")


def test_citing_saves_nothing_of_the_score_and_makes_no_window_stale(begun):
    document = paper_for(begun, "C7", pages=1)

    post(begun.reviewer, "cite", begun.pk, "C7", document=str(document.pk), page="1")
    answer = autosave(begun, score="3", justification="Read.", edition="0")

    assert answer.status_code == 200
    assert (Score.objects.get().edition, Score.objects.get().value) == (1, 3)


@pytest.mark.parametrize(
    ("number", "words"), [("4", "This document has 3 pages."), ("0", "Pages start at 1."), ("", "needed")]
)
def test_a_page_that_is_not_there_is_refused_next_to_the_field(number, words, begun):
    document = paper_for(begun, "C7", pages=3)

    answer = post(begun.reviewer, "cite", begun.pk, "C7", document=str(document.pk), page=number)

    assert answer.status_code == 422
    assert words in answer.text
    assert answer.context["chosen"].document == document
    assert not Citation.objects.exists()


def test_pages_that_nobody_counted_are_counted_before_citing(begun):
    document = paper_for(begun, "C7")
    type(document.file).objects.filter(pk=document.file_id).update(sha256=put(pdf(2)).sha256)

    refused = post(begun.reviewer, "cite", begun.pk, "C7", document=str(document.pk), page="3")
    answer = post(begun.reviewer, "cite", begun.pk, "C7", document=str(document.pk), page="2")

    assert "This document has 2 pages." in refused.text
    assert answer.status_code == 302


def test_a_page_of_a_paper_that_cannot_be_shown_is_named_by_the_reviewer(begun):
    document = paper_for(begun, "C7")
    draw_now(document, 1)

    shown = desk(begun, "?criterion=C7")
    answer = post(begun.reviewer, "cite", begun.pk, "C7", document=str(document.pk), page="12")
    beyond = post(begun.reviewer, "cite", begun.pk, "C7", document=str(document.pk), page="5001")

    assert "cannot be drawn" in shown
    assert 'name="page"' in shown
    assert answer.status_code == 302
    assert beyond.status_code == 422


def test_citing_another_partners_paper_is_refused_next_to_the_field():
    review, other = made.begun(), made.begun()
    strange = paper_for(other, "C7")

    for document in (str(strange.pk), "999999", "x", ""):
        answer = post(review.reviewer, "cite", review.pk, "C7", document=document, page="1")
        assert answer.status_code == 422
        assert "was not sent with the submission" in answer.text or "needed" in answer.text
    assert not Citation.objects.exists()


def test_a_script_gets_what_is_wrong_with_a_citation_as_a_part_of_the_page(begun):
    document = paper_for(begun, "C7", pages=1)
    address = reverse("reviews:cite", args=[begun.pk, "C7"])

    answer = signed_in(begun.reviewer).post(
        address, {"document": document.pk, "page": "9"}, headers={"HX-Request": "true"}
    )

    assert answer.status_code == 200
    assert "This document has 1 page." in answer.text


def test_the_same_page_twice_is_refused_and_with_a_passage_not(begun):
    place = {"document": str(paper_for(begun, "C7", pages=1).pk), "page": "1"}

    answers = [post(begun.reviewer, "cite", begun.pk, "C7", **place, **more) for more in ({}, {}, {"passage": "§4.2"})]

    assert [answer.status_code for answer in answers] == [302, 422, 302]
    assert "This page is cited here already." in answers[1].text
    assert "p. 1, §4.2" in desk(begun, "?criterion=C7")


def test_removing_a_citation_keeps_the_place(begun):
    document = paper_for(begun, "C7", pages=3)
    post(begun.reviewer, "cite", begun.pk, "C7", document=str(document.pk), page="2")

    answer = post(
        begun.reviewer, "remove_citation", begun.pk, Citation.objects.get().pk, paper=str(document.pk), page="2"
    )

    assert answer["Location"].endswith(f"?criterion=C7&paper={document.pk}&page=2")
    assert not Citation.objects.exists()


def test_a_superseded_paper_stays_readable_in_the_review_that_cites_it():
    review = made.begun()
    document = paper_for(review, "C7", pages=2)
    post(review.reviewer, "cite", review.pk, "C7", document=str(document.pk), page="2")
    newer = replace(document)
    made.actions.submit_review(review=made.scored(Review.objects.get(pk=review.pk)), by=review.reviewer)

    text = desk(review, f"?criterion=C7&paper={document.pk}&page=2")
    client = signed_in(review.reviewer)
    picture = client.get(reverse("partners:document_page", args=[document.pk, 2, "small"]))
    original = client.get(reverse("partners:document_download", args=[document.pk]))

    assert Document.objects.get(pk=document.pk).state == Document.State.SUPERSEDED
    assert "Replaced by a newer version." in text
    assert "replaced by a newer version" in text
    assert b"".join(picture.streaming_content)[:4] == b"RIFF"
    assert len(b"".join(original.streaming_content)) > 0
    # What was never sent with the submission does not open, newer or not.
    assert client.get(reverse("partners:document_page", args=[newer.pk, 1, "small"])).status_code == 404
    assert page(review.reviewer, "review", review.pk, query=f"?paper={newer.pk}").status_code == 404


def test_a_paper_of_an_earlier_version_leads_to_what_was_sent_in_its_place(begun):
    submission, officer = begun.submission, made.officer()
    document = paper_for(begun, "C7", pages=1)
    post(begun.reviewer, "cite", begun.pk, "C7", document=str(document.pk), page="1")
    newer = replace(document)
    asked = partner_actions.request_changes(submission=submission, reason="New rules.", items=["C7"], by=officer)
    owner = submission.organisation.owners().get().user
    partner_actions.resubmit_submission(submission=Submission.objects.get(pk=asked.pk), by=owner)

    text = desk(begun, f"?criterion=C7&paper={document.pk}")

    assert f"?criterion=C7&amp;paper={newer.pk}" in text
    assert "Open what was sent in its place" in text


# --- saving -----------------------------------------------------------------------------------------------


def test_two_windows_never_overwrite_each_other(begun):
    first = autosave(begun, score="3", justification="The first window.", edition="0")
    second = autosave(begun, score="2", justification="The second window.", edition="0")

    said = first.json()
    assert (first.status_code, said["edition"], said["given"], said["done"]) == (200, 1, "3", "1 of 13 scored")
    assert second.status_code == 409
    theirs = second.json()["theirs"]
    assert (theirs["score"], theirs["justification"], theirs["edition"]) == ("3", "The first window.", "1")
    assert Score.objects.get().justification == "The first window."

    kept = autosave(begun, score="2", justification="The second window.", edition=theirs["edition"])
    assert (kept.status_code, Score.objects.get().justification) == (200, "The second window.")


def test_without_a_script_a_stale_page_shows_both_texts_and_sends_the_chosen_one(begun):
    client = signed_in(begun.reviewer)
    address = reverse("reviews:save_score", args=[begun.pk, "C7"])
    client.post(address, {"score": "3", "justification": "The first window.", "edition": "0"})

    stale = client.post(address, {"score": "2", "justification": "The second window.", "edition": "0", "then": "C8"})
    chosen = client.post(
        address,
        {"score": "2", "justification": "The second window.", "edition": stale.context["form"]["edition"].value()},
    )

    assert stale.status_code == 409
    assert "The first window." in stale.text
    assert "The second window." in stale.text
    assert chosen.status_code == 302
    assert Score.objects.get().value == 2


@pytest.mark.parametrize("data", [{"score": "5"}, {"score": "na"}, {"edition": "x"}, {"edition": ""}])
def test_what_cannot_be_saved_says_why_and_changes_nothing(data, begun):

    answer = autosave(begun, **{"score": "1", "justification": "Words.", "edition": "0", **data})

    assert answer.status_code == 422
    assert answer.json()["reason"]
    assert not Score.objects.exists()


def test_a_submitted_review_is_not_saved_by_a_window_that_stayed_open():
    review = made.submitted()

    answer = autosave(review, score="1", justification="Later.", edition="1")

    assert answer.status_code == 422
    assert answer.json() == {"reason": "You have submitted this review."}
    assert not Score.objects.filter(justification="Later.").exists()


def test_the_advice_is_saved_as_it_comes_and_two_windows_never_overwrite_each_other(begun):
    first = post(begun.reviewer, "autosave_advice", begun.pk, advice="The first window.", edition="0")
    second = post(begun.reviewer, "autosave_advice", begun.pk, advice="The second window.", edition="0")
    theirs = second.json()["theirs"]

    assert (first.status_code, first.json()["edition"], bool(first.json()["saved"])) == (200, 1, True)
    assert (second.status_code, theirs["justification"], theirs["edition"]) == (409, "The first window.", "1")
    assert Review.objects.get().advice == "The first window."
    kept = post(begun.reviewer, "autosave_advice", begun.pk, advice="The second window.", edition=theirs["edition"])
    assert (kept.status_code, Review.objects.get().advice) == (200, "The second window.")
    shown = page(begun.reviewer, "submit_review", begun.pk).text
    assert reverse("reviews:autosave_advice", args=[begun.pk]) in shown
    assert 'data-is="saved">' in shown


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"edition": ""}, ""),
        ({"advice": "x" * 2001}, "2000"),
        ({"advice": "Later."}, "You have submitted"),
    ],
)
def test_advice_that_cannot_be_saved_says_why_and_changes_nothing(data, reason):
    review = made.submitted() if "Later." in data.values() else made.begun()

    answer = post(review.reviewer, "autosave_advice", review.pk, **{"advice": "Words.", "edition": "0", **data})

    said = answer.json()["reason"]
    assert (answer.status_code, bool(said), reason in said) == (422, True, True)
    assert Review.objects.get().advice == ""


def test_nobody_else_saves_into_a_review(begun):
    for who in (made.reviewer(), made.officer(), made.director()):
        answer = post(who, "autosave_score", begun.pk, "C7", score="1", justification="x", edition="0")
        assert answer.status_code == 404
    assert not Score.objects.exists()


def test_saving_comes_back_to_the_same_page_of_the_paper(begun):
    document = paper_for(begun, "C7", pages=3)
    place = {"paper": str(document.pk), "page": "2", "zoom": "150"}

    answer = post(begun.reviewer, "save_score", begun.pk, "C7", score="3", justification="x", edition="0", **place)

    assert answer["Location"].endswith(f"?criterion=C7&paper={document.pk}&page=2&zoom=150")


# --- the end, the keys, the budget -----------------------------------------------------------------------


def test_what_is_missing_is_listed_at_the_desk_with_links_to_each_criterion(begun):
    autosave(begun, "C1", score="4", justification="", edition="0")

    text = page(begun.reviewer, "submit_review", begun.pk).text

    assert text.count("No score yet") >= 12
    assert f"{begun.get_absolute_url()}?criterion=C1#id_justification" in text
    assert f"{begun.get_absolute_url()}?criterion=C2#id_score" in text
    assert 'class="pane list"' in text


def test_keys_are_listed_on_a_page_and_at_the_desk(begun):
    alone, at_desk = page(begun.reviewer, "keys").text, desk(begun)
    for words in ("or the page that is open", "Leave the field", "Choose the score"):
        assert words in alone
        assert words in at_desk
    assert page(made.officer(), "keys").status_code == 403


@pytest.mark.parametrize("path", ["review", "submit_review"])
def test_desk_keeps_to_twenty_queries_whatever_there_is(path, django_assert_max_num_queries):
    FunderFactory()
    review = made.scored(made.begun())
    versions = review.submission.latest_version.evidence.select_related("criterion", "document")
    for evidence in versions:
        score = Score.objects.get(review=review, criterion=evidence.criterion)
        for number in (1, 2, 3):
            Citation.objects.create(
                score=score, document=evidence.document, page=number, cited_at=timezone.now(), passage=str(number)
            )
    paper_for(review, "C7", pages=3)
    client: Client = signed_in(review.reviewer)

    with django_assert_max_num_queries(20):
        answer = client.get(reverse(f"reviews:{path}", args=[review.pk]) + "?criterion=C7")

    assert answer.status_code == 200


def test_counting_pages_never_runs_in_the_transaction_of_citing(begun):
    """The action itself believes what is known; where nothing is, a page up to the largest paper's is taken."""
    document = paper_for(begun, "C7")
    criterion = next(one for one in begun.submission.criteria if one.code == "C7")

    citation = add_citation(review=begun, criterion=criterion, document=document, page=7, by=begun.reviewer)

    assert str(citation).endswith("p. 7")
