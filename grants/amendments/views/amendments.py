"""Staff's pages of an amendment: page, form, the steps that ask for a reason, the file."""

from collections.abc import Sequence
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.generic import DetailView, View

from grants.agreements import brief
from grants.agreements.models import Signature
from grants.agreements.models.signing import Side
from grants.agreements.signing_pages import ways
from grants.agreements.views.grants import GrantPage, ReasonStep
from grants.amendments.actions import freeze_amendment
from grants.amendments.forms import AmendmentForm, AmendmentReasonForm, initial_of, initial_of_grant
from grants.amendments.models import OPEN, Amendment
from grants.amendments.readiness import draft_blockers, early_people_blockers, seal_blockers, signing_blockers
from vetting_portal.accounts.passkeys import is_at_name
from vetting_portal.files import serve_stored
from vetting_portal.models import Role
from vetting_portal.views.base import ActionFormView, PageMixin, TransitionView
from vetting_portal.workflow import Refused, transition_blockers

STEPS = {
    "send_back": (
        "Send back to the officer",
        (
            "Every signature so far is void, and who signed is told. The officer changes the terms and freezes them "
            "again: another file, another hash, and everybody signs again."
        ),
        "Send back",
    ),
    "withdraw": ("Withdraw the amendment", "It ends here. The grant stands as it was.", "Withdraw it"),
    "decline": ("Decline the amendment", "It ends here. The grant stands as it was, with your reason.", "Decline it"),
    "lapse": (
        "Let the amendment lapse",
        "It ends here. What was set aside for it goes back to the match fund; the grant stands as it was.",
        "Let it lapse",
    ),
}


STEPS_WHILE = {"draft": {"withdraw"}, "awaiting_signature": {"send_back", "decline", "withdraw"}}


class AmendmentPage(PageMixin):
    """Finds an amendment by its number."""

    model: type[Any] = Amendment
    lookup = "number"
    permission_required = "grants.view_amendment"

    def get_queryset(self) -> Any:
        """Return what this user may see, with what a page shows."""
        return Amendment.objects.visible_to(self.request.user).for_page()


class AmendmentView(AmendmentPage, DetailView[Amendment]):
    """One amendment: what changes, the file and its hash, the way to the seal, and what comes next."""

    template_name = "grants/amendments/amendment.html"
    permission_required = "grants.list_grants"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add document, signatures and blockers."""
        amendment, user = self.object, self.request.user
        document, state = amendment.agreement, amendment.state
        if document:
            prefetch_related_objects([document], "signatures")
        signatures = list(document.signatures.all()) if document else []
        waits = state == Amendment.State.AWAITING_SIGNATURE
        has_signed = any(one.user_id == user.pk for one in signatures)
        signs = waits and Role.DIRECTOR in user.role_keys and not has_signed
        can_freeze = state == Amendment.State.DRAFT and user.has_perm("grants.freeze_amendment", amendment)
        return super().get_context_data(
            amendment=amendment,
            grant=amendment.grant,
            partner=amendment.submission.organisation,
            document=document,
            content=amendment.content,
            events=brief.timeline(document),
            signs=signs,
            has_signed=has_signed,
            place=len(signatures) + 1,
            blockers=signing_blockers(amendment, user, document) if signs else [],
            can_freeze=can_freeze,
            freeze_blockers=transition_blockers(amendment, "freeze") if can_freeze else [],
            early=[] if signs else early_people_blockers(amendment),
            is_open=state in OPEN,
            may_move=moves_of(amendment, signatures),
            stuck=seal_blockers(amendment) if state == Amendment.State.APPROVED else [],
            **(ways(user, document, at_name=is_at_name(self.request)) if signs else {}),
            **kwargs,
        )


def moves_of(amendment: Amendment, signatures: Sequence[Signature]) -> set[str]:
    """Return the steps with a reason that its state has: one that the partner signed is not sent back, and lapses only
    where it can no longer take effect.
    """
    if amendment.state != Amendment.State.APPROVED:
        return STEPS_WHILE.get(amendment.state, set())
    if not any(signature.side == Side.PARTNER for signature in signatures):
        return {"send_back", "lapse"}
    return set() if amendment.lapse_blockers() else {"lapse"}


class AmendmentFormView(ActionFormView):
    """The officer's form."""

    form_class = AmendmentForm
    template_name = "grants/amendments/form.html"

    def get_success_url(self) -> str:
        """Return the page of the open amendment: the one that was written."""
        return Amendment.objects.open().get(grant__number=self.grant_number()).get_absolute_url()

    def grant_number(self) -> str:
        """Return the number of the grant that is amended."""
        return str(self.object.number)


class AmendmentDraftView(GrantPage, AmendmentFormView):
    """Draft the next amendment of a grant in force."""

    permission_required = "grants.draft_amendment"
    success_message = "Drafted. Look at what changes, then freeze the terms."

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form. Raises Refused where the grant cannot be amended now."""
        if reasons := draft_blockers(self.object):
            raise Refused(reasons, subject=self.object)
        response: HttpResponse = super().get(request, *args, **kwargs)
        return response

    def form_valid(self, form: Any) -> HttpResponse:
        """Draft it; where the grant moved on meanwhile, say so above what was typed."""
        try:
            return super().form_valid(form)
        except Refused as error:
            for blocker in error.blockers:
                form.add_error(None, f"{blocker} {blocker.hint}".strip())
        response = self.form_invalid(form)
        response.status_code = 409
        return response

    def get_initial(self) -> dict[str, Any]:
        """Show the terms in force."""
        return initial_of_grant(self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the grant."""
        return super().get_context_data(grant=self.object, amendment=None, **kwargs)


class AmendmentChangeView(AmendmentPage, AmendmentFormView):
    """Change a draft."""

    permission_required = "grants.change_amendment"
    success_message = "Saved. Freeze the terms when everything adds up."

    def get_initial(self) -> dict[str, Any]:
        """Show the draft as it stands."""
        return initial_of(self.object.grant, self.object.changes, self.object.reason)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the amendment and its grant."""
        return super().get_context_data(grant=self.object.grant, amendment=self.object, **kwargs)

    def grant_number(self) -> str:
        """Return the number of the grant that is amended."""
        return str(self.object.grant.number)


class AmendmentFreezeView(AmendmentPage, TransitionView):
    """Freeze the terms: renders the file, then moves."""

    action = staticmethod(freeze_amendment)
    argument = "amendment"
    permission_required = "grants.freeze_amendment"
    success_message = "The terms are frozen. The directors are asked to sign."


class AmendmentReasonView(ReasonStep, AmendmentPage):
    """A step of an amendment."""

    form_class = AmendmentReasonForm
    template_name = "grants/amendments/reason.html"
    words = STEPS

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Name the amendment."""
        return super().get_context_data(amendment=self.object, **kwargs)


class AmendmentFileView(AmendmentPage, View):
    """The PDF: the sealed one when there is one, else the one to sign. ``?signed`` gives the one that was signed."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ARG002 Django's signature
        """Serve it as an attachment, or in the viewer with ``?view``."""
        document = self.get_object().agreement
        if document is None:
            raise Http404
        wants_signed = "signed" in request.GET or document.sealed_file is None
        stored = document.signed_file if wants_signed else document.sealed_file
        if stored is None:
            raise Http404
        return serve_stored(request, stored, filename=document.canonical_name, inline="view" in request.GET)
