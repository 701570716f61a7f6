"""Writing a submission: a page for each section, answers saved one by one, papers for each criterion."""

import secrets
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from partners.checklists.models import Criterion
from partners.programmes.models import Question
from partners.submissions.actions import unlink_paper
from partners.submissions.evidence import evidence_of_submission
from partners.submissions.forms import EvidenceForm, LinkForm, SectionForm, ShownSectionForm, words_so_far
from partners.submissions.missing import section_url
from partners.submissions.models import Answer, EvidenceLink, Submission
from vetting_portal.clock import shown
from vetting_portal.views.base import PageMixin, add_errors
from vetting_portal.workflow import Blocker, Refused

GROUPS = ("yes_no", "choice", "choices")
OK = 200
CONFLICT = 409
INVALID = 422


class WritingView(PageMixin, View):
    """A page on which the partner writes; once the submission is sent it says so instead."""

    model = Submission
    lookup = "number"
    permission_required = "partners.change_submission"

    def get_queryset(self) -> QuerySet[Submission]:
        """Return what is visible, with what the pages name."""
        return super().get_queryset().select_related("organisation", "programme", "checklist")

    def writable(self) -> Submission:
        """Return the submission. Raises Refused once it is sent."""
        found: Submission = self.get_object()
        if not found.is_editable:
            state = found.get_state_display().lower()
            raise Refused([Blocker(f"This application is {state} now.", hint="It cannot be changed.")], subject=found)
        return found


def _foot(question: Question, answer: Answer | None, form: SectionForm) -> dict[str, Any]:
    """Return what stands under one control: words so far, when it was saved, the version the page holds."""
    return {
        "field": form[question.key],
        "question": question,
        "words": words_so_far(question, form[question.key].value()),
        "answer": answer,
        "is_group": question.kind in GROUPS,
        "url": reverse("partners:submission_autosave", args=[form.submission.number, question.key]),
    }


def _questions(submission: Submission, position: int) -> list[Question]:
    """Return a section's questions. Raises Http404 for a section that is not there."""
    found = [question for question in submission.questions if question.section.position == position]
    if not found:
        raise Http404
    return found


def _after(submission: Submission, position: int) -> str:
    """Return the address of the next section, after the last one that of the papers."""
    later = sorted({q.section.position for q in submission.questions if q.section.position > position})
    papers = reverse("partners:submission_papers", args=[submission.number])
    return section_url(submission, later[0]) if later else papers


def _section_page(request: HttpRequest, submission: Submission, form: SectionForm, status: int = OK) -> HttpResponse:
    """Draw a section: its questions with what is saved, what is missing, and the papers that belong to it."""
    section = form.questions[0].section
    positions = sorted({question.section.position for question in submission.questions})
    earlier = [other for other in positions if other < section.position]
    codes = {question.criterion_id for question in form.questions if question.criterion_id}
    answers = submission.answers_by_question
    rows = [_foot(question, answers.get(question.pk), form) for question in form.questions]
    context = {
        "submission": submission,
        "section": section,
        "form": form,
        "rows": rows,
        "refused": status == INVALID,
        "missing": [row for row in rows if row["field"].errors] if status == OK else [],
        "total": len(positions),
        "before": section_url(submission, earlier[-1]) if earlier else submission.get_absolute_url(),
        "papers": [link for link in submission.links if link.criterion_id in codes],
        "conflict": status == CONFLICT,
        "page": secrets.token_hex(16),
    }
    return render(request, "partners/submissions/section.html", context, status=status)


def _tell_stale(form: SectionForm, stale: dict[str, Answer]) -> None:
    """Put the newer text under each answer that somebody else changed."""
    for key, newer in stale.items():
        when = shown(newer.saved_at)
        form.add_error(key, f"{newer.saved_by} changed this at {when:%H:%M}. The newer text: “{newer.value}”")


class SectionView(WritingView):
    """One section: save and go on."""

    def get(self, request: HttpRequest, number: str, position: int) -> HttpResponse:  # noqa: ARG002 picked by number
        """Show the section as it stands."""
        submission = self.writable()
        form = ShownSectionForm(submission=submission, questions=_questions(submission, position))
        return _section_page(request, submission, form)

    def post(self, request: HttpRequest, number: str, position: int) -> HttpResponse:  # noqa: ARG002 picked by number
        """Save what was typed and go to the next section; a stale answer is shown beside the newer one."""
        submission = self.writable()
        form = SectionForm(request.POST, submission=submission, questions=_questions(submission, position))
        if not form.is_valid():
            return _section_page(request, submission, form, status=INVALID)
        try:
            result = form.save(by=request.user)
        except ValidationError as error:
            add_errors(form, error)
            return _section_page(request, submission, form, status=INVALID)
        if result.stale:
            _tell_stale(form, result.stale)
            return _section_page(request, result.submission, form, status=CONFLICT)
        stays = "stay" in request.POST
        return HttpResponseRedirect(section_url(submission, position) if stays else _after(submission, position))


