"""The pages of a draft for programme officers and administrators, and of a call that takes a new version."""

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.generic import View

from partners.checklists.actions import discard_draft, move_criterion, put_back_criterion, remove_criterion
from partners.checklists.comparing import compare
from partners.checklists.models import ChecklistVersion, Criterion
from partners.checklists.problems import CONDITIONS, WHOLE, Problem
from partners.programmes.models import Programme
from partners.revisions.actions import publish_version
from partners.revisions.asking import switching_questions
from partners.revisions.forms import CriterionForm, MoveForm, WeightsForm, typed_in, typed_sum
from partners.revisions.releasing import CONTROL, draft_problems, release_blockers
from partners.submissions.models import Submission
from vetting_portal.views.base import ActionFormView, PageMixin, TransitionView
from vetting_portal.workflow import Blocker, Refused

MOVES = {"up", "down", "remove"}


class DraftMixin(PageMixin):
    """A page of a draft: what is published says so instead."""

    model = ChecklistVersion
    permission_required = "partners.change_checklist"

    def get_queryset(self) -> QuerySet[Any]:
        """Return what is visible, with the people and the version that the pages name."""
        return super().get_queryset().select_related("copied_from", "changed_by", "created_by")

    def get_object(self, queryset: QuerySet[Any] | None = None) -> Any:
        """Return the draft. Raises Refused once it is published."""
        found = super().get_object(queryset)
        if found.is_published:
            raise Refused(
                [Blocker("This version is published and never changes.", hint="Start a new version from it.")],
                subject=found,
            )
        return found


def sum_words(total: int) -> dict[str, Any]:
    """Return what stands at the foot of the weights."""
    left = WHOLE - total
    words = "exactly 100" if not left else f"{left} missing" if left > 0 else f"{-left} too many"
    return {"sum": total, "sum_words": words, "sum_is_whole": not left}


def draft_rows(draft: ChecklistVersion, form: WeightsForm) -> dict[str, Any]:
    """Return the criteria of a draft, each with its weight's field and its problems, and what was taken out."""
    found: dict[int | None, list[Problem]] = defaultdict(list)
    for problem in draft_problems(draft):
        found[problem.pk].append(problem)
    rows = [{"criterion": one, "field": form[f"weight_{one.pk}"], "problems": found[one.pk]} for one in form.criteria]
    kept = {one.lineage for one in form.criteria}
    source = draft.copied_from.rows() if draft.copied_from else []
    removed = [one for one in source if one.lineage not in kept]
    return {"rows": rows, "removed": removed, **sum_words(form.typed_sum())}


class DraftView(DraftMixin, ActionFormView):
    """A draft whole: its criteria in order, all weights with their sum, what is missing at each, and publishing."""

    form_class = WeightsForm
    template_name = "partners/revisions/draft.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the criteria with their problems, what was taken out, and what keeps it from being published."""
        context = super().get_context_data(**kwargs)
        blockers = release_blockers(self.object, self.request.user)
        return context | {**draft_rows(self.object, context["form"]), "blockers": blockers}

    def form_valid(self, form: Any) -> HttpResponse:
        """Save the weights; then move or take out a criterion, where its button was pressed."""
        response = super().form_valid(form)
        what, _, key = self.request.POST.get("do", "").partition(":")
        if response.status_code != HttpResponseRedirect.status_code or what not in MOVES or not key.isdecimal():
            return response
        return self.moved(what, key[:10])

    def moved(self, what: str, key: str) -> HttpResponse:
        """Move a criterion, or take it out."""
        criterion = Criterion.objects.filter(checklist=self.object, pk=int(key)).first()
        if criterion is None:
            messages.warning(self.request, "Somebody took this criterion out already.")
        elif what == "remove":
            remove_criterion(criterion=criterion, by=self.request.user)
            messages.success(self.request, f"{criterion.code} is out of this draft. You can put it back below.")
        else:
            move_criterion(criterion=criterion, up=what == "up", by=self.request.user)
        return HttpResponseRedirect(f"{self.object.get_draft_url()}#row-{key}")

    def get_success_url(self) -> str:
        """Stay on the page."""
        return f"{self.object.get_draft_url()}#sum"


class SumView(DraftMixin, View):
    """The sum of the weights as they are typed; nothing is saved."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Answer with the foot: the weights typed, the kept ones where none is typed."""
        draft = self.get_object()
        kept = {f"weight_{one.pk}": one.weight for one in draft.rows()}
        typed = request.GET.dict()
        if "weight" in typed:  # one criterion's own page: its weight in place of the kept one
            kept[f"weight_{typed.get('except', '')}"] = 0
        total = typed_sum(
            [*(kept | {name: typed[name] for name in kept if name in typed}).values(), typed.get("weight", 0)]
        )
        return render(request, "partners/revisions/sum.html", sum_words(total))


