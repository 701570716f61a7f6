"""Reports, and the consents without which nothing of a person is shown."""

from grants.reports.models.consent import Consent
from grants.reports.models.parts import ReportNotice, ReportPaper
from grants.reports.models.report import Report
from grants.reports.models.story import Showing, Story

__all__ = ["Consent", "Report", "ReportNotice", "ReportPaper", "Showing", "Story"]
