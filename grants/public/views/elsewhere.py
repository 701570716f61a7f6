"""What a campaign shows on other sites: figures as JSON, its card, and a small page to frame. No cookie, no name."""

from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils.csp import CSP
from django.utils.decorators import method_decorator
from django.utils.http import parse_etags, quote_etag
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csp import csp_override
from django.views.generic import View

from grants.agreements.rendering import RenderFailed
from grants.campaigns.models import Campaign
from grants.public.card import card_content, card_key, card_picture
from grants.public.figures import campaign_json
from grants.public.receipts import statement_json

SCRIPT = (Path(__file__).parent.parent / "widget.js").read_bytes()
FRAMED: dict[str, list[str]] = {
    "default-src": [CSP.NONE],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.NONE],
    "frame-ancestors": ["*"],
}
"""The widget's own policy: anybody may frame it; nothing runs in it and nothing leaves it."""


@method_decorator(login_not_required, name="dispatch")
class OpenToAll(View):
    """An answer about one public campaign that other sites may read, and keep for a moment."""

    seconds = 1
    http_method_names = ["get", "head", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let every site read it."""
        response = super().dispatch(request, *args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
        is_kept = response.status_code < HTTPStatus.BAD_REQUEST
        response["Cache-Control"] = f"public, max-age={self.seconds}" if is_kept else "no-store"
        return response

    def campaign(self) -> Campaign:
        """Return the campaign. Raises Http404 before it was opened."""
        return get_object_or_404(Campaign.objects.public(), slug=self.kwargs["slug"])


class CampaignJsonView(OpenToAll):
    """The figures of a campaign as JSON, as they stand this second."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Answer with the figures."""
        return JsonResponse(campaign_json(self.campaign()), json_dumps_params={"ensure_ascii": False, "indent": 1})


class StatementJsonView(OpenToAll):
    """The data of the sealed statement of match, byte for byte as the sealed PDF carries it."""

    seconds = 3600

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Answer with the data, 404 before the statement is sealed."""
        content = statement_json(self.campaign())
        if content is None:
            return HttpResponse(
                "The statement of match is not sealed yet.\n",
                status=HTTPStatus.NOT_FOUND,
                content_type="text/plain; charset=utf-8",
            )
        return HttpResponse(content, content_type="application/json")


class CardView(OpenToAll):
    """The card of a campaign: a picture for other sites, drawn once for each content."""

    seconds = 60

    def get(self, request: HttpRequest, slug: str) -> HttpResponseBase:  # noqa: ARG002 Django's signature
        """Answer with the picture; with 304 where the caller has it, 503 where it cannot be drawn now."""
        content = card_content(self.campaign(), getattr(request, "funder", None))
        tag = quote_etag(card_key(content))
        response: HttpResponseBase
        if tag in parse_etags(request.headers.get("If-None-Match", "")):
            response = HttpResponseNotModified()
        else:
            try:
                response = HttpResponse(card_picture(content), content_type="image/png")
            except RenderFailed:
                return HttpResponse(status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "60"})
        response["ETag"] = tag
        return response


@method_decorator([xframe_options_exempt, csp_override(FRAMED)], name="dispatch")
class WidgetView(OpenToAll):
    """A small page to frame on other sites; made without the session, so that it sets and reads no cookie."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Show what gifts have earned so far."""
        campaign = self.campaign()
        context = {
            "campaign": campaign,
            "grant": campaign.grant,
            "partner": campaign.grant.submission.organisation,
            "days_left": campaign.days_left(),
            "funder": getattr(request, "funder", None),
            "site": settings.PUBLIC_URL,
        }
        return HttpResponse(render_to_string("grants/public/widget.html", context))


@method_decorator(login_not_required, name="dispatch")
class ReceiptProgramView(View):
    """The program that checks a receipt, one file, as it stands in the portal's source."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> FileResponse:  # noqa: ARG002 Django's signature
        """Answer with the file, to be saved."""
        program = settings.BASE_DIR / "tools" / "verify_receipt.py"
        headers = {"Cache-Control": "public, max-age=3600"}
        return FileResponse(program.open("rb"), as_attachment=True, content_type="text/x-python", headers=headers)


@method_decorator(login_not_required, name="dispatch")
class WidgetScriptView(View):
    """The small script that puts the frame into another site's page."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Answer with the script."""
        headers = {"Cache-Control": "public, max-age=3600", "Cross-Origin-Resource-Policy": "cross-origin"}
        return HttpResponse(SCRIPT, content_type="text/javascript; charset=utf-8", headers=headers)
