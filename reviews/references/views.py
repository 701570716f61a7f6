"""The pages of references: the officer's list, one answer, and the referee's own form behind its link."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import DetailView, TemplateView, View

from partners.submissions.models import Submission
from reviews.references.actions import ask_referee, closed_reason, find_link, resend_request, withdraw_request
from reviews.references.forms import ReferenceForm, VerifyForm
from reviews.references.models import ReferenceLink, ReferenceRequest
from reviews.references.standing import references_of
from vetting_portal.models import User
from vetting_portal.views.base import ActionFormView, ConfirmMixin, PageMixin, TransitionView, add_errors
from vetting_portal.workflow import Refused

GONE, UNKNOWN, INVALID = 410, 404, 422


def page_of(user: User, submission: Submission) -> str:
    """Return where ``user`` reads about a submission: who works on it at its work, a reviewer at their own review."""
    if user.has_perm("reviews.view_work", submission):
        return reverse("reviews:work", args=[submission.pk])
    mine = submission.reviews.filter(reviewer=user).values_list("pk", flat=True).first()
    return reverse("reviews:review", args=[mine]) if mine else str(submission.get_absolute_url())


class ReferencesView(PageMixin, DetailView[Submission]):
    """Every referee of a submission: asked or not, answered, verified."""

    model = Submission
    permission_required = "reviews.view_references"
    template_name = "reviews/references/list.html"
    context_object_name = "submission"

    def get_queryset(self) -> Any:
        """Return what this user may see, with the partner."""
        return super().get_queryset().select_related("organisation", "checklist")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the referees with their requests."""
        standing = references_of(self.object)
        asked = {one.referee_id: one for one in standing.requests}
        rows = [(referee, asked.get(referee.pk)) for referee in self.object.referees.order_by("pk")]
        may_ask = self.request.user.has_perm("reviews.ask_referee", self.object)
        back = page_of(self.request.user, self.object)
        return super().get_context_data(
            standing=standing, rows=rows, may_ask=may_ask, back=back, blockers=standing.blockers(), **kwargs
        )


class AskView(PageMixin, View):
    """Asks one referee."""

    model = Submission
    permission_required = "reviews.ask_referee"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, referee: int) -> HttpResponse:
        """Ask, and come back to the list."""
        submission = self.get_object()
        asked = ask_referee(referee=get_object_or_404(submission.referees, pk=referee), by=request.user)
        messages.success(request, f"{asked.referee.name} is asked. The link is good for 21 days.")
        return HttpResponseRedirect(reverse("reviews:references", args=[pk]))


class _RequestPage(PageMixin):
    model = ReferenceRequest
    permission_required = "reviews.ask_referee"

    def get_queryset(self) -> Any:
        """Return what this user may see, with everything around it."""
        return ReferenceRequest.objects.visible_to(self.request.user).for_page()

    def get_success_url(self, found: Any) -> str:
        """Go back to the list."""
        return reverse("reviews:references", args=[found.submission_id])


class ResendView(_RequestPage, TransitionView):
    """Sends the request again."""

    action = resend_request
    argument = "request"
    success_message = "Sent again with a new link. The one before opens nothing any more."


class WithdrawRequestView(ConfirmMixin, _RequestPage, TransitionView):
    """Asks no longer, after a page that says what happens then."""

    question = "Withdraw this request for a reference?"
    consequence = (
        "The link of the referee opens nothing any more, and what they began to write is lost. "
        "You can ask again with a new link."
    )
    confirm_label = "Withdraw request"

    action = withdraw_request
    argument = "request"
    success_message = "This referee is not asked any more."


class ReferenceView(_RequestPage, ActionFormView):
    """One answer, and how it was verified."""

    permission_required = "reviews.view_references"
    form_class = VerifyForm
    template_name = "reviews/references/reference.html"
    success_message = "Recorded."

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Record how it was verified. Raises Http404 where nothing is answered."""
        if self.object.answer is None:
            raise Http404
        return super().post(request, *args, **kwargs)

    def get_success_url(self, found: Any = None) -> str:  # noqa: ARG002 one page
        """Stay on the answer."""
        return str(self.object.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the answer and what may be done."""
        may_verify = self.request.user.has_perm("reviews.verify_reference", self.object)
        return super().get_context_data(answer=self.object.answer, may_verify=may_verify, **kwargs)


def form_page(request: HttpRequest, form: ReferenceForm, link: ReferenceLink, status: int = 200) -> HttpResponse:
    """Show the referee's form."""
    context = {"form": form, "asked": link.request, "partner": link.request.submission.organisation}
    return _private(render(request, "reviews/references/answer.html", context, status=status))


def closed_page(request: HttpRequest, link: ReferenceLink | None) -> HttpResponse:
    """Say why nothing opens, and whom to ask: 404 for a link that never was, 410 for one that has ended."""
    reason = closed_reason(link) if link else "unknown"
    officer = link.request.submission.officer if link else None
    context = {"reason": reason, "officer": officer, "asked": link.request if link else None}
    return _private(render(request, "reviews/references/closed.html", context, status=GONE if link else UNKNOWN))


def _private(response: HttpResponse) -> HttpResponse:
    """Keep the token out of search engines, and out of what other pages are told."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


@method_decorator(login_not_required, name="dispatch")
@method_decorator(never_cache, name="dispatch")
class AnswerView(View):
    """The form behind a referee's link. Opening it uses nothing up: robots open links too. Sending does."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """Show the form, or politely why it is not there."""
        link = find_link(token)
        if link is None or closed_reason(link):
            return closed_page(request, link)
        return form_page(request, ReferenceForm(token=token, request=link.request), link)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Keep it as a draft, or send it."""
        link = find_link(token)
        if link is None or closed_reason(link):
            return closed_page(request, link)
        form = ReferenceForm(request.POST, token=token, request=link.request)
        if not form.is_valid():
            return form_page(request, form, link, status=INVALID)
        try:
            form.save(by=User.objects.system("referee"))
        except ValidationError as error:
            add_errors(form, error)
            return form_page(request, form, link, status=INVALID)
        except Refused:
            return closed_page(request, find_link(token))
        if form.keeps:
            messages.success(request, "Kept. The same link opens it again. It is not sent yet.")
            return redirect("reviews:answer_reference", token)
        return redirect("reviews:reference_thanks")


@method_decorator(login_not_required, name="dispatch")
class ThanksView(TemplateView):
    """What a referee sees after sending."""

    template_name = "reviews/references/thanks.html"
