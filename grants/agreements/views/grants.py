"""Staff's pages of a grant: list, page, form, the steps that ask for a reason, the file."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import DetailView, ListView, View

from grants.agreements import brief
from grants.agreements.actions import freeze_terms, resume_grant, try_again
from grants.agreements.actions.ending import TWO_PEOPLE
from grants.agreements.forms import GrantForm, ReasonForm, initial_of_grant, initial_of_submission
from grants.agreements.models import Agreement, Grant, Setback, Signature
from grants.agreements.readiness import early_people_blockers
from partners.submissions.models import Submission
from reviews.panels.queries import hand_on, viewer_facts
from vetting_portal.files import serve_stored
from vetting_portal.views.base import PER_PAGE, ActionFormView, PageMixin, RoleMixin, TransitionView
from vetting_portal.workflow import Blocker, transition_blockers

STEPS = {
    "send_back": (
        "Send back to the officer",
        (
            "Every signature so far is void. The officer changes the terms and freezes them again: "
            "another file, another hash, and everybody signs again."
        ),
        "Send back",
    ),
    "decline": (
        "Decline the grant",
        "The grant and the submission are declined. The partner is told, with your reason. This cannot be undone.",
        "Decline the grant",
    ),
    "lapse": (
        "Discard draft grant",
        "The draft lapses and stays on record. Nothing was promised, and no money moves. This cannot be undone.",
        "Discard draft",
    ),
    "suspend": (
        "Suspend the grant",
        (
            "No payment is released and the campaign page shows that gifts are paused, until a director lets the grant "
            "go on. Reports stay due. The partner is notified, with your reason."
        ),
        "Suspend grant",
    ),
    "revoke": (
        "Revoke the agreement",
        "The sealed agreement and its amendments verify as “genuine, but revoked” from now on. This cannot be undone.",
        "Revoke it",
    ),
}


class GrantPage(PageMixin):
    """Finds a grant by its number."""

    model: type[Any] = Grant
    lookup = "number"
    permission_required = "grants.view_grant"

    def get_queryset(self) -> Any:
        """Return what this user may see, with what a page shows."""
        return Grant.objects.visible_to(self.request.user).for_page()


class SeenGrantPage(GrantPage):
    """Reads with the grant what the rules ask about the viewer: once for the page."""

    request: HttpRequest

    def get_queryset(self) -> Any:
        """Add the facts about the viewer."""
        facts = viewer_facts(self.request.user, submission="submission", organisation="submission__organisation")
        return super().get_queryset().annotate(**facts)

    def get_object(self, queryset: Any = None) -> Grant:
        """Return the grant; its submission tells the same."""
        grant: Grant = super().get_object(queryset)
        hand_on(grant, grant.submission)
        return grant


class GrantListView(RoleMixin, ListView[Grant]):
    """Every grant, newest first."""

    template_name = "grants/agreements/list.html"
    permission_required = "grants.list_grants"
    paginate_by = PER_PAGE

    def get_queryset(self) -> Any:
        """Return what this user may see."""
        return Grant.objects.visible_to(self.request.user).for_list()


class SignedView(RoleMixin, ListView[Grant]):
    """What this director has signed."""

    template_name = "grants/agreements/signed.html"
    permission_required = "grants.list_to_sign"
    paginate_by = PER_PAGE

    def get_queryset(self) -> Any:
        """Return the grants with a standing signature of this director."""
        return Grant.objects.visible_to(self.request.user).signed_by(self.request.user)


class GrantView(SeenGrantPage, DetailView[Grant]):
    """One grant: the money, the way to the seal, the terms, and what comes next."""

    template_name = "grants/agreements/grant.html"
    permission_required = "grants.list_grants"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add agreement, signatures, blockers and sums."""
        grant = self.object
        agreement = grant.agreement
        if agreement:
            prefetch_related_objects([agreement], "signatures")
        signatures = agreement.signatures.all() if agreement else []
        is_draft = grant.state == Grant.State.DRAFT
        can_freeze = is_draft and self.request.user.has_perm("grants.freeze_grant", grant)
        return super().get_context_data(
            grant=grant,
            agreement=agreement,
            partner=grant.submission.organisation,
            events=[] if agreement and agreement.sealed_at else brief.timeline(agreement),
            has_signed=any(one.user_id == self.request.user.pk for one in signatures),
            sums=[] if grant.reserve_account_id else brief.fund_sums(grant),
            freeze_blockers=transition_blockers(grant, "freeze") if can_freeze else [],
            can_freeze=can_freeze,
            resume_blockers=transition_blockers(grant, "resume") if grant.state == Grant.State.SUSPENDED else [],
            early=[] if can_freeze else early_people_blockers(grant),
            void=Signature.objects.void_under(grant.pk) if grant.sent_back_at or grant.ended_at else [],
            account=grant.reserve_account,
            statement=grant.statement,
            completion_letter=grant.completion_letter,
            setbacks=Setback.objects.newest_to_show(grant),
            **kwargs,
        )


