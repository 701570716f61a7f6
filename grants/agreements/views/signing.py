"""The pages around a signature: declare, confirm it is you; and the same for the partner."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.views.generic import DetailView

from grants.agreements import brief, passkeys
from grants.agreements.actions import refuse_lost_right
from grants.agreements.closings import consent_to
from grants.agreements.forms import CountersignForm, DeclarationForm, MethodForm, SignForm
from grants.agreements.models import Agreement, Grant, SigningChallenge
from grants.agreements.models.signing import Method, Side
from grants.agreements.readiness import signing_blockers
from grants.agreements.signing_pages import confirm_page, ways
from grants.agreements.views.grants import GrantPage, own_grant
from partners.organisations.models import waiting_blockers
from vetting_portal.accounts.passkeys import is_at_name, origin_of
from vetting_portal.views.base import ActionFormView, add_errors
from vetting_portal.workflow import Blocker, Refused

WAITS = Grant.State.AWAITING_SIGNATURE


def _must_wait(grant: Grant) -> None:
    """Raise Refused when the grant does not wait for directors."""
    if grant.state != WAITS:
        raise Refused(
            [
                Blocker(
                    f"This grant is {grant.get_state_display().lower()}.",
                    hint="It does not wait for a director's signature.",
                    url=grant.get_absolute_url(),
                )
            ],
            subject=grant,
        )


class DeclareView(GrantPage, ActionFormView):
    """The declaration before any content opens; nothing is preselected."""

    form_class = DeclarationForm
    template_name = "grants/agreements/declare.html"
    permission_required = "grants.declare_grant"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Show names only."""
        people = self.object.submission.organisation.people_now()
        return super().get_context_data(grant=self.object, people=people, **kwargs)

    def get_success_url(self) -> str:
        """Return the brief, or the list for who stands aside."""
        if self.request.user.has_perm("grants.sign_grant", self.object):
            return reverse("grants:brief", args=[self.object.number])
        return reverse("grants:to_sign")


class BeginView(GrantPage, ActionFormView):
    """Opens the challenge of one signature; POST only. A passkey's is answered with what the browser is to ask."""

    http_method_names = ["post"]
    form_class = MethodForm
    permission_required = "grants.sign_grant"
    back = "grants:brief"
    onward = "grants:sign"

    def form_invalid(self, form: Any) -> HttpResponse:
        """Refuse: the form has no page of its own."""
        reasons = [Blocker(str(message)) for messages in form.errors.values() for message in messages]
        raise Refused(reasons, subject=self.object)

    def form_valid(self, form: Any) -> HttpResponse:
        """Lead to the page that takes the code; hand the script of a passkey its challenge."""
        if form.cleaned_data["method"] != Method.PASSKEY:
            return super().form_valid(form)
        try:
            challenge = form.save(by=self.request.user)
        except ValidationError as error:
            add_errors(form, error)
            return self.form_invalid(form)
        return JsonResponse({"nonce": challenge.nonce, "options": passkeys.request_options(challenge)})

    def get_success_url(self) -> str:
        """Return the page that takes the code."""
        return reverse(self.onward, args=[self.object.number])


