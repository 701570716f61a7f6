"""Reading submissions: the list, one with its answers and evidence, one of its frozen versions."""

from typing import Any

from django.db.models import Count, QuerySet
from django.shortcuts import get_object_or_404
from django.views.generic import DetailView, ListView

from partners.places.countries import country_name
from partners.programmes.questions import words_for
from partners.submissions import progress
from partners.submissions.actions import note_version_read
from partners.submissions.facts import TYPED_ON
from partners.submissions.models import Submission, SubmissionVersion
from partners.submissions.next import next_about, waiting_about
from vetting_portal.navigation import outcome_for
from vetting_portal.views.base import PER_PAGE, PageMixin


class SubmissionListView(ListView[Submission]):
    """Lists the submissions that the user may see, newest first, by state."""

    template_name = "partners/submissions/list.html"
    paginate_by = PER_PAGE

    def get_queryset(self) -> QuerySet[Submission]:
        """Return what is visible, in the state that is asked for."""
        visible = Submission.objects.visible_to(self.request.user)
        state = self.request.GET.get("state", "")
        return (visible.filter(state=state) if state in Submission.State.values else visible).for_list()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the filters with their counts."""
        visible = Submission.objects.visible_to(self.request.user)
        counts = dict(visible.order_by().values_list("state").annotate(Count("pk")))
        shown = self.request.GET.get("state", "")
        chips = [{"label": "All", "count": sum(counts.values()), "url": "?", "current": shown not in counts}]
        chips += [
            {"label": label, "count": counts[state], "url": f"?state={state}", "current": state == shown}
            for state, label in Submission.State.choices
            if state in counts
        ]
        return super().get_context_data(chips=chips, **kwargs)


def answered_sections(submission: Submission) -> list[dict[str, Any]]:
    """Return the sections with their questions and answers in words."""
    sections: dict[int, dict[str, Any]] = {}
    for question in submission.questions:
        page = sections.setdefault(question.section_id, {"title": question.section.title, "answers": []})
        words = words_for(question, submission.value_of(question), submission.currency)
        page["answers"].append({"number": question.number, "label": question.label, "words": words})
    return list(sections.values())


DECLINED_FROM = frozenset({"submitted", "changes_requested", "in_review", "assessed", "recommended"})


def sent_shown(submission: Submission) -> SubmissionVersion | None:
    """Return the version that readers see while the partner types on, or None where what stands is what was sent."""
    return submission.latest_version if submission.submitted_at and submission.state in TYPED_ON else None


def _typed(submission: Submission) -> dict[str, Any]:
    """Return what a page shows of an application as it stands now."""
    links = [(link.criterion, link.paper, link.paper.leading) for link in submission.links]
    summary = {"title": submission.title, "summary": submission.summary, "minor": submission.amount_requested_minor}
    return {"sections": answered_sections(submission), "evidence": links, "shown": summary}


def _sent(version: SubmissionVersion) -> dict[str, Any]:
    """Return the same of a version that was sent."""
    content = version.content
    rows = version.evidence.select_related("criterion", "document__paper").prefetch_related(
        "document__verifications__verified_by"
    )
    links = [(one.criterion, one.document.paper, one.document) for one in rows]
    summary = {
        "title": content["title"],
        "summary": content["summary"],
        "minor": content["amount_requested_minor"],
    }
    return {"sections": content["sections"], "evidence": links, "shown": summary}


class SubmissionView(PageMixin, DetailView[Submission]):
    """Shows one submission: to its partner with what is missing, to staff and reviewers to read."""

    model = Submission
    lookup = "number"
    permission_required = "partners.view_submission"
    template_name = "partners/submissions/submission.html"
    context_object_name = "submission"

    def get_queryset(self) -> QuerySet[Submission]:
        """Return what is visible, with what the page names."""
        return super().get_queryset().select_related("organisation", "programme", "checklist", "officer")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the parts that this user reads, and what they may do."""
        found, user = self.object, self.request.user
        is_own = user.has_perm("partners.change_submission", found)
        if not is_own and (newest := found.latest_version) is not None:
            note_version_read(version=newest, by=user)
        may_write = is_own and found.is_editable and not found.missed_its_call
        judges = user.has_perm("partners.decline_submission", found) and not found.hold_blockers()
        steps = [*progress.section_steps(found), *progress.rest_steps(found)] if may_write else []
        sent = None if is_own else sent_shown(found)
        return super().get_context_data(
            **(_typed(found) if sent is None else _sent(sent)),
            sent=sent,
            versions=found.versions.order_by("-number"),
            country=country_name(found.organisation.country),
            may_write=may_write,
            is_own=is_own,
            steps=steps,
            next=next_about(user, found, waiting_about(user, found), steps) if is_own else None,
            journey=progress.journey(found, is_over=bool(outcome_for(self.request.user, found))),
            can_withdraw=user.has_perm("partners.withdraw_submission", found),
            can_request_changes=judges
            and user.has_perm("partners.request_changes_submission", found)
            and found.state in {Submission.State.SUBMITTED, Submission.State.IN_REVIEW},
            can_decline=judges and found.state in DECLINED_FROM,
            **kwargs,
        )


class VersionView(PageMixin, DetailView[Submission]):
    """Shows what was sent, as it was frozen."""

    model = Submission
    lookup = "number"
    permission_required = "partners.view_submission"
    template_name = "partners/submissions/version.html"
    context_object_name = "submission"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the version and its evidence."""
        version = get_object_or_404(
            SubmissionVersion.objects.select_related("submitted_by"),
            submission=self.object,
            number=self.kwargs["version"],
        )
        note_version_read(version=version, by=self.request.user)
        evidence = version.evidence.select_related("criterion", "document__paper", "document__file").prefetch_related(
            "document__verifications__verified_by"
        )
        return super().get_context_data(version=version, evidence=evidence, **kwargs)
