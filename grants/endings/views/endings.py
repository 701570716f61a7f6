"""Staff's pages of an ending: asking for it, its page, saying no; and the good end of a grant."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.generic import DetailView, View

from grants.agreements.models import Grant
from grants.agreements.signing_pages import ways
from grants.agreements.views.grants import GrantPage, ReasonStep, ReasonView
from grants.amendments.views.grants import GrantTermsView, PartnerTermsView
from grants.campaigns.models import Campaign
from grants.endings.actions.returning import return_blockers
from grants.endings.forms import AskForm, CloseFileForm, EndingReasonForm, FinishForm, ReturnForm
from grants.endings.history import history
from grants.endings.models import LIVE, Ending
from grants.endings.money import ending_money, outstanding_minor
from grants.endings.pages import ask_page, ending_page, suspend_page
from grants.endings.readiness import ask_blockers, finish_blockers, moved_since
from vetting_portal.accounts.passkeys import is_at_name
from vetting_portal.files import serve_stored
from vetting_portal.views.base import ActionFormView, PageMixin
from vetting_portal.workflow import Refused, transition_blockers

STEPS = {
    "decline": (
        "Decline to end the grant",
        "The grant goes on. Only who asked is notified; nobody outside is.",
        "Decline",
    ),
    "withdraw": (
        "Withdraw the request",
        "The grant goes on. The director who was asked is notified; nobody outside is. You can ask again.",
        "Withdraw the request",
    ),
    "write_off": (
        "Write off what is still to be returned",
        (
            "Nobody waits for the money any more, and a closing report that was not sent is cancelled. "
            "This cannot be undone."
        ),
        "Write it off",
    ),
}


class GrantEndingView(GrantTermsView):
    """One grant, with everything that happened to it on one line, and how it ends: the request that stands, what is
    still to be returned, what keeps it from completion.
    """

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the ending, and before there is one what completion still needs."""
        grant, context = self.object, super().get_context_data(**kwargs)
        ending = Ending.objects.filter(grant=grant.pk).for_page().order_by("-ordinal").first()
        campaign = context["campaign"]
        nears_its_end = grant.state == Grant.State.IN_FORCE and campaign and campaign.state == Campaign.State.CLOSED
        return {
            **context,
            "history": history(grant),
            "ending": ending,
            "outstanding_minor": outstanding_minor(ending) if ending and ending.carried_out_at else 0,
            "is_complete": bool(nears_its_end) and not finish_blockers(grant),
        }


class PartnerEndingView(PartnerTermsView):
    """The partner's page of the agreement, with its part of the history and the closing letter of a grant that ends."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the ending that a director confirmed."""
        ending = Ending.objects.visible_to(self.request.user).filter(grant=self.object.pk).for_page().first()
        left = outstanding_minor(ending) if ending and ending.carried_out_at else 0
        told = history(self.object, for_partner=True)
        return super().get_context_data(ending=ending, outstanding_minor=left, history=told, **kwargs)