class ChallengeForm(GrantPage, ActionFormView):
    """A form that carries the open challenge of its signer and the hash of the file that stands."""

    side = Side.DIRECTOR

    def challenge(self) -> SigningChallenge | None:
        """Return the open challenge of this user for the file that stands, newest first."""
        agreement = self.object.agreement
        if agreement is None:
            return None
        return SigningChallenge.objects.open_for(self.request.user, agreement).first()

    def get_initial(self) -> dict[str, Any]:
        """Carry the hash and the challenge."""
        challenge = self.challenge()
        agreement = self.object.agreement
        return {
            "document_sha256": agreement.signed_sha256 if agreement else "",
            "nonce": challenge.nonce if challenge else "",
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        """Hand the sentence that is signed to the form."""
        agreement = self.object.agreement
        text = consent_to(agreement, self.side)[1] if agreement else ""
        return {**super().get_form_kwargs(), "consent_text": text, "origin": origin_of(self.request)}

    def ways_here(self, agreement: Agreement | None) -> dict[str, Any]:
        """Return by which means this user can sign ``agreement`` at this address."""
        return ways(self.request.user, agreement, at_name=is_at_name(self.request))


class SignView(ChallengeForm):
    """Confirm it is you: the sentence, the box, the passkey or the code. ``signed`` is what has the file to sign."""

    signed: Any = Grant
    form_class = SignForm
    template_name = "grants/agreements/sign.html"
    permission_required = "grants.sign_grant"
    success_message = "Signed. Your signature is on record."
    back = "grants:brief"
    begin = "grants:sign_begin"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Record it when somebody signs who lost the right since they opened the page."""
        if request.method == "POST":
            begun = self.signed.objects.for_page().filter(number=kwargs["number"]).first()
            refuse_lost_right(subject=begun, by=request.user)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the page while a challenge is open, or to who has a passkey; else go back to where it is opened."""
        self._check_state()
        if self.challenge() is None and not self.ways_here(None)["has_passkey"]:
            return HttpResponseRedirect(reverse(self.back, args=[self.object.number]))
        return super().get(request, *args, **kwargs)

    def _check_state(self) -> None:
        _must_wait(self.object)
        if reasons := signing_blockers(self.object, self.request.user):
            raise Refused(reasons, subject=self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what is signed and what happens then."""
        page = confirm_page(self.object, self.challenge(), self.side)
        page |= {f"{name}_url": reverse(getattr(self, name), args=[self.object.number]) for name in ("back", "begin")}
        return super().get_context_data(**page, **self.ways_here(page["agreement"]), **kwargs)

    def get_success_url(self) -> str:
        """Return the grant's page."""
        return reverse("grants:grant", args=[self.object.number])


class PartnerAgreementView(DetailView[Grant]):
    """The partner's page: read, keep a copy, countersign, verify."""

    template_name = "grants/agreements/partner_agreement.html"

    def get_object(self, queryset: Any = None) -> Grant:  # noqa: ARG002 Django's signature
        """Return a grant of the user's own organisation."""
        return own_grant(self.request, self.kwargs["number"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the agreement and what this member may do."""
        grant, user = self.object, self.request.user
        agreement = grant.agreement
        waiting = waiting_blockers(grant.submission.organisation_id)
        return super().get_context_data(
            grant=grant,
            agreement=agreement,
            content=agreement.terms.content if agreement else {},
            events=brief.timeline(agreement),
            statement=grant.statement,
            completion_letter=grant.completion_letter,
            can_sign=grant.state == Grant.State.APPROVED
            and user.has_perm("grants.countersign_grant", grant)
            and agreement is not None
            and not waiting
            and not agreement.signatures.of_partner().exists(),
            waiting=waiting,
            is_sealing=bool(agreement and agreement.sealed_at is None and agreement.signatures.of_partner().exists()),
            **ways(user, agreement, at_name=is_at_name(self.request)),
            **kwargs,
        )


class OwnGrant:
    """Finds a grant of the user's own organisation, for its owners."""

    request: HttpRequest
    kwargs: dict[str, Any]

    def get_object(self, queryset: Any = None) -> Grant:  # noqa: ARG002 Django's signature
        """Return the grant. Raises Http404, and PermissionDenied for who is no owner."""
        grant = own_grant(self.request, self.kwargs["number"])
        if not self.request.user.has_perm("grants.countersign_grant", grant):
            raise PermissionDenied("countersign_grant")
        return grant


class CountersignBeginView(OwnGrant, BeginView):
    """Opens the challenge of the countersignature; POST only."""

    onward = "grants:countersign"


class CountersignView(OwnGrant, SignView):
    """The same page for the partner."""

    form_class = CountersignForm
    success_message = "Signed. The file is being sealed; that takes a minute."
    side = Side.PARTNER
    back = "grants:partner_agreement"
    begin = "grants:countersign_begin"

    def _check_state(self) -> None:
        agreement = self.object.agreement
        if self.object.state != Grant.State.APPROVED or agreement is None or agreement.signatures.of_partner().exists():
            raise Refused(
                [
                    Blocker(
                        "Nothing waits for your signature here.",
                        hint=f"The grant is {self.object.get_state_display().lower()}.",
                    )
                ],
                subject=self.object,
            )

    def get_success_url(self) -> str:
        """Return the partner's page of the agreement."""
        return reverse("grants:partner_agreement", args=[self.object.number])
