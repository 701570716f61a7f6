"""The public answer to: is this paper genuine?"""

import re
from typing import Any

from allauth.core.internal.ratelimit import consume
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.generic import FormView, TemplateView

from grants.agreements.forms import VerifyForm
from grants.agreements.models import Agreement
from grants.agreements.scanning import ScanningUploadHandler
from grants.agreements.verification import judge, seal_of
from vetting_portal.audit import key_fingerprint
from vetting_portal.files import FileDamaged

_HASH = re.compile(r"[0-9a-f]{64}")
LIMITS = {"verify": "600/h/ip"}
TOO_MANY = "Many files came from your network in the last hour. Send this one again in an hour."
CANNOT = "Our own copy cannot be read just now, so we cannot check the seal. Try again later."


class ScannedUploadMixin:
    """Takes a form with a file from anybody, so many an hour; the file is looked through as it comes, not stored."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Take the upload in hand before anything reads the form, the check against forged requests included."""
        self.request = request
        if not consume(request, app="grants", action="verify", config=LIMITS):
            return self.refuse(TOO_MANY, status=429)
        request.upload_handlers = [ScanningUploadHandler(request)]
        return self._checked(request, *args, **kwargs)

    @method_decorator(csrf_protect)
    def _checked(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return answer

    def refuse(self, reason: str, *, status: int) -> HttpResponse:
        """Show the page with the reason why nothing was checked."""
        raise NotImplementedError


@method_decorator([login_not_required, csrf_exempt], name="dispatch")
class VerifyView(ScannedUploadMixin, FormView[VerifyForm]):
    """Hashes a file as it comes, answers, keeps nothing."""

    form_class = VerifyForm
    template_name = "grants/agreements/verify.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the evidence of grants is signed with."""
        return super().get_context_data(evidence_key=key_fingerprint(), **kwargs)

    def form_valid(self, form: VerifyForm) -> HttpResponse:
        """Show the verdict on the file."""
        sent = form.cleaned_data["file"]
        try:
            verdict = judge(sent.scan)
        except FileDamaged:
            return self.refuse(CANNOT, status=503)
        told = {"verdict": verdict, "agreement": verdict.agreement, "seal": verdict.seal}
        return self.render_to_response(self.get_context_data(form=VerifyForm(), name=sent.name, **told))

    def form_invalid(self, form: VerifyForm) -> HttpResponse:
        """Show the form again, as 422."""
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def refuse(self, reason: str, *, status: int) -> HttpResponse:
        """Show the page with the reason why nothing was checked."""
        return self.render_to_response(self.get_context_data(form=VerifyForm(), refusal=reason), status=status)


@method_decorator(login_not_required, name="dispatch")
class VerifyRecordView(TemplateView):
    """What is on record under a hash: where the QR code leads. A file is still checked by sending it."""

    template_name = "grants/agreements/verify_record.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer 404 for a hash that names nothing sealed."""
        sha256 = str(kwargs["sha256"])
        found = (
            Agreement.objects.for_verification().known_by(sha256).sealed().first() if _HASH.fullmatch(sha256) else None
        )
        if found is None:
            raise Http404
        try:
            seal = seal_of(found)
        except FileDamaged:
            seal = None
        return super().get(request, *args, agreement=found, seal=seal, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the form for the file."""
        return super().get_context_data(form=VerifyForm(), **kwargs)