class GrantFormView(ActionFormView):
    """The officer's form: for a new draft, or for one that is not frozen."""

    form_class = GrantForm
    template_name = "grants/agreements/form.html"

    def get_success_url(self) -> str:
        """Return the grant's page."""
        return reverse("grants:grant", args=[self.number()])

    def number(self) -> str:
        """Return the number of the grant that was written."""
        return str(self.object.number)


class GrantChangeView(GrantPage, GrantFormView):
    """Change a draft."""

    permission_required = "grants.change_grant"
    success_message = "Saved. Freeze the terms when everything adds up."

    def get_initial(self) -> dict[str, Any]:
        """Show the draft as it stands."""
        return initial_of_grant(self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the grant and its submission."""
        return super().get_context_data(grant=self.object, submission=self.object.submission, **kwargs)


class GrantDraftView(GrantFormView):
    """Draft the grant of a recommended submission."""

    model = Submission
    lookup = "number"
    permission_required = "grants.draft_grant"
    success_message = "Drafted. Look at it, then freeze the terms."

    def get_queryset(self) -> Any:
        """Return the submissions this user may see."""
        return Submission.objects.visible_to(self.request.user).select_related("organisation", "programme")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form, or the grant where there is one already."""
        existing = Grant.objects.standing_for(self.object)
        return HttpResponseRedirect(existing.get_absolute_url()) if existing else super().get(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        """Propose terms from the submission and its recommendation."""
        return initial_of_submission(self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the submission."""
        return super().get_context_data(grant=None, submission=self.object, **kwargs)

    def number(self) -> str:
        """Return the number that the new grant got."""
        return Grant.objects.filter(submission=self.object).latest("pk").number


class FreezeView(GrantPage, TransitionView):
    """Freeze the terms: renders the file, then moves."""

    action = staticmethod(freeze_terms)
    argument = "grant"
    permission_required = "grants.freeze_grant"
    success_message = "The terms are frozen. The directors are asked to sign."


class SealAgainView(GrantPage, TransitionView):
    """Try the seal or the timestamp that failed again, now."""

    action = staticmethod(try_again)
    argument = "grant"
    permission_required = "grants.try_seal_again"
    success_message = "It is being tried again. Look again in a minute."


class ReasonStep(ActionFormView):
    """A step of a grant, or of an amendment of one, that cannot be undone and asks for a reason. ``words`` are each
    step's heading, its consequence and its button.
    """

    words: Mapping[str, tuple[str, str, str]]
    step = ""

    def get_object(self, queryset: Any = None) -> Any:
        """Return the record when this user may take this step."""
        self.permission_required = f"grants.{self.step}_{self.model._meta.model_name}"
        return super().get_object(queryset)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Tell the form which step."""
        return {**super().get_form_kwargs(), "step": self.step}

    def blockers(self) -> Sequence[str]:
        """Return what is in the way of the step."""
        return transition_blockers(self.object, self.step)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the words of the step."""
        heading, consequence, label = self.words[self.step]
        words = {"heading": heading, "consequence": consequence, "label": label}
        return super().get_context_data(**words, blockers=self.blockers(), agreement=self.object.agreement, **kwargs)

    def get_success_url(self) -> str:
        """Return the record's page."""
        return self.object.get_absolute_url()


class ReasonView(ReasonStep, GrantPage):
    """A step of a grant."""

    form_class = ReasonForm
    template_name = "grants/agreements/reason.html"
    words = STEPS

    def blockers(self) -> Sequence[str]:
        """Return what is in the way; to revoke is no move of the grant, and only a draft is discarded by one person."""
        if self.step == "lapse" and self.object.state == Grant.State.APPROVED:
            return [
                Blocker(str(TWO_PEOPLE), hint=TWO_PEOPLE.hint, url=reverse("grants:end", args=[self.object.number]))
            ]
        return self.object.revoke_blockers() if self.step == "revoke" else super().blockers()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Name the grant."""
        return super().get_context_data(grant=self.object, **kwargs)


class ResumeView(GrantPage, TransitionView):
    """Let a suspended grant go on."""

    action = staticmethod(resume_grant)
    argument = "grant"
    permission_required = "grants.resume_grant"
    success_message = "The grant goes on. The partner is notified."


class AgreementFileView(GrantPage, View):
    """The PDF: the sealed one when there is one, else the one to sign. ``?signed`` gives the one that was signed.

    ``document`` names which of the grant's documents it is.
    """

    document = "agreement"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ARG002 Django's signature
        """Serve it as an attachment, or in the viewer with ``?view``."""
        agreement: Agreement | None = getattr(self.get_object(), self.document)
        if agreement is None:
            raise Http404
        wants_signed = "signed" in request.GET or agreement.sealed_file is None
        stored = agreement.signed_file if wants_signed else agreement.sealed_file
        if stored is None:
            raise Http404
        return serve_stored(request, stored, filename=agreement.canonical_name, inline="view" in request.GET)


def own_grant(request: HttpRequest, number: str) -> Grant:
    """Return a grant of the user's own organisation. Raises Http404, PermissionDenied."""
    grant = get_object_or_404(Grant.objects.of_partner(request.user).for_page(), number=number)
    if not request.user.has_perm("grants.view_own_grant", grant):
        raise PermissionDenied("view_own_grant")
    return grant
