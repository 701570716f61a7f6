"""The public answer to: is this paper genuine?"""

import re
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.generic import FormView, TemplateView

from grants.agreements.forms import VerifyForm
from grants.agreements.models import Agreement
from grants.agreements.verification import verify_pdf

_HASH = re.compile(r"[0-9a-f]{64}")


@method_decorator(login_not_required, name="dispatch")
class VerifyView(FormView[VerifyForm]):
    """Takes a file, reads it in pieces, answers, keeps nothing."""

    form_class = VerifyForm
    template_name = "grants/agreements/verify.html"

    def form_valid(self, form: VerifyForm) -> HttpResponse:
        """Show the verdict on the file."""
        uploaded = form.cleaned_data["file"]
        verdict = verify_pdf(uploaded.file)
        return self.render_to_response(
            self.get_context_data(form=VerifyForm(), verdict=verdict, name=uploaded.name, agreement=verdict.agreement)
        )

    def form_invalid(self, form: VerifyForm) -> HttpResponse:
        """Show the form again, as 422."""
        return self.render_to_response(self.get_context_data(form=form), status=422)


@method_decorator(login_not_required, name="dispatch")
class VerifyRecordView(TemplateView):
    """What is on record under a hash: where the QR code leads. A file is still checked by sending it."""

    template_name = "grants/agreements/verify_record.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer 404 for a hash that names nothing sealed."""
        sha256 = str(kwargs["sha256"])
        found = (
            Agreement.objects.for_verification().known_by(sha256).filter(sealed_at__isnull=False).first()
            if _HASH.fullmatch(sha256)
            else None
        )
        if found is None:
            raise Http404
        return super().get(request, *args, agreement=found, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the form for the file."""
        return super().get_context_data(form=VerifyForm(), **kwargs)
