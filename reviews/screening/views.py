"""The pages of screening: what waits, an organisation's names, a candidate beside our record."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.generic import DetailView, FormView, ListView, View

from partners.organisations.models import Organisation
from reviews.screening.actions import screen_organisation, seen_token
from reviews.screening.comparison import compare, shown_entry
from reviews.screening.forms import DecisionForm
from reviews.screening.importing import ImportForm
from reviews.screening.models import Rescreening, SanctionsList, Screening, ScreeningHit
from reviews.screening.rescreening import rescreen_blockers, start_rescreening
from reviews.screening.search import current_index
from reviews.screening.status import list_blockers, screening_status
from reviews.screening.subjects import subjects_of
from vetting_portal.models import AuditEntry
from vetting_portal.views.base import PER_PAGE, ActionFormView, PageMixin, RoleMixin, TransitionView, add_errors


class ScreeningListView(RoleMixin, ListView[ScreeningHit]):
    """Every candidate, those that wait for a decision first; and how old the lists are."""

    permission_required = "reviews.view_screening"
    template_name = "reviews/screening/list.html"
    paginate_by = PER_PAGE

    def get_queryset(self) -> Any:
        """Return what this user may see."""
        return ScreeningHit.objects.visible_to(self.request.user).for_list()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the lists and what is wrong with them."""
        context = super().get_context_data(**kwargs)
        user = self.request.user
        lists = list(SanctionsList.objects.visible_to(user).current())
        latest = Rescreening.objects.visible_to(user).select_related("started_by").first()
        return {
            **context,
            "lists": lists,
            "list_blockers": list_blockers(lists),
            "rescreening": latest,
            "rescreen_blockers": rescreen_blockers(latest, lists),
            "may_import": user.has_perm("reviews.import_list"),
            "may_rescreen": user.has_perm("reviews.rescreen"),
            "open_count": sum(hit.is_open for hit in context["object_list"]),
        }


class ImportView(RoleMixin, FormView[ImportForm]):
    """The page on which an administrator imports a sanctions list."""

    permission_required = "reviews.import_list"
    form_class = ImportForm
    template_name = "reviews/screening/import.html"

    def form_valid(self, form: ImportForm) -> HttpResponse:
        """Read the list to its end, then make it the current one; what is wrong goes beside its field."""
        try:
            made, is_new = form.save(by=self.request.user)
        except ValidationError as error:
            add_errors(form, error)
            return self.form_invalid(form)
        told = f"{made.get_source_display()}: {made.entry_count:,} entries, {made.name_count:,} names"
        messages.success(self.request, f"{told} imported." if is_new else f"{told}. This list was imported before.")
        return redirect(f"{reverse('reviews:screening')}#lists")

    def form_invalid(self, form: ImportForm) -> HttpResponse:
        """Show the form again, as 422."""
        response = super().form_invalid(form)
        response.status_code = 422
        return response


class RescreenView(RoleMixin, View):
    """The button that screens every known name again, in the background."""

    permission_required = "reviews.rescreen"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Start, then show how far it is."""
        begun = start_rescreening(by=request.user)
        messages.success(
            request, f"The names of {begun.total} organisations are being screened. You can leave this page."
        )
        return redirect("reviews:screening")


class OrganisationScreeningView(PageMixin, DetailView[Organisation]):
    """The names of one organisation, the last run and every candidate."""

    model = Organisation
    permission_required = "reviews.view_screening"
    template_name = "reviews/screening/organisation.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add names, runs, candidates and how the organisation stands."""
        organisation = self.object
        status = screening_status(organisation)
        return super().get_context_data(
            status=status,
            subjects=subjects_of(organisation),
            list_blockers=list_blockers(),
            hits=ScreeningHit.objects.visible_to(self.request.user).of_organisation(organisation).with_current_entry(),
            runs=Screening.objects.visible_to(self.request.user)
            .filter(organisation=organisation)
            .select_related("screened_by")[:10],
            submissions=organisation.submissions.visible_to(self.request.user).order_by("-pk")[:10],
            may_hold=self.request.user.has_perm("partners.release_hold", organisation),
            may_screen=self.request.user.has_perm("reviews.screen_organisation", organisation),
            **kwargs,
        )


class ScreenOrganisationView(TransitionView):
    """The button that screens an organisation's names now."""

    model = Organisation
    permission_required = "reviews.screen_organisation"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Screen, then say what came of it."""
        organisation = self.get_object()
        current_index()
        run = screen_organisation(organisation=organisation, by=request.user)
        if run.new_count:
            messages.warning(request, f"{run.name_count} names screened: {run.new_count} new to decide.")
        else:
            messages.success(request, f"{run.name_count} names screened: nothing new.")
        return redirect("reviews:organisation_screening", organisation.pk)


class HitView(ActionFormView):
    """A candidate beside our record, and the decision."""

    model = ScreeningHit
    permission_required = "reviews.view_hit"
    form_class = DecisionForm
    template_name = "reviews/screening/hit.html"
    success_message = "Your decision is recorded."

    def get_queryset(self) -> Any:
        """Return what this user may see, with the people behind it."""
        return ScreeningHit.objects.visible_to(self.request.user).select_related(
            "organisation", "person", "bank", "decided_by", "asked_by", "found_in"
        )

    def get_initial(self) -> dict[str, Any]:
        """Mark what the page shows, so that a decision is about what was seen."""
        return {"seen": seen_token(self.object)}

    def form_valid(self, form: Any) -> HttpResponse:
        """Carry the decision out; that it is the same asks once more, on a page that says what happens then."""
        given = form.cleaned_data
        if given["decision"] != "confirm" or "sure" in self.request.POST:
            return super().form_valid(form)
        return ask_again(self.request, self.object, given)

    def get_success_url(self) -> str:
        """Go to the next candidate of this organisation, else to its page."""
        hits = ScreeningHit.objects.of_organisation(self.object.organisation).with_current_entry()
        waiting = next((hit for hit in hits if hit.is_open and hit.pk != self.object.pk), None)
        if waiting:
            return waiting.get_absolute_url()
        return reverse("reviews:organisation_screening", args=[self.object.organisation_id])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the comparison, its history and its neighbours."""
        return super().get_context_data(**hit_context(self.object, self.request.user), **kwargs)


def ask_again(request: HttpRequest, hit: ScreeningHit, given: dict[str, Any]) -> HttpResponse:
    """Return the page that says what happens when it is the same; its button sends what was ``given`` once more."""
    words = {
        "question": "Is it really the same?",
        "about": f"{hit.our_name} beside {hit.listed_name}",
        "consequence": (
            "Everything about this organisation is held at once: its application, every payment, every automatic "
            "message. The directors are notified. Only two people together release it."
        ),
        "label": "Yes, it is the same",
    }
    fields = {name: given[name] for name in ("decision", "reason", "seen")} | {"sure": "1"}
    back = hit.get_absolute_url()
    return render(request, "confirm.html", {**words, "fields": fields, "back": back, "blockers": []})


def hit_context(hit: ScreeningHit, user: Any) -> dict[str, Any]:
    """Return what the page of a candidate shows besides the form."""
    entry = hit.entry_now()
    shown = shown_entry(hit, entry)
    ids = [other.pk for other in ScreeningHit.objects.of_organisation(hit.organisation)]
    return {
        "lines": compare(hit, shown),
        "has_left_the_list": entry is None,
        "entry": shown,
        "place": ids.index(hit.pk) + 1 if hit.pk in ids else 0,
        "total": len(ids),
        "trail": AuditEntry.objects.about(hit),
        "may_decide": user.has_perm("reviews.decide_hit", hit),
    }
