"""What the page of a report shows around its words."""

from typing import Any

from grants.arrivals.figures import received_so_far
from grants.arrivals.models import confirmed_of
from grants.reports.models import Report
from vetting_portal.workflow import transition_blockers


def report_page(report: Report) -> dict[str, Any]:
    """Return the report with what is missing before it can be sent, its papers, its stories and where they stood."""
    confirmed = list(confirmed_of(report.grant))
    return {
        "report": report,
        "missing": transition_blockers(report, "submit") if report.is_open else [],
        "accept_blockers": transition_blockers(report, "accept") if report.state == Report.State.SUBMITTED else [],
        "confirmed": confirmed,
        "confirmed_sum": received_so_far(one.comparison for one in confirmed),
        "partner": report.grant.submission.organisation,
        "papers": report.papers.select_related("document__paper"),
        "stories": report.stories.for_page().prefetch_related("showings"),
    }
