"""The pages of holds: the list, one with counsel's checklist, and what is done about it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import DetailView, ListView, View

from partners.organisations.actions.holding import release_blockers
from partners.organisations.models import Hold, Organisation
from partners.organisations.models.holding import RELEASES_NEEDED
from reviews.holds.checklist import Item, checklist
from reviews.holds.forms import MessagesForm, PlaceForm, ReleaseForm, StepForm
from reviews.holds.models import CounselStep
from reviews.holds.queries import case_of, hit_of, waiting_messages
from vetting_portal.files import serve_stored
from vetting_portal.models import AuditEntry
from vetting_portal.views.base import PER_PAGE, ActionFormView, PageMixin, RoleMixin
from vetting_portal.workflow import Refused

EVENTS = (
    "held", "release_given", "released", "counsel_step", "message_held", "held_messages_sent",
    "held_messages_discarded", "screened",
)  # fmt: skip


class HoldListView(RoleMixin, ListView[Hold]):
    """Every hold: those of now first, each with what its checklist asks for next."""

    permission_required = "reviews.view_holds"
    template_name = "reviews/holds/list.html"
    paginate_by = PER_PAGE

    def get_queryset(self) -> Any:
        """Return what this user may know, with the checklists."""
        return Hold.objects.visible_to(self.request.user).for_list().prefetch_related("steps")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what is due next for each."""
        context = super().get_context_data(**kwargs)
        return {**context, "cases": [case_of(hold) for hold in context["object_list"]]}


class HoldPage(PageMixin):
    """A page about one hold; who may do something about it is asked of its organisation."""

    model = Hold
    asks = "reviews.view_holds"

    def get_queryset(self) -> Any:
        """Return what this user may know, with the people behind it."""
        return Hold.objects.visible_to(self.request.user).select_related("organisation", "placed_by", "released_by")

    def get_object(self, queryset: Any = None) -> Any:
        """Return the hold. Raises Http404 when it is not visible, PermissionDenied where the right is missing."""
        hold = super().get_object(queryset)
        if not self.request.user.has_perm(self.asks, hold.organisation):
            raise PermissionDenied(self.asks)
        return hold


class HoldView(HoldPage, DetailView[Hold]):
    """One hold: why, what it stops, counsel's checklist, the words to release it."""

    template_name = "reviews/holds/hold.html"
    context_object_name = "hold"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the checklist, the words given so far, and what this user may do."""
        hold, user = self.object, self.request.user
        return super().get_context_data(
            case=case_of(hold),
            hit=hit_of(hold),
            releases=hold.releases.select_related("given_by"),
            needed=RELEASES_NEEDED,
            steps=hold.steps.select_related("recorded_by"),
            submissions=hold.organisation.submissions.visible_to(user).order_by("-pk")[:10],
            held_messages=waiting_messages(user, hold),
            trail=AuditEntry.objects.about(hold.organisation).filter(event__in=EVENTS),
            may_step=user.has_perm("reviews.do_counsel_step", hold.organisation),
            may_release=user.has_perm("partners.release_hold", hold.organisation),
            may_send=user.has_perm("partners.handle_held_messages", hold.organisation),
            release_blockers=release_blockers(hold, user),
            **kwargs,
        )


class HoldFormView(HoldPage, ActionFormView):
    """A form about one hold; it leads back to its page."""

    def get_success_url(self) -> str:
        """Return to the hold."""
        return reverse("reviews:hold", args=[self.object.pk])


class ReleaseView(HoldFormView):
    """Takes one of the two words that release a hold, on a page of its own."""

    asks = "partners.release_hold"
    form_class = ReleaseForm
    template_name = "reviews/holds/release.html"
    success_message = "Your word is recorded."

    def get_object(self, queryset: Any = None) -> Any:
        """Return the hold to who can give a word now. Raises Refused with why not."""
        hold = super().get_object(queryset)
        if reasons := release_blockers(hold, self.request.user):
            raise Refused(reasons, title="You cannot release this hold", subject=hold.organisation)
        return hold

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the words given so far."""
        given = self.object.releases.select_related("given_by")
        return super().get_context_data(releases=given, hit=hit_of(self.object), **kwargs)


class StepView(HoldFormView):
    """Takes what was done for one line of counsel's checklist."""

    asks = "reviews.do_counsel_step"
    form_class = StepForm
    template_name = "reviews/holds/step.html"
    success_message = "Recorded."

    @cached_property
    def item(self) -> Item:
        """The line. Raises Http404 for one that this hold does not ask for."""
        asked = (self.kwargs["kind"], self.kwargs.get("year"))
        found = [item for item in checklist(self.object) if (item.kind, item.year) == asked]
        if not found:
            raise Http404
        return found[0]

    def get_form_kwargs(self) -> dict[str, Any]:
        """Hand the line to the form."""
        return {**super().get_form_kwargs(), "item": self.item}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the line."""
        return super().get_context_data(item=self.item, **kwargs)


class StepPaperView(PageMixin, View):
    """Serves the paper of a step."""

    model = CounselStep
    permission_required = "reviews.view_holds"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:  # noqa: ARG002 picked by get_object
        """Send the file. Raises Http404 where none was recorded."""
        step = self.get_object()
        if step.paper is None:
            raise Http404
        return serve_stored(request, step.paper, filename=step.paper_name)


class OrganisationFormView(ActionFormView):
    """A form about an organisation that is, was, or is to be held."""

    model = Organisation

    def get_success_url(self) -> str:
        """Go to its newest hold, else to its screening."""
        newest = self.object.holds.order_by("-pk").first()
        if newest is None:
            return reverse("reviews:organisation_screening", args=[self.object.pk])
        return reverse("reviews:hold", args=[newest.pk])


class PlaceView(OrganisationFormView):
    """Places a hold at counsel's word, on a page of its own."""

    permission_required = "partners.release_hold"
    form_class = PlaceForm
    template_name = "reviews/holds/place.html"
    success_message = "Everything of this organisation is held."


class MessagesView(OrganisationFormView):
    """Decides about the messages that waited: each one goes or never goes, by a person's choice."""

    permission_required = "partners.handle_held_messages"
    form_class = MessagesForm
    template_name = "reviews/holds/messages.html"
    success_message = "Done. The others still wait."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add why nothing can go yet, and the messages."""
        return super().get_context_data(
            blockers=self.object.hold_blockers(), held_messages=self.object.held_messages.waiting(), **kwargs
        )
