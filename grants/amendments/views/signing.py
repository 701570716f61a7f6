"""The pages around a signature under an amendment: the same as the agreement's, for another file."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.views.generic import DetailView

from grants.agreements import brief
from grants.agreements.models import Grant
from grants.agreements.models.signing import Side
from grants.agreements.signing_pages import ways
from grants.agreements.views.signing import BeginView, SignView
from grants.amendments.forms import AmendmentCountersignForm, AmendmentSignForm
from grants.amendments.models import Amendment
from grants.amendments.views.amendments import AmendmentPage
from partners.organisations.models import waiting_blockers
from vetting_portal.accounts.passkeys import is_at_name
from vetting_portal.workflow import Blocker, Refused

WAITS = Amendment.State.AWAITING_SIGNATURE


def own_amendment(request: HttpRequest, number: str) -> Amendment:
    """Return an amendment of the user's own organisation. Raises Http404, PermissionDenied."""
    amendment = get_object_or_404(Amendment.objects.of_partner(request.user).for_page(), number=number)
    if not request.user.has_perm("grants.view_own_amendment", amendment):
        raise PermissionDenied("view_own_amendment")
    return amendment


class OwnAmendment:
    """Finds an amendment of the user's own organisation, for its owners."""

    request: HttpRequest
    kwargs: dict[str, Any]

    def get_object(self, queryset: Any = None) -> Amendment:  # noqa: ARG002 Django's signature
        """Return the amendment. Raises Http404, PermissionDenied for who is no owner, Refused while its grant is
        suspended: no code goes out then, and nothing is signed.
        """
        amendment = own_amendment(self.request, self.kwargs["number"])
        if not self.request.user.has_perm("grants.countersign_amendment", amendment):
            raise PermissionDenied("countersign_amendment")
        if amendment.grant.state == Grant.State.SUSPENDED:
            hint = "You can sign this amendment once the grant goes on."
            raise Refused([Blocker("The grant is suspended.", hint=hint)], subject=amendment)
        return amendment


class AmendmentBeginView(AmendmentPage, BeginView):
    """Opens the challenge of one signature; POST only."""

    permission_required = "grants.sign_amendment"
    back = "grants:amendment"
    onward = "grants:amendment_sign"


class AmendmentSignView(AmendmentPage, SignView):
    """Confirm it is you: the sentence, the box, the code."""

    form_class = AmendmentSignForm
    template_name = "grants/amendments/sign.html"
    permission_required = "grants.sign_amendment"
    signed = Amendment
    back = "grants:amendment"
    begin = "grants:amendment_sign_begin"

    def _check_state(self) -> None:
        amendment = self.object
        if amendment.state != WAITS:
            now, hint = amendment.get_state_display().lower(), "It does not wait for a director's signature."
            url = amendment.get_absolute_url()
            raise Refused([Blocker(f"This amendment is {now}.", hint=hint, url=url)], subject=amendment)
        if reasons := amendment.signing_blockers(self.request.user):
            raise Refused(reasons, subject=amendment)

    def get_success_url(self) -> str:
        """Return the amendment's page."""
        return self.object.get_absolute_url()


class PartnerAmendmentView(DetailView[Amendment]):
    """The partner's page: what changes, keep a copy, countersign, verify."""

    template_name = "grants/amendments/partner_amendment.html"

    def get_object(self, queryset: Any = None) -> Amendment:  # noqa: ARG002 Django's signature
        """Return an amendment of the user's own organisation."""
        return own_amendment(self.request, self.kwargs["number"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the document and what this member may do."""
        amendment, user = self.object, self.request.user
        document = amendment.agreement
        waiting = waiting_blockers(amendment.submission.organisation_id)
        signed = document is not None and document.signatures.of_partner().exists()
        is_suspended = amendment.grant.state == Grant.State.SUSPENDED and amendment.state == Amendment.State.APPROVED
        waits = amendment.state == Amendment.State.APPROVED and not signed and not waiting and not is_suspended
        return super().get_context_data(
            amendment=amendment,
            grant=amendment.grant,
            document=document,
            events=brief.timeline(document),
            can_sign=waits and user.has_perm("grants.countersign_amendment", amendment),
            waiting=waiting,
            is_suspended=is_suspended,
            has_signed=signed,
            is_sealing=bool(document and signed and document.sealed_at is None),
            **ways(user, document, at_name=is_at_name(self.request)),
            **kwargs,
        )


class AmendmentCountersignBeginView(OwnAmendment, BeginView):
    """Opens the challenge of the countersignature; POST only."""

    onward = "grants:amendment_countersign"


class AmendmentCountersignView(OwnAmendment, SignView):
    """The same page for the partner."""

    form_class = AmendmentCountersignForm
    template_name = "grants/amendments/sign.html"
    success_message = "Signed. The file is being sealed; that takes a minute."
    signed = Amendment
    side = Side.PARTNER
    back = "grants:partner_amendment"
    begin = "grants:amendment_countersign_begin"

    def _check_state(self) -> None:
        document = self.object.agreement
        signed = document is None or document.signatures.of_partner().exists()
        if self.object.state != Amendment.State.APPROVED or signed:
            hint = f"The amendment is {self.object.get_state_display().lower()}."
            raise Refused([Blocker("Nothing waits for your signature here.", hint=hint)], subject=self.object)

    def get_success_url(self) -> str:
        """Return the partner's page of the amendment."""
        return self.object.get_partner_url()
