"""The transactions of reports: written and answered, with papers and stories; consents; reminders."""

from grants.reports.actions.answering import accept_report, publish_report, send_back_report
from grants.reports.actions.consents import end_lapsed_showings, end_showings_of, record_consent, withdraw_consent
from grants.reports.actions.reminding import remind_of_reports, remind_partner_of_reports, remind_partners_of_reports
from grants.reports.actions.telling import add_report_paper, add_story, change_story, remove_report_paper, remove_story
from grants.reports.actions.writing import Opened, save_report, submit_report

__all__ = [
    "Opened",
    "accept_report",
    "add_report_paper",
    "add_story",
    "change_story",
    "end_lapsed_showings",
    "end_showings_of",
    "publish_report",
    "record_consent",
    "remind_of_reports",
    "remind_partner_of_reports",
    "remind_partners_of_reports",
    "remove_report_paper",
    "remove_story",
    "save_report",
    "send_back_report",
    "submit_report",
    "withdraw_consent",
]
