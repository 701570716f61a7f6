"""The calls in public, the pre-screen, and a call's making by programme officers."""

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.generic import DetailView, FormView, ListView, TemplateView, View

from partners.checklists.models import ChecklistVersion
from partners.programmes.actions import adopt_shipped_questions, call_blockers, no_checklist, publish_programme
from partners.programmes.forms import PrescreenForm, ProgrammeForm, prescreen_initial
from partners.programmes.models import Programme, Questionnaire, shipped_questions
from partners.programmes.prescreening import preferences, prescreen
from vetting_portal.navigation import links_for
from vetting_portal.views.base import PER_PAGE, ActionFormView, ConfirmMixin, RoleMixin, TransitionView, add_errors
from vetting_portal.workflow import Refused

KEPT_ANSWERS = "prescreen"


@method_decorator(login_not_required, name="dispatch")
class ProgrammeListView(ListView[Programme]):
    """Lists the calls."""

    template_name = "partners/programmes/list.html"
    paginate_by = PER_PAGE

    def get_queryset(self) -> QuerySet[Programme]:
        """Return what the visitor may read."""
        return Programme.objects.visible_to(self.request.user).for_list()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add whether the visitor may make one."""
        user = self.request.user
        may_change = user.is_authenticated and user.has_perm("partners.change_programme")
        return super().get_context_data(may_change=may_change, **kwargs)


@method_decorator(login_not_required, name="dispatch")
class ProgrammeView(DetailView[Programme]):
    """Shows one call."""

    template_name = "partners/programmes/programme.html"
    context_object_name = "programme"

    def get_queryset(self) -> QuerySet[Programme]:
        """Return what the visitor may read."""
        return Programme.objects.visible_to(self.request.user).select_related("checklist", "questionnaire")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the sections it asks and whether the visitor may change it."""
        user = self.request.user
        may_change = user.is_authenticated and user.has_perm("partners.change_programme", self.object)
        return super().get_context_data(
            sections=self.object.questionnaire.sections.order_by("position"),
            may_change=may_change,
            links=links_for(user, self.object) if user.is_authenticated else [],
            open_blockers=self.object.open_blockers(),
            publish_blockers=self.object.publish_blockers() if may_change else [],
            **kwargs,
        )


@method_decorator(login_not_required, name="dispatch")
class PrescreenView(FormView[PrescreenForm]):
    """Asks the first questions and answers at once; nothing is stored but in the visitor's own session."""

    form_class = PrescreenForm
    template_name = "partners/programmes/prescreen.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Pick the call first."""
        self.programme = get_object_or_404(Programme.objects.visible_to(request.user), slug=kwargs["slug"])
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Hand the call to the form, with what was answered before."""
        kept = self.request.session.get(KEPT_ANSWERS, {}).get(self.programme.slug, {})
        initial = prescreen_initial(kept, self.programme.currency)
        return {**super().get_form_kwargs(), "programme": self.programme, "initial": initial}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the call."""
        return super().get_context_data(programme=self.programme, **kwargs)

    def form_valid(self, form: PrescreenForm) -> HttpResponse:
        """Answer on the same page, and remember what was said for the application."""
        answers = form.answers()
        kept = self.request.session.get(KEPT_ANSWERS, {})
        self.request.session[KEPT_ANSWERS] = {**kept, self.programme.slug: answers.as_record()}
        reasons = prescreen(answers, self.programme, today=timezone.localdate())
        context = self.get_context_data(
            form=form,
            answered=True,
            reasons=[*self.programme.open_blockers(), *reasons],
            preferences=preferences(answers, self.programme),
        )
        return self.render_to_response(context)

    def form_invalid(self, form: PrescreenForm) -> HttpResponse:
        """Show the form again, as 422."""
        response = super().form_invalid(form)
        response.status_code = 422
        return response


class QuestionsView(RoleMixin, TemplateView):
    """The questions that calls ask; before any are adopted, those that the portal ships with."""

    permission_required = "partners.view_questions"
    template_name = "partners/programmes/questions.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the questions by section, and whether they can be adopted now."""
        adopted = Questionnaire.objects.filter(published_at__isnull=False).order_by("-published_at").first()
        asked = adopted.asked() if adopted else shipped_questions()
        sections = [(page, list(rows)) for page, rows in groupby(asked, key=lambda question: question.section)]
        has_checklist = ChecklistVersion.objects.current() is not None
        return super().get_context_data(
            adopted=adopted,
            sections=sections,
            blockers=[] if has_checklist else [no_checklist()],
            may_adopt=self.request.user.has_perm("partners.change_programme"),
            **kwargs,
        )


class AdoptQuestionsView(RoleMixin, View):
    """The button that adopts the shipped questions."""

    permission_required = "partners.change_programme"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Adopt them; Refused becomes the 409 page."""
        adopt_shipped_questions(by=request.user)
        messages.success(request, "The questions are adopted. You can make your first call.")
        return redirect("partners:questions")


class CreateView(RoleMixin, FormView[ProgrammeForm]):
    """Makes a call."""

    permission_required = "partners.change_programme"
    form_class = ProgrammeForm
    template_name = "partners/programmes/edit.html"

    def get_form(self, form_class: type[ProgrammeForm] | None = None) -> ProgrammeForm:
        """Return the form. Raises Refused while the checklist or the questions are not adopted."""
        if reasons := call_blockers():
            raise Refused(reasons, title="You cannot make a call yet")
        return super().get_form(form_class)

    def form_valid(self, form: ProgrammeForm) -> HttpResponse:
        """Run the action; what it refuses goes back to its field."""
        try:
            self.programme = form.save(by=self.request.user)
        except ValidationError as error:
            add_errors(form, error)
            return self.form_invalid(form)
        messages.success(self.request, "The call was made. Publish it when it is right.")
        return super().form_valid(form)

    def form_invalid(self, form: ProgrammeForm) -> HttpResponse:
        """Show the form again, as 422."""
        response = super().form_invalid(form)
        response.status_code = 422
        return response

    def get_success_url(self) -> str:
        """Return the address of the new call."""
        return self.programme.get_absolute_url()


class ChangeView(ActionFormView):
    """Changes a call."""

    model = Programme
    lookup = "slug"
    permission_required = "partners.change_programme"
    form_class = ProgrammeForm
    template_name = "partners/programmes/edit.html"
    success_message = "Saved."

    def get_success_url(self) -> str:
        """Return to the call."""
        return str(self.object.get_absolute_url())


class PublishView(ConfirmMixin, TransitionView):
    """Publishes a call, after a page that says what happens then."""

    question = "Publish this call?"
    consequence = (
        "Everybody can read the call, and apply while it is open. Its dates can still be changed; it cannot be taken "
        "off the list again."
    )
    confirm_label = "Publish call"
    confirm_kind = "go"

    model = Programme
    lookup = "slug"
    permission_required = "partners.change_programme"
    action = publish_programme
    argument = "programme"
    success_message = "The call is published."
