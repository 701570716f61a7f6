"""The audit trail as people read it: what happened in words, and the records by the names people know them by."""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import CharField, Model, Q, QuerySet
from django.db.models.functions import Cast
from django.utils.text import capfirst

from vetting_portal.clock import shown_zone
from vetting_portal.models import AuditEntry, User
from vetting_portal.navigation import Known, known_kinds
from vetting_portal.registry import our_apps

# What each event is called. One that is not here keeps its own name, with spaces.
WORDS = {
    "absence_ended": "Absence ended",
    "absence_noted": "Absence noted, with who stands in",
    "accept": "Accepted",
    "accepted": "Invitation accepted",
    "access_ended": "Access to the submission ended",
    "access_given": "Access to the submission given",
    "account_read": "Account number read in full",
    "advice_saved": "Advice to the panel saved",
    "amended": "Terms changed by an amendment",
    "answers_saved": "Answers saved",
    "approve": "Approved",
    "asked_for_identity": "Identity paper asked for",
    "assess": "Reviews closed",
    "bank_approved": "Bank approved after screening",
    "bank_called": "Partner called about its bank details",
    "bank_details_approved": "Bank details approved",
    "bank_details_refused": "Bank details refused",
    "bank_entered": "Bank details entered",
    "bank_letter_attached": "Letter of the bank attached",
    "bank_named": "Bank named, to be screened",
    "bank_refused": "Bank refused after screening",
    "begin": "Review begun",
    "bounce": "Payment returned by the bank",
    "briefed": "Brief for the directors kept",
    "cancel": "Payment cancelled",
    "cap_raised": "Cap of the match raised",
    "case_mention_read": "Mention in a note read",
    "case_note_added": "Internal note added",
    "carry_out": "End of the grant carried out",
    "changed": "Changed",
    "charge_assigned": "Charge given to a campaign",
    "check_asked": "Check for viruses asked for",
    "check_postponed": "Check for viruses put off",
    "checklist_moved": "Moved to another checklist",
    "citation_removed": "Cited passage removed",
    "cited": "Passage cited",
    "clear": "Cleared: not the listed one",
    "close": "Closed",
    "closing_report_asked": "Closing report asked for",
    "columns_set": "Columns of the file named",
    "complete": "Completed",
    "condition_changed": "Condition changed",
    "condition_made": "Condition made",
    "conditions_reminded": "Reminded of conditions",
    "confirm": "Confirmed: is the listed one",
    "consent_lapsed": "Consent ended by its date",
    "consent_recorded": "Consent recorded",
    "consent_withdrawn": "Consent taken back",
    "counsel_step": "Step with counsel noted",
    "created": "Created",
    "data_exported": "Table taken out",
    "declared": "Interests declared",
    "decline": "Declined",
    "described": "Description changed",
    "dispute": "Gift disputed",
    "dispute_answered": "Response to a dispute recorded",
    "dispute_asks_again": "Dispute needs a response again",
    "dispute_recorded": "Dispute recorded",
    "donor_erased": "Donor’s name and address erased",
    "draft_discarded": "Draft discarded",
    "drafted": "Draft begun",
    "drop": "Condition no longer asked",
    "duty_taken": "Duty taken on",
    "eligibility_corrected": "Judged again whether the gift is matched",
    "end": "Review ended",
    "ending_asked": "Asked that the grant ends",
    "ending_cleared": "Nothing left to return",
    "ending_settled": "Money of the ended grant settled",
    "enter_into_force": "Came into force",
    "evidence_carried_over": "Papers carried over from an earlier submission",
    "evidence_exported": "Evidence taken out",
    "expire": "Request expired",
    "faults_forgotten": "Faulty lines of the import forgotten",
    "fee_told": "Fee of the gift told",
    "freeze": "Terms frozen for signature",
    "freezing_begun": "Freezing of the terms begun",
    "gift_confirmed": "Gift by hand confirmed",
    "gift_entered": "Gift entered by hand",
    "gift_refused": "Gift by hand refused",
    "gifts_recorded": "Gifts recorded",
    "hand_limit_set": "Limit for gifts by hand set",
    "held": "Put on hold",
    "held_messages_discarded": "Messages kept back were discarded",
    "held_messages_sent": "Messages kept back were sent",
    "hold": "Payment held",
    "import_begun": "Import of gifts begun",
    "import_discarded": "Import of gifts discarded",
    "import_finished": "Import of gifts finished",
    "import_read": "File of the import read",
    "import_started": "Recording of the import started",
    "import_stopped": "Import of gifts stopped",
    "imported": "List imported",
    "invitation_revoked": "Invitation withdrawn",
    "invited": "Invited",
    "languages_set": "Languages set",
    "lapse": "Lapsed",
    "licence_recorded": "Licence recorded",
    "licence_withdrawn": "Licence taken back",
    "line_matched": "Line of the bank statement matched",
    "match_share_added": "Match fund added to the grant",
    "match_shared": "Match shared between funds",
    "member_changed": "Role of a member changed",
    "member_invited": "Member invited",
    "member_joined": "Member joined",
    "member_left": "Member left",
    "message_held": "Message to the partner kept back",
    "moderated": "Disagreement settled",
    "money_returned": "Money returned by the partner",
    "number_recorded": "Telephone number recorded",
    "officer_set": "Programme officer named",
    "open": "Campaign opened",
    "override": "Recommended against a gate",
    "pages_asked": "Pages of a paper asked for",
    "pages_drawn": "Pages of a paper drawn",
    "paid_out": "Match paid out in full",
    "panel_message_written": "Message to the other reviewers written",
    "paper_linked": "Paper given as evidence",
    "paper_unlinked": "Paper no longer given as evidence",
    "passport_taken": "Papers taken along as a passport",
    "pause": "Campaign paused",
    "pay": "Payment made",
    "payment_confirmation_corrected": "Confirmation of the payment corrected",
    "payment_confirmed": "Payment confirmed by the partner",
    "payment_file_made": "Payment file made",
    "payment_file_read": "Payment file taken out",
    "payment_missing": "Partner says that the payment has not arrived",
    "payment_missing_answered": "Partner told about the payment that has not arrived",
    "payment_returned": "Reason for the returned payment recorded",
    "payments_scheduled": "Payments planned",
    "payments_to_confirm_reminded": "Partner reminded to confirm payments",
    "pays_again": "Match pays again",
    "person_added": "Person added",
    "person_changed": "Person changed",
    "place_closed": "Place closed",
    "place_opened": "Place opened again",
    "practice_score_saved": "Practice score saved",
    "practice_started": "Practice review started",
    "practice_submitted": "Practice review submitted",
    "person_erased": "Person erased",
    "planned": "Campaign planned",
    "pledge_kept": "Pledge kept",
    "pledge_recorded": "Pledge recorded",
    "pledge_withdrawn": "Pledge taken back",
    "publish": "Published",
    "published": "Published",
    "receipt_link_made": "Link to a receipt made",
    "receipt_links_revoked": "Links to receipts revoked",
    "receipt_sent": "Receipt sent",
    "receipts_asked": "Links to receipts asked for",
    "recommend": "Recommended",
    "recommended": "Recommendation written",
    "recuse": "Reviewer stepped aside",
    "referee_asked": "Referee asked",
    "referee_asked_again": "Referee asked again",
    "referee_named": "Referee named",
    "referee_reminded": "Referee reminded",
    "referee_removed": "Referee removed",
    "reference_answered": "Reference given",
    "reference_begun": "Referee began to answer",
    "reference_link_made": "New link for the referee made",
    "reference_verified": "Reference verified",
    "refund": "Gift refunded",
    "refund_counted_before": "Refund was counted already",
    "refund_refused": "Refund refused",
    "refund_waits": "Refund waits for its gift",
    "refunded_in_part": "Gift refunded in part",
    "reject": "Not accepted",
    "release": "Released",
    "release_given": "Release from the hold given",
    "released": "Released",
    "reminded": "Reviewer reminded",
    "renewals_reminded": "Partner reminded of papers that expire",
    "reopen": "Reopened",
    "report_paper_added": "Paper added to the report",
    "report_paper_removed": "Paper removed from the report",
    "report_saved": "Report saved",
    "reports_reminded": "Partners reminded of reports",
    "request_changes": "Changes asked for",
    "request_moved": "Request to sign moved to the stand-in",
    "request_withdrawn": "Request for a reference taken back",
    "rescreening_ended": "Daily screening ended",
    "rescreening_failed": "Daily screening failed",
    "rescreening_started": "Daily screening started",
    "reserved": "Match set aside",
    "restore": "Returned to its recommendation",
    "restricted": "Use of the match fund set",
    "resubmit": "Sent again",
    "resume": "Resumed",
    "return_evidence": "Evidence returned",
    "return_to_review": "Returned to review",
    "return_written_off": "Return written off",
    "revoked": "Revoked",
    "role_ended": "Role ended",
    "role_given": "Role given",
    "round_opened": "Daily work of the portal begun",
    "score_confirmed": "Score confirmed on a newer version",
    "score_saved": "Score saved",
    "screened": "Screened against the sanctions lists",
    "seal_key_denounced": "Seal key declared unsafe",
    "seal_key_retired": "Seal key retired",
    "seal_key_taken_up": "Seal key taken up",
    "seal_tried_again": "Seal tried again",
    "sealed": "Sealed",
    "sealing_failed": "Seal failed",
    "seen": "Paper opened to read",
    "send_back": "Sent back",
    "sent_again": "Paper sent again by its partner",
    "settle": "Gift settled",
    "shortfall_borne": "Shortfall borne by the match fund",
    "show": "Evidence given",
    "signed": "Signed",
    "signers_reminded": "Signers reminded",
    "signers_told": "Signers told",
    "signing_begun": "Signing begun",
    "signing_policy_set": "Signing policy set",
    "signing_refused": "Signature refused",
    "start_review": "Review started",
    "started": "Submission started",
    "completion_written": "Completion letter written",
    "statement_opened": "Signing statement kept",
    "statement_uploaded": "Bank statement uploaded",
    "story_added": "Story added",
    "story_changed": "Story changed",
    "story_removed": "Story removed",
    "story_shown": "Story shown in public",
    "stripe_event_handled": "Message of Stripe handled",
    "stripe_event_kept": "Message of Stripe kept",
    "stripe_event_left": "Message of Stripe left for a person",
    "submit": "Sent in",
    "supersede": "Replaced by a newer version",
    "suspend": "Suspended",
    "task_set_aside": "Failed background task set aside",
    "task_tried_again": "Failed background task tried again",
    "terminate": "Terminated",
    "timestamp_failed": "Timestamp failed",
    "timestamped": "Timestamp added",
    "topped_up": "Money put into the match fund",
    "unpaid_moved": "Money that was not paid moved",
    "uploaded": "Uploaded",
    "verification_withdrawn": "Verification taken back",
    "verified": "Compared with its source",
    "version_frozen": "Review kept as it was sent in",
    "version_read": "Version of the application opened",
    "visit_changed": "Notes of the visit changed",
    "visit_corrected": "Notes of the visit corrected",
    "visit_submitted": "Notes of the visit handed in",
    "visit_written": "Notes of a visit begun",
    "voided": "Void: not to be signed any more",
    "waive": "Condition waived",
    "waiver_asked": "Waiver asked",
    "waiver_refused": "Waiver refused",
    "withdraw": "Withdrawn",
    "words_changed": "Words of the campaign page changed",
    "work_reminded": "Reminded of late work",
}


