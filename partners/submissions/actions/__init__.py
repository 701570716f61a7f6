"""The transactions of submissions."""

from partners.submissions.actions.answering import (
    Opened,
    Saved,
    add_evidence,
    link_paper,
    save_answers,
    unlink_paper,
)
from partners.submissions.actions.licensing import record_licence, withdraw_licence
from partners.submissions.actions.moving import (
    approve_submission,
    assess_submission,
    decline_submission,
    override_submission,
    recommend_submission,
    request_changes,
    restore_submission,
    resubmit_submission,
    return_submission,
    start_review,
    submit_submission,
    withdraw_submission,
)
from partners.submissions.actions.referees import erase_referee, name_referee, remove_referee
from partners.submissions.actions.rights import end_access, give_access, note_version_read, take_duty, take_officer
from partners.submissions.actions.starting import start_submission

__all__ = [
    "Opened",
    "Saved",
    "add_evidence",
    "approve_submission",
    "assess_submission",
    "decline_submission",
    "end_access",
    "erase_referee",
    "give_access",
    "link_paper",
    "name_referee",
    "note_version_read",
    "override_submission",
    "recommend_submission",
    "record_licence",
    "remove_referee",
    "request_changes",
    "restore_submission",
    "resubmit_submission",
    "return_submission",
    "save_answers",
    "start_review",
    "start_submission",
    "submit_submission",
    "take_duty",
    "take_officer",
    "unlink_paper",
    "withdraw_licence",
    "withdraw_submission",
]
