"""What cannot be undone has a page of its own, which says what will happen: one press on another page never does it.

An address that is only posted to stands in this table with how its act is undone, or why there is nothing to undo.
"""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

ASKS = "it only asks for something, which is done again or not at all"
SAVES = "what was saved is changed on the same page"
READS = "it hands out a file or a number; that it did is recorded"
ONLY_ADDS = "words that are added to a conversation; a later one puts them right"
BEGINS = "it begins a step that has a page of its own before anything holds"

UNDONE_BY = {
    "portal:staff_invitation_revoke": "another invitation",
    "portal:task_again": ASKS,
    "partners:checklist_adopt": "the draft is discarded",
    "partners:checklist_copy": "the draft is discarded",
    "partners:questions_adopt": "other questions are published",
    "partners:criterion_put_back": "the criterion is taken out again",
    "partners:invitation_revoke": "another invitation",
    "partners:document_check": ASKS,
    "partners:submission_autosave": SAVES,
    "partners:submission_link": "the link is taken back",
    "partners:submission_unlink": "the document is linked again",
    "partners:submission_referee_remove": "the referee is named again",
    "reviews:rescreen": ASKS,
    "reviews:screen_organisation": ASKS,
    "reviews:ask_referee": "the request is withdrawn",
    "reviews:resend_request": ASKS,
    "reviews:practice_start": BEGINS,
    "reviews:practice_save": SAVES,
    "reviews:practice_autosave": SAVES,
    "reviews:save_score": SAVES,
    "reviews:autosave_score": SAVES,
    "reviews:cite": "the citation is removed",
    "reviews:remove_citation": "the page is cited again",
    "reviews:autosave_advice": SAVES,
    "reviews:confirm_scores": "the reviewer reopens the review",
    "reviews:remind_reviewer": ASKS,
    "reviews:take_over": "another officer takes it over",
    "reviews:close_panel": "a reviewer reopens a review",
    "reviews:moderate": "a later resolution replaces it",
    "reviews:discuss": ONLY_ADDS,
    "reviews:related_party": "a later answer replaces it",
    "reviews:recommend": "a director returns it to the reviewers",
    "grants:wording_copy": "the draft is discarded",
    "grants:wording_put_back": "the text is taken out again",
    "grants:absence_end": "a new absence is recorded",
    "grants:freeze": "a director sends it back",
    "grants:resume": "the grant is suspended again",
    "grants:sign_begin": BEGINS,
    "grants:countersign_begin": BEGINS,
    "grants:bank_letter": "a newer letter is taken",
    "grants:bank_approve": "other details replace it",
    "grants:bank_account": READS,
    "grants:seal_again": ASKS,
    "grants:amendment_freeze": "a director sends it back",
    "grants:amendment_sign_begin": BEGINS,
    "grants:amendment_countersign_begin": BEGINS,
    "grants:ending_sign_begin": BEGINS,
    "grants:campaign_pause": "the campaign is resumed",
    "grants:campaign_resume": "the campaign is paused",
    "grants:stripe_hook": "no person presses it",
    "grants:import_start": "a refund takes a gift back; the file is read on its own page first",
    "grants:hand_gift_confirm": "a refund takes it back; its page says so",
    "grants:report_autosave": SAVES,
    "grants:report_accept": "nothing, and the report's page says so above the button, with what is agreed to",
    "grants:report_paper_remove": "the document is added again",
    "grants:payment_file_make": READS,
    "grants:payment_file_download": READS,
    "grants:payment_resume": "the payment is held again",
    "grants:export_360giving": READS,
    "grants:export_table": READS,
    "grants:receipt_send": "the receipt is withdrawn",
    "grants:evidence": READS,
    "grants:case_note": ONLY_ADDS,
    "grants:mention_read": "it says only that a note was read",
}


def only_posted(resolver: URLResolver | None = None, space: str = "") -> Iterator[str]:
    """Yield the name of each address of ours that has no page to read."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from only_posted(entry, f"{space}{entry.namespace}:" if entry.namespace else space)
        elif isinstance(entry, URLPattern):
            view = getattr(entry.callback, "view_class", None)
            if view is not None and not (hasattr(view, "get") and "get" in view.http_method_names):
                yield f"{space}{entry.name}"


def test_each_act_without_a_page_of_its_own_can_be_undone():
    assert sorted(only_posted()) == sorted(UNDONE_BY)