@dataclass(frozen=True)
class About:
    """What an entry is about: its kind where the name does not say it, its name, where it is read, and the record that
    it belongs to.
    """

    kind: str
    name: str = ""
    url: str = ""
    of: str = ""
    of_url: str = ""


def event_words(event: str) -> str:
    """Return what happened, in words; an unknown event keeps its own name, with spaces."""
    return WORDS.get(event) or capfirst(event.replace("_", " "))


@cache
def kinds() -> dict[str, str]:
    """Return every kind that an entry can be about, by its label, in the order of the words that people say."""
    named = {model._meta.label: capfirst(str(model._meta.verbose_name)) for model in _models()}
    return dict(sorted(named.items(), key=lambda pair: pair[1]))


def _models() -> list[type[Model]]:
    """Return the models of the portal's apps; the trail is never about itself."""
    own = {"AuditHead", "AuditEntry", "AuditWords"}
    return [model for config in our_apps() for model in config.get_models() if model.__name__ not in own]


@cache
def _home(label: str) -> tuple[str, str]:
    """Return the nearest record with a number or a name that a kind belongs to: the way there, and its kind.

    The way follows what every record of the kind has, and never leads over a person. ("", "") where there is none.
    """
    known = known_kinds()
    waiting: deque[tuple[str, type[Model]]] = deque([("", apps.get_model(label))])
    while waiting:
        path, model = waiting.popleft()
        if known.get(model._meta.label, Known("")).number:
            return path, model._meta.label
        for field in model._meta.concrete_fields:
            above = field.related_model
            if field.is_relation and not field.null and isinstance(above, type) and above not in {User, model}:
                waiting.append((f"{path}__{field.name}".strip("_"), above))
    return "", ""


