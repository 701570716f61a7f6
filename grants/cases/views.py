"""The page of an application by its tabs, the notes of staff, the change of its officer, and the search."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.generic import DetailView, TemplateView

from grants.cases import history, pages, search, standing
from grants.cases.actions import read_mention
from grants.cases.forms import NoteForm, OfficerForm
from grants.cases.models import CaseMention
from grants.cases.tabs import DILIGENCE, DOCUMENTS, GRANT, OVERVIEW, SCREENING, grant_of
from partners.submissions.models import Submission
from reviews.panels.queries import seen_by
from reviews.panels.results import panel_result
from reviews.screening.status import list_blockers, screening_status
from reviews.screening.subjects import subjects_of
from vetting_portal.views.base import ActionFormView, PageMixin, RoleMixin, TransitionView


class CaseMixin(PageMixin):
    """One application as staff read it, with the header that every tab shares."""

    model = Submission
    lookup = "number"
    permission_required = "grants.view_case"
    tab = OVERVIEW

    def get_queryset(self) -> Any:
        """Return what this user may see."""
        return seen_by(Submission.objects.visible_to(self.request.user), self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the header and which tab it is."""
        submission: Submission = self.object  # type: ignore[attr-defined]
        grant = grant_of(submission)
        top = pages.header(submission, self.request.user, grant)
        return super().get_context_data(**{**top, "tab": self.tab, **kwargs})  # type: ignore[misc]


class OverviewMixin(CaseMixin):
    """The first tab, with or without a note that came back with an error."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what is next, where it stands, what is open, who has a part in it, what happened, and the notes."""
        submission, user = self.object, self.request.user  # type: ignore[attr-defined]
        sees = user.has_perm("reviews.view_panel", submission)
        reviews = list(submission.reviews.for_work())
        result = panel_result(submission, reviews_read=reviews, with_payment=False)
        every = "all" in self.request.GET
        version = submission.version_number
        grant = grant_of(submission)
        gates = result.gates if sees else standing.record_gates(result)
        bound = kwargs.pop("form", None)
        return super().get_context_data(
            **pages.next_box(submission, user),
            **pages.notes(submission, user, bound if isinstance(bound, NoteForm) else None, every=every),
            rows=standing.rows(submission, result, grant, sees_scores=sees, version=version),
            before=standing.readable(
                standing.before_recommendation(submission, result, sees_scores=sees),
                reads_references=user.has_perm("reviews.view_references", submission),
            ),
            met=standing.met(gates),
            reviews=reviews,
            behind={review.pk for review in result.behind},
            owners=[one.user for one in submission.organisation.owners().select_related("user")],
            events=history.timeline(submission, most=None if every else history.SHOWN),
            every=every,
            may_read_trail=user.has_perm("portal.read_trail"),
            **kwargs,
        )


class CaseView(OverviewMixin, DetailView[Submission]):
    """The first tab itself."""

    template_name = "grants/cases/overview.html"


class NoteAddView(OverviewMixin, ActionFormView):
    """Adds a note; what is wrong with it comes back on the page."""

    http_method_names = ["post"]
    permission_required = "grants.write_note"
    form_class = NoteForm
    template_name = "grants/cases/overview.html"
    success_message = "Your note is added."

    def get_success_url(self) -> str:
        """Return to the notes."""
        return reverse("grants:case", args=[self.object.number]) + "#notes"


class MentionReadView(TransitionView):
    """Says that a note was read."""

    model = CaseMention
    permission_required = "grants.read_mention"
    action = read_mention
    argument = "mention"


class CaseDocumentsView(CaseMixin, DetailView[Submission]):
    """Every document of the application, whatever became of it."""

    template_name = "grants/cases/documents.html"
    tab = DOCUMENTS

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the documents by criterion."""
        return super().get_context_data(documents=standing.documents_of(self.object.links), **kwargs)


class CaseScreeningView(CaseMixin, DetailView[Submission]):
    """How the names of the organisation stand against the sanctions lists."""

    template_name = "grants/cases/screening.html"
    tab = SCREENING

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the standing, the potential matches and the names."""
        organisation, user = self.object.organisation, self.request.user
        status = screening_status(organisation)
        return super().get_context_data(
            status=status,
            hits=status.hits,
            subjects=status.subjects if status.subjects is not None else subjects_of(organisation),
            list_blockers=list_blockers(),
            may_screen=user.has_perm("reviews.screen_organisation", organisation),
            **kwargs,
        )


class CaseDiligenceView(CaseMixin, DetailView[Submission]):
    """The minimum requirements with what they rest on, references, visits and declarations."""

    template_name = "grants/cases/diligence.html"
    tab = DILIGENCE

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the requirements: those from scores only for who may see scores."""
        submission, user = self.object, self.request.user
        sees = user.has_perm("reviews.view_panel", submission)
        result = panel_result(submission)
        gates = result.gates if sees else standing.record_gates(result)
        may_references = user.has_perm("reviews.view_references", submission)
        return super().get_context_data(
            gates=standing.for_reader(gates, reads_references=may_references),
            met=standing.met(gates),
            sees_scores=sees,
            result=result,
            references=result.references if may_references else None,
            may_visits=user.has_perm("reviews.list_visits", submission),
            **kwargs,
        )


class CaseGrantView(CaseMixin, DetailView[Submission]):
    """The grant of the application; without one, what it still needs."""

    template_name = "grants/cases/grant.html"
    tab = GRANT

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Lead to the grant where there is one."""
        grant = grant_of(self.get_object())
        return redirect(grant) if grant else super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add whether this user drafts it."""
        is_recommended = self.object.state == Submission.State.RECOMMENDED
        may_draft = is_recommended and self.request.user.has_perm("grants.draft_grant", self.object)
        return super().get_context_data(may_draft=may_draft, is_recommended=is_recommended, **kwargs)


class OfficerView(CaseMixin, ActionFormView):
    """Puts another programme officer in charge."""

    permission_required = "reviews.assign_reviewer"
    form_class = OfficerForm
    template_name = "grants/cases/officer.html"
    success_message = "The application has another programme officer now."

    def get_success_url(self) -> str:
        """Return to the application."""
        return reverse("grants:case", args=[self.object.number])


class SearchView(RoleMixin, TemplateView):
    """Finds applications by number, organisation, person or grant."""

    permission_required = "grants.search_cases"
    template_name = "grants/cases/search.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what was found."""
        words = self.request.GET.get("q", "")[: search.LONGEST].strip()
        rows = list(search.found(self.request.user, words))
        return super().get_context_data(
            words=words, rows=rows, is_cut=len(rows) == search.SHOWN, is_short=len(words) < search.SHORTEST, **kwargs
        )
