"""What happens to every request: staff show a second factor, refusals become pages that say why."""

from collections.abc import Callable
from functools import partial

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from vetting_portal.accounts.adapter import has_second_factor
from vetting_portal.clock import on_the_funders_clock, shown_in
from vetting_portal.navigation import time_zone_of_reader
from vetting_portal.workflow import Refused

OPEN_WITHOUT_SECOND_FACTOR = ("/accounts/", "/static/", "/example/mail/", "/staff/join/")


class FunderZoneMiddleware:
    """Counts days as the funder's clocks do, and shows times so; to a partner it shows those of its own country.

    A page that speaks of another zone says so itself.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the funder's zone; before there is a funder, in UTC."""
        zone = partial(time_zone_of_reader, request.user)
        with on_the_funders_clock() as funder, shown_in(zone):
            # Read again by every template.
            request.funder = funder  # type: ignore[attr-defined]
            return self.get_response(request)


class StaffSecondFactorMiddleware:
    """Sends staff who have neither authenticator nor passkey to where they set one up; nothing else opens before."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the request through, or lead to the set-up of the second factor."""
        user = request.user
        asked = user.is_authenticated and not request.path.startswith(OPEN_WITHOUT_SECOND_FACTOR)
        if asked and user.is_staff_member and not self._has_second_factor(request):
            return HttpResponseRedirect(reverse("mfa_activate_totp"))
        return self.get_response(request)

    def _has_second_factor(self, request: HttpRequest) -> bool:
        """Whether the user has an authenticator or a passkey; looked up once in a session."""
        if "second_factor" not in request.session:
            if not has_second_factor(request.user):
                return False
            request.session["second_factor"] = True
        return True


class RefusalMiddleware:
    """Turns Refused into the 409 page and PermissionDenied into the 403 page; both say why."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a refusal with its page."""
        if isinstance(error, Refused):
            context = {"blockers": error.blockers, "refusal_title": error.title, "back": back(request)}
            return render(request, "409.html", context, status=409)
        if isinstance(error, PermissionDenied):
            return render(request, "403.html", {"reason": str(error), "back": back(request)}, status=403)
        return None


def back(request: HttpRequest) -> str:
    """Return the address to go back to: the page the request came from, where it is ours, else home."""
    origin = request.headers.get("Referer", "")
    own = f"{request.scheme}://{request.get_host()}/"
    return "/" + origin.removeprefix(own) if origin.startswith(own) else "/home/"