def found(entries: QuerySet[AuditEntry], *, words: str, kind: str, event: str) -> QuerySet[AuditEntry]:
    """Cut to the entries about records that belong to what ``words`` names, of one kind, with an event so called."""
    if kind:
        entries = entries.filter(subject_type=kind)
    if event := event.strip().lower():
        called = [key for key, said in WORDS.items() if event in said.lower()]
        entries = entries.filter(Q(event__in=called) | Q(event__icontains=event.replace(" ", "_")))
    if words := words.strip():
        entries = entries.filter(_belongs_to(words, [kind] if kind else list(kinds())))
    return entries


def entered_by(entries: QuerySet[AuditEntry], words: str) -> QuerySet[AuditEntry]:
    """Cut to what people did whose name or address holds ``words``; empty cuts nothing."""
    if not (words := words.strip()):
        return entries
    people = User.objects.filter(Q(name__icontains=words) | Q(email__icontains=words))
    return entries.filter(actor_id__in=people.values("pk"))


def within(entries: QuerySet[AuditEntry], since: date | None, until: date | None) -> QuerySet[AuditEntry]:
    """Cut to the days from ``since`` to ``until``, both included, by the clock that pages show; None is open."""
    if since:
        entries = entries.filter(at__gte=datetime.combine(since, time.min, tzinfo=shown_zone()))
    if until and until < date.max:
        entries = entries.filter(at__lt=datetime.combine(until + timedelta(days=1), time.min, tzinfo=shown_zone()))
    return entries


