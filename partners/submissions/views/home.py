"""The partner's home, and the start of an application."""

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.generic import FormView, TemplateView

from partners.checklists.models import ChecklistVersion
from partners.organisations.models import Organisation
from partners.places.countries import country_name
from partners.programmes.forms import prescreen_initial
from partners.programmes.models import Programme
from partners.programmes.views import KEPT_ANSWERS
from partners.submissions import progress
from partners.submissions.forms import StartForm
from partners.submissions.models import Submission
from partners.submissions.next import next_about, waiting_about
from partners.vault.shelf import NEEDS_YOU, shelf
from vetting_portal.clock import shown
from vetting_portal.models import User
from vetting_portal.navigation import notices_for, outcome_for
from vetting_portal.views.base import add_errors

ROWS_SHOWN = 4


def greeting(hour: int) -> str:
    """Return the words for the time of day."""
    if 5 <= hour < 12:  # noqa: PLR2004 hours of the clock
        return "Good morning"
    return "Good afternoon" if 12 <= hour < 18 else "Good evening"  # noqa: PLR2004 hours of the clock


class HomeView(TemplateView):
    """Says to a partner what is to be done next."""

    template_name = "partners/submissions/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the organisation, its submission in hand, and what is next for it."""
        organisations = list(Organisation.objects.of_member(self.request.user))
        chosen = self.request.GET.get("organisation", "")
        found = [organisation for organisation in organisations if str(organisation.pk) == chosen]
        organisation = next(iter(found or organisations), None)
        context: dict[str, Any] = {
            "organisations": organisations,
            "organisation": organisation,
            "greeting": greeting(shown(timezone.now()).hour),
        }
        if organisation is not None:
            context |= home_of(organisation, self.request.user)
        return super().get_context_data(**context, **kwargs)


def home_of(organisation: Organisation, user: User) -> dict[str, Any]:
    """Return what a partner's home says of one organisation: its papers, its applications, the open calls."""
    mine = list(Submission.objects.of_organisation(organisation))
    in_hand = min(mine, key=lambda s: (s.missed_its_call, not s.is_editable), default=None)
    checklist = ChecklistVersion.objects.current()
    criteria = list(checklist.criteria.all()) if checklist else []
    rows = shelf(organisation.papers.for_vault(), criteria, timezone.localdate())
    context: dict[str, Any] = {
        "country": country_name(organisation.country),
        "notices": notices_for(user, organisation),
        "submission": in_hand,
        "others": [submission for submission in mine if submission is not in_hand],
        "papers_total": len(rows),
        "papers_need": [row for row in rows if row.group == NEEDS_YOU][:ROWS_SHOWN],
        "accepted": sum(1 for row in rows if row.group == "accepted"),
        "checking": sum(1 for row in rows if row.group == "checking"),
        "open_calls": [call for call in Programme.objects.published().for_list()[:20] if call.is_open],
    }
    return context | what_waits(organisation, in_hand, user)


def what_waits(organisation: Organisation, submission: Submission | None, user: User) -> dict[str, Any]:
    """Return the box "next", the duties after it, and how far the application in hand is."""
    waiting = waiting_about(user, organisation)
    if submission is None:
        return {"duties": waiting.mine[:ROWS_SHOWN], "many": len(waiting.mine)}
    is_writing = submission.is_editable and not submission.missed_its_call
    sections = progress.section_steps(submission) if is_writing else []
    rest = progress.rest_steps(submission) if is_writing else []
    done = [step for step in sections if step.state == "done"]
    return {
        "next": next_about(user, submission, waiting, [*sections, *rest]),
        "is_writing": is_writing,
        "duties": waiting.mine[:ROWS_SHOWN] if submission.missed_its_call else waiting.mine[1 : ROWS_SHOWN + 1],
        "many": len(waiting.mine),
        "open_steps": [step for step in [*sections, *rest] if step.state != "done"],
        "done_steps": done,
        "sections_done": len(done),
        "sections_total": len(sections),
        "journey": progress.journey(submission, is_over=bool(outcome_for(user, submission))),
        "saved_at": max((answer.saved_at for answer in submission.answers.all()), default=None),
    }


class StartView(FormView[StartForm]):
    """Asks the first questions once more, with what was answered before, and starts the application."""

    form_class = StartForm
    template_name = "partners/submissions/start.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Pick the call; who has no organisation yet makes one first."""
        self.programme = get_object_or_404(Programme.objects.visible_to(request.user), slug=kwargs["slug"])
        self.organisations = Organisation.objects.of_member(request.user)
        if not self.organisations.exists():
            target = urlencode({"next": request.path})
            return HttpResponseRedirect(f"{reverse('partners:organisation_create')}?{target}")
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Hand call, organisations and earlier answers to the form."""
        kept = self.request.session.get(KEPT_ANSWERS, {}).get(self.programme.slug, {})
        return {
            **super().get_form_kwargs(),
            "programme": self.programme,
            "organisations": self.organisations,
            "initial": prescreen_initial(kept, self.programme.currency),
        }

    def form_valid(self, form: StartForm) -> HttpResponse:
        """Start it; a refusal becomes the 409 page with its reasons."""
        try:
            submission = form.save(by=self.request.user)
        except ValidationError as error:
            add_errors(form, error)
            return self.form_invalid(form)
        return HttpResponseRedirect(submission.get_absolute_url())

    def form_invalid(self, form: StartForm) -> HttpResponse:
        """Show the form again, as 422."""
        response = super().form_invalid(form)
        response.status_code = 422
        return response