class AskView(GrantPage, ActionFormView):
    """End a grant: first the money, then what falls and who is notified; the decision stays at the side."""

    form_class = AskForm
    template_name = "grants/endings/ask.html"
    permission_required = "grants.ask_ending"
    success_message = "Request sent. No payment of this grant is released until a director decides."

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the page, or lead to the request that stands. Raises Refused where nothing can be ended."""
        standing = Ending.objects.open().filter(grant=self.object).first()
        if standing is not None:
            return HttpResponseRedirect(standing.get_absolute_url())
        reasons = ask_blockers(self.object, request.user)
        if self.object.state not in LIVE:
            raise Refused(reasons, subject=self.object)
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Tell the form who asks."""
        return {**super().get_form_kwargs(), "asker": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the sums, the parts, the readers and what is in the way."""
        user = self.request.user
        blockers = ask_blockers(self.object, user)
        return super().get_context_data(**ask_page(self.object, user), blockers=blockers, **kwargs)

    def get_success_url(self) -> str:
        """Lead to the request."""
        return Ending.objects.filter(grant=self.object).latest("ordinal").get_absolute_url()


class SuspendView(ReasonView):
    """Suspend a grant: first the money and what stops meanwhile, then the reason."""

    step = "suspend"
    template_name = "grants/endings/suspend.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the sums, what stops and what stays, and who is notified."""
        return super().get_context_data(**suspend_page(self.object, self.request.user), **kwargs)


class EndingPage(PageMixin):
    """Finds an ending by its number."""

    model: type[Any] = Ending
    lookup = "number"
    permission_required = "grants.view_ending"

    def get_queryset(self) -> Any:
        """Return what this user may see, with what a page shows."""
        return Ending.objects.visible_to(self.request.user).for_page()


class EndingView(EndingPage, DetailView[Ending]):
    """One request: the letter, the sums as they stand, what the director decides; afterwards what came back."""

    template_name = "grants/endings/ending.html"
    permission_required = "grants.list_grants"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what this user may do, and what is in the way."""
        ending, user = self.object, self.request.user
        waits = ending.state == Ending.State.AWAITING_SIGNATURE
        signs = waits and user.has_perm("grants.sign_ending", ending)
        blockers = [*ending.signing_blockers(user), *moved_since(ending)] if signs else []
        return super().get_context_data(
            **ending_page(ending, user),
            waits=waits,
            signs=signs,
            blockers=blockers,
            stale=moved_since(ending) if waits and not signs else [],
            **(ways(user, ending.letter, at_name=is_at_name(self.request)) if signs else {}),
            **kwargs,
        )


class EndingReasonView(ReasonStep, EndingPage):
    """A step of a request that asks for a reason."""

    form_class = EndingReasonForm
    template_name = "grants/endings/reason.html"
    words = STEPS

    def get_object(self, queryset: Any = None) -> Any:
        """Return the ending when this user may take this step."""
        return self._to_write_off(queryset) if self.step == "write_off" else super().get_object(queryset)

    def _to_write_off(self, queryset: Any) -> Any:
        self.permission_required = "grants.write_off_return"
        return PageMixin.get_object(self, queryset)

    def blockers(self) -> Any:
        """Return what is in the way."""
        return return_blockers(self.object) if self.step == "write_off" else transition_blockers(self.object, self.step)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Name the request and its grant."""
        left = outstanding_minor(self.object) if self.step == "write_off" else 0
        return super().get_context_data(ending=self.object, grant=self.object.grant, left_minor=left, **kwargs)


class ReturnView(EndingPage, ActionFormView):
    """Record money that the partner sent back."""

    form_class = ReturnForm
    template_name = "grants/endings/returned.html"
    permission_required = "grants.record_return"
    success_message = "The money is recorded as returned."

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the page. Raises Refused where nothing is left to return."""
        if reasons := return_blockers(self.object):
            raise Refused(reasons, subject=self.object)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what is left."""
        left = outstanding_minor(self.object)
        return super().get_context_data(ending=self.object, grant=self.object.grant, left_minor=left, **kwargs)

    def get_success_url(self) -> str:
        """Return the page of the ending."""
        return str(self.object.get_absolute_url())


class LetterView(EndingPage, View):
    """The closing letter: the sealed file when there is one, else the one that the director confirms."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ARG002 Django's signature
        """Serve it as an attachment, or in the viewer with ``?view``."""
        letter = self.get_object().letter
        stored = letter.sealed_file or letter.signed_file
        if stored is None:
            raise Http404
        return serve_stored(request, stored, filename=letter.canonical_name, inline="view" in request.GET)


class _EndPage(GrantPage, ActionFormView):
    """A page that says what happens when a grant reaches its good end."""

    step = ""

    def blockers(self) -> Any:
        """Return what is in the way."""
        return transition_blockers(self.object, self.step)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the sums and what is in the way."""
        money = ending_money(self.object)
        return super().get_context_data(grant=self.object, money=money, blockers=self.blockers(), **kwargs)

    def get_success_url(self) -> str:
        """Return the grant's page."""
        return str(self.object.get_absolute_url())


class FinishView(_EndPage):
    """Complete a grant."""

    form_class = FinishForm
    template_name = "grants/endings/complete.html"
    permission_required = "grants.complete_grant"
    success_message = "The grant is complete. The partner is notified."
    step = "complete"

    def blockers(self) -> Any:
        """Return everything that is still open."""
        here = transition_blockers(self.object, self.step)
        return finish_blockers(self.object) if self.object.state == Grant.State.IN_FORCE else here


class CloseFileView(_EndPage):
    """Close the file of a completed grant."""

    form_class = CloseFileForm
    template_name = "grants/endings/close.html"
    permission_required = "grants.close_grant"
    success_message = "The file is closed."
    step = "close"