def missing_yet(draft: ChecklistVersion, pk: int | None, form: CriterionForm) -> dict[str, Any]:
    """Return what a criterion lacks before it can be published, by field, beside its anchors and conditions."""
    found: dict[str, list[Problem]] = defaultdict(list)
    for problem in draft_problems(draft) if pk else []:
        if problem.pk == pk:
            found[CONTROL.get(problem.field, problem.field)].append(problem)
    return {
        "problems": dict(found),
        "anchors": [(field, found[field.name]) for field in form.anchor_fields()],
        "conditions": {name: form.condition_fields(name) for name in CONDITIONS},
    }


class AddView(DraftMixin, ActionFormView):
    """Adds a criterion to a draft; drawn again, without saving, when another question or kind is chosen."""

    template_name = "partners/revisions/criterion.html"
    form_class = CriterionForm
    criterion: Criterion | None = None
    success_message = "The criterion was added at the end."

    def get_form_kwargs(self) -> dict[str, Any]:
        """Hand the criterion, its draft and the questions to the form."""
        draft = self.object
        kwargs = {**super().get_form_kwargs(), "record": self.criterion, "checklist": draft}
        kwargs["questions"] = switching_questions(draft)
        if "show" in self.request.POST:
            kwargs |= {"data": None, "files": None, "initial": typed_in(self.request.POST)}
        return kwargs

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Draw the form again, or save it."""
        if "show" in request.POST:
            return self.render_to_response(self.get_context_data())
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what is missing yet, by field, and the sum of the weights."""
        context = super().get_context_data(**kwargs)
        own = self.criterion.pk if self.criterion else None
        others = [one.weight for one in self.object.rows() if one.pk != own]
        total = typed_sum([*others, context["form"]["weight"].value()])
        missing = missing_yet(self.object, own if self.request.method == "GET" else None, context["form"])
        return context | {"criterion": self.criterion, **missing, **sum_words(total)}

    def get_success_url(self) -> str:
        """Go back to the draft."""
        return str(self.object.get_draft_url())


class CriterionView(AddView):
    """Changes one criterion of a draft."""

    success_message = "Saved."

    def get_object(self, queryset: QuerySet[Any] | None = None) -> Any:
        """Return the draft, and pick its criterion. Raises Refused where somebody took it out."""
        draft = super().get_object(queryset)
        rows = draft.criteria.select_related("checklist", "changed_by")
        self.criterion = rows.filter(pk=self.kwargs["criterion"]).first()
        if self.criterion is None:
            hint = "Somebody took it out. Put it back there; the Back of your browser shows what you typed."
            gone = Blocker("This criterion is not in the draft any more.", hint=hint, url=draft.get_draft_url())
            raise Refused([gone], subject=draft)
        return draft


class PutBackView(DraftMixin, TransitionView):
    """Puts a criterion back that was taken out."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Put it back, or say why not."""
        draft = self.get_object()
        try:
            put_back_criterion(checklist=draft, lineage=request.POST.get("lineage", "")[:32], by=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(draft.get_draft_url())


class DiscardView(DraftMixin, View):
    """Throws a draft away, after a page that says what is lost."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Say what is lost."""
        draft = self.get_object()
        before = draft.copied_from
        found = compare(before.rows() if before else [], draft.rows())
        return render(request, "partners/revisions/discard.html", {"draft": draft, "found": found})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Throw it away."""
        draft = self.get_object()
        discard_draft(checklist=draft, by=request.user)
        messages.success(request, f"The draft of version {draft.number} is thrown away. Nothing published changed.")
        return HttpResponseRedirect(reverse("partners:checklist"))


class PublishView(DraftMixin, View):
    """Publishes a draft, after a page that shows what changes."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Show what changes and what is still in the way."""
        draft = self.get_object()
        before = draft.copied_from
        context = {
            "draft": draft,
            "found": compare(before.rows() if before else [], draft.rows()),
            "older_name": before.short if before else "Before",
            "newer_name": draft.short,
            "blockers": release_blockers(draft, request.user),
            "programmes": Programme.objects.filter(checklist__name=draft.name).order_by("title"),
        }
        return render(request, "partners/revisions/publish.html", context)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Publish it; Refused becomes the 409 page."""
        published = publish_version(checklist=self.get_object(), by=request.user)
        messages.success(request, f"{published} is published. Calls keep their version until you move them.")
        return HttpResponseRedirect(published.get_absolute_url())


class MoveView(ActionFormView):
    """Lets a call's future applications be judged by another version."""

    model = Programme
    lookup = "slug"
    permission_required = "partners.change_programme"
    form_class = MoveForm
    template_name = "partners/revisions/move.html"
    success_message = "Applications that start from now on are judged by this version."

    def get_queryset(self) -> QuerySet[Any]:
        """Return what is visible, with its versions."""
        return super().get_queryset().select_related("checklist", "questionnaire__copied_from")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add how many applications keep their version."""
        context = super().get_context_data(**kwargs)
        started = Submission.objects.filter(programme=self.object, checklist=self.object.checklist)
        return context | {"started": started.count(), "offered": list(context["form"].fields["checklist"].queryset)}

    def get_success_url(self) -> str:
        """Return to the call."""
        return str(self.object.get_absolute_url())
