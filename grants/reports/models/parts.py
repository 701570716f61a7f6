"""What hangs on a report: papers of the vault, and the reminders that were sent of it."""

from django.db import models

from grants.reports.models.report import Report
from partners.vault.models import Document
from vetting_portal.models import User

OVERDUE = -1


class ReportPaper(models.Model):
    """A paper or photograph of the vault that the partner put to a report; the funder reads it, nobody else."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="papers")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["report", "pk"]
        constraints = [models.UniqueConstraint(fields=["report", "document"], name="report_paper_once")]

    def __str__(self) -> str:
        return str(self.document.paper)


class ReportNotice(models.Model):
    """The partner was reminded of a report at one of the marks: days before it is due, -1 once it is late.

    Once for each mark and due day: a report that an amendment moves is reminded of again.
    """

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="notices")
    mark = models.SmallIntegerField()
    due_on = models.DateField()
    noticed_at = models.DateTimeField()

    class Meta:
        ordering = ["report", "-mark"]
        constraints = [models.UniqueConstraint(fields=["report", "mark", "due_on"], name="report_notice_once")]

    def __str__(self) -> str:
        return f"{self.report}: {self.mark} days"
