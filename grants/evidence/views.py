"""The button that hands a grant's evidence to who may check it."""

from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.views.generic import View

from grants.agreements.views.grants import GrantPage
from grants.evidence.actions import export_evidence


class EvidenceView(GrantPage, View):
    """Answers with the ZIP; that it was taken is recorded."""

    http_method_names = ["post"]
    permission_required = "grants.export_evidence"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> StreamingHttpResponse:  # noqa: ARG002 Django's
        """Read the evidence, then send it piece by piece."""
        evidence = export_evidence(grant=self.get_object(), by=request.user)
        response = StreamingHttpResponse(evidence.stream(), content_type="application/zip")
        response["Content-Disposition"] = f'attachment; filename="{evidence.file_name}"'
        response["Cache-Control"] = "private, no-store"
        response["X-Content-Type-Options"] = "nosniff"
        return response