def _foot_answer(
    request: HttpRequest,
    question: Question,
    submission: Submission,
    *,
    message: str = "",
    state: str = "judge",
    seen: int | None = None,
) -> HttpResponse:
    """Answer an autosave with what stands under the control now."""
    context = {
        "question": question,
        "words": words_so_far(question, request.POST.get(question.key, "")),
        "answer": submission.answers_by_question.get(question.pk),
        "message": message,
        "state": state,
        "seen": seen,
    }
    return render(request, "partners/submissions/foot.html", context)


class AutosaveView(WritingView):
    """Saves one answer while the partner types; answers with the field's foot."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, number: str, key: str) -> HttpResponse:  # noqa: ARG002 picked by number
        """Save it, and say when; or say that a newer text is there, or that it is sent already."""
        submission: Submission = self.get_object()
        question = next((question for question in submission.questions if question.key == key), None)
        if question is None:
            raise Http404
        if not submission.is_editable:
            return _foot_answer(request, question, submission, message="Not saved: it was sent already", state="held")
        form = SectionForm(request.POST, submission=submission, questions=[question])
        if not form.is_valid():
            return _foot_answer(request, question, submission, message="Not saved: not on the list")
        try:
            result = form.save(by=request.user, is_autosave=True)
        except ValidationError as error:
            return _foot_answer(request, question, submission, message=" ".join(error.messages))
        if result.stale:
            newer = result.stale[key]
            when = shown(newer.saved_at)
            text = f"Not saved: {newer.saved_by} changed it at {when:%H:%M}. Open it again."
            return _foot_answer(request, question, submission, message=text, seen=form.versions()[key])
        return _foot_answer(request, question, result.submission)


class PapersView(WritingView):
    """The criteria that apply with the papers linked to each, and what is still missing."""

    def get(self, request: HttpRequest, number: str) -> HttpResponse:  # noqa: ARG002 picked by number
        """Show the criteria."""
        submission = self.writable()
        evidence = evidence_of_submission(submission, timezone.localdate())
        return render(request, "partners/submissions/papers.html", {"submission": submission, "evidence": evidence})


def _back_to(submission: Submission, code: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('partners:submission_papers', args=[submission.number])}#{code}")


class LinkView(WritingView):
    """Links a paper of the vault to a criterion."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, number: str) -> HttpResponse:  # noqa: ARG002 picked by number
        """Link it."""
        submission = self.writable()
        form = LinkForm(request.POST, submission=submission)
        if not form.is_valid():
            messages.error(request, "Choose a paper first.")
            return _back_to(submission, request.POST.get("criterion", "")[:8])
        link = form.save(by=request.user)
        messages.success(request, f"“{link.paper.title}” is evidence for {link.criterion.code} now.")
        return _back_to(submission, link.criterion.code)


class UnlinkView(WritingView):
    """Takes a paper back as evidence."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, number: str, link: int) -> HttpResponse:  # noqa: ARG002 picked by number
        """Take it back; the paper stays in the vault."""
        submission = self.writable()
        links = EvidenceLink.objects.select_related("criterion", "submission")
        found = get_object_or_404(links, pk=link, submission=submission)
        unlink_paper(link=found, by=request.user)
        return _back_to(submission, found.criterion.code)


class PaperAddView(WritingView):
    """Evidence for one criterion: a paper of the vault, or a new one that is linked at once."""

    def criterion(self, submission: Submission, code: str) -> Criterion:
        """Return the criterion with this code. Raises Http404 where there is none."""
        return get_object_or_404(submission.checklist.criteria, code=code)

    def get(self, request: HttpRequest, number: str) -> HttpResponse:  # noqa: ARG002 picked by number
        """Show both ways."""
        submission = self.writable()
        criterion = self.criterion(submission, request.GET.get("criterion", ""))
        return self._page(request, EvidenceForm(record=submission, criterion=criterion))

    def post(self, request: HttpRequest, number: str) -> HttpResponse:  # noqa: ARG002 picked by number
        """Send it; what is wrong with it is said next to its field."""
        submission = self.writable()
        criterion = self.criterion(submission, request.POST.get("criterion", ""))
        form = EvidenceForm(request.POST, request.FILES, record=submission, criterion=criterion)
        if not form.is_valid():
            return self._page(request, form, status=INVALID)
        try:
            link = form.save(by=request.user)
        except ValidationError as error:
            add_errors(form, error)
            return self._page(request, form, status=INVALID)
        messages.success(request, f"We have “{link.paper.title}”. It is being checked now.")
        return _back_to(submission, criterion.code)

    def _page(self, request: HttpRequest, form: EvidenceForm, status: int = OK) -> HttpResponse:
        submission, criterion = form.submission, form.criterion
        taken = [link.paper_id for link in submission.links if link.criterion_id == criterion.pk]
        papers = submission.organisation.papers.originals().exclude(pk__in=taken).order_by("title")
        context = {"submission": submission, "criterion": criterion, "form": form, "papers": papers}
        return render(request, "partners/submissions/paper_add.html", context, status=status)