def _belongs_to(words: str, labels: Iterable[str]) -> Q:
    known = known_kinds()
    matches = Q(pk__in=[])
    for label in labels:
        path, home = _home(label) if label in kinds() else ("", "")
        if home:
            number = f"{path}__{known[home].number}" if path else known[home].number
            rows = apps.get_model(label)._base_manager.filter(**{f"{number}__icontains": words})
            keys = rows.annotate(key_in_trail=Cast("pk", CharField())).values("key_in_trail")
            matches |= Q(subject_type=label, subject_id__in=keys)
    return matches


def named(entries: Iterable[AuditEntry], reader: User) -> dict[int, About]:
    """Return what each entry is about, by its number: in a few queries for each kind, however many entries there are.

    What ``reader`` may not open has no link, and of what it belongs to only the number.
    """
    entries = list(entries)
    ids: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        ids[entry.subject_type].add(entry.subject_id)
    about: dict[tuple[str, str], About] = {}
    for label, keys in ids.items():
        about.update({(label, key): found for key, found in _named(label, keys, reader).items()})
    return {entry.seq: about[entry.subject_type, entry.subject_id] for entry in entries}


def _named(label: str, keys: set[str], reader: User) -> dict[str, About]:
    if label not in kinds():
        return {key: About(label, key) for key in keys}
    kind, own, (path, home) = kinds()[label], known_kinds().get(label), _home(label)
    related = [*(own.related if own else ()), *([path] if path else [])]
    rows = apps.get_model(label)._base_manager.filter(pk__in=keys) if own or home else []
    records = list(rows.select_related(*related) if related and isinstance(rows, QuerySet) else rows)
    above = {record.pk: _at(record, path) for record in records} if path else {}
    open_own = _open_to(reader, label, [record.pk for record in records]) if own else set()
    open_above = _open_to(reader, home, [record.pk for record in above.values()]) if above else set()
    said = {key: About(kind, key) for key in keys}
    for record in records:
        name, url = _name(record, own, may_open=record.pk in open_own) if own else ("", "")
        of, of_url = ("", "")
        if path:
            parent = above[record.pk]
            of, of_url = _name(parent, known_kinds()[home], may_open=parent.pk in open_above)
        is_said = name.lower().startswith(kind.lower())  # "Amendment 1 of grant 2026-014" says its kind itself
        said[str(record.pk)] = About("" if is_said else kind, name, url, of, of_url)
    return said


def _at(record: Any, path: str) -> Any:
    for name in path.split("__"):
        record = getattr(record, name)
    return record


def _open_to(reader: User, label: str, keys: list[Any]) -> set[Any]:
    """Return which records ``reader`` may see; of a kind that is not cut by readers, all."""
    rows = apps.get_model(label)._default_manager.filter(pk__in=keys)
    see = getattr(rows, "visible_to", None)
    return set((see(reader) if see else rows).values_list("pk", flat=True))


def _name(record: Any, known: Known, *, may_open: bool) -> tuple[str, str]:
    """Return what a record is called here, and its page: its number only where the reader may not open it."""
    if not may_open:
        return str(getattr(record, known.number)) if known.number else str(record.pk), ""
    page = getattr(record, "get_absolute_url", None)
    return str(record), page() if page else ""
