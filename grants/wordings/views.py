"""The pages of the agreement's wording: versions to read and to lay side by side, and a draft to change and publish."""

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.generic import DetailView, ListView, TemplateView, View

from grants.wordings.actions import (
    discard_wording,
    move_passage,
    publish_wording,
    put_back_passage,
    remove_passage,
    start_wording,
)
from grants.wordings.catalogue import GROUPS, TEXTS, VALUES
from grants.wordings.comparing import compare, places_of
from grants.wordings.forms import CompareForm, PassageForm, PlaceholdersForm
from grants.wordings.models import Passage, WordingVersion
from grants.wordings.problems import BODY, KIND_WORDS, Problem, numbered
from vetting_portal.models import User
from vetting_portal.views.base import PER_PAGE, ActionFormView, PageMixin, RoleMixin, TransitionView
from vetting_portal.workflow import Refused

MOVES = {"up", "down", "remove"}
ADDED = ("highlight", "part", "clause", "certification")


class WordingPage(PageMixin):
    """Finds a version of the wording by its name."""

    model = WordingVersion
    lookup = "name"
    permission_required = "grants.view_wording"

    def get_queryset(self) -> QuerySet[Any]:
        """Return what this user may see, with the people that the pages name."""
        visible = WordingVersion.objects.visible_to(self.request.user)
        return visible.select_related("copied_from", "created_by", "changed_by", "published_by")


def groups_of(rows: list[Passage], problems: dict[int | None, list[Problem]] | None = None) -> list[dict[str, Any]]:
    """Return the passages as a page shows them: highlights, parts with clauses, certifications, the named texts."""
    numbers = numbered([one for one in rows if one.kind in BODY])
    shown: dict[str, list[dict[str, Any]]] = defaultdict(list)
    strands = {kind: [one.pk for one in rows if kind in one.strand] for kind in KIND_WORDS}
    for one in rows:
        title = TEXTS[one.key].group if one.kind == "named" and one.key in TEXTS else one.kind
        shown["part" if title == "clause" else title].append(
            {
                "passage": one,
                "number": numbers.get(one.pk, ""),
                "problems": (problems or {}).get(one.pk, []),
                "is_first": strands[one.kind][0] == one.pk,
                "is_last": strands[one.kind][-1] == one.pk,
            }
        )
    fixed = [(name, name, "") for name in GROUPS]
    names = [("highlight", "Highlights", "highlight"), ("part", "Clauses", "clause")]
    names += [("certification", "Certifications (Schedule H)", "certification"), *fixed]
    return [{"title": title, "adds": adds, "rows": shown[key]} for key, title, adds in names]


class WordingListView(RoleMixin, ListView[WordingVersion]):
    """Every version, the newest first."""

    template_name = "grants/wordings/list.html"
    permission_required = "grants.list_wordings"
    paginate_by = PER_PAGE

    def get_queryset(self) -> Any:
        """Return what this user may see."""
        return WordingVersion.objects.visible_to(self.request.user).for_list()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the version in use and the open draft."""
        found = super().get_context_data(**kwargs)
        versions = list(found["object_list"])
        current = WordingVersion.objects.published().first()
        draft = next((one for one in versions if not one.is_published), None)
        return found | {"current": current, "draft": draft}


class WordingView(WordingPage, DetailView[WordingVersion]):
    """One version whole, as counsel reads it."""

    template_name = "grants/wordings/wording.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add its texts, its placeholders with what they mean, and which version is in use."""
        values = [
            {"name": name, "type": kind, "meaning": VALUES[name].meaning if name in VALUES else ""}
            for name, kind in sorted(self.object.placeholders.items())
        ]
        return super().get_context_data(
            wording=self.object,
            groups=groups_of(self.object.rows()),
            values=values,
            current=WordingVersion.objects.published().first(),
            draft=WordingVersion.objects.drafts().first(),
            **kwargs,
        )


class CompareView(RoleMixin, TemplateView):
    """Lays two versions side by side; without a choice the newest beside the one it was copied from."""

    template_name = "grants/wordings/compare.html"
    permission_required = "grants.list_wordings"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the two versions and what differs."""
        visible = WordingVersion.objects.visible_to(self.request.user).for_list()
        newest = visible.first()
        before = newest.copied_from if newest and newest.copied_from else newest
        usual = {"older": before and before.name, "newer": newest and newest.name}
        chosen = {name: self.request.GET.get(name) or value for name, value in usual.items()}
        form = CompareForm(chosen, versions=visible)
        older, newer = (form.cleaned_data["older"], form.cleaned_data["newer"]) if form.is_valid() else (None, None)
        found = compare(older, newer) if older and newer else None
        return super().get_context_data(form=form, older=older, newer=newer, found=found, **kwargs)


class StartView(WordingPage, TransitionView):
    """Starts a new version as a copy."""

    permission_required = "grants.change_wording"
    action = staticmethod(start_wording)
    argument = "wording"
    success_message = "A new version was started. The old one stays in use until the new one is published."

    def get_success_url(self, found: Any) -> str:
        """Return the address of the draft."""
        draft = WordingVersion.objects.drafts().first()
        return draft.get_draft_url() if draft else str(found.get_absolute_url())


class DraftPage(WordingPage):
    """A page of a draft: what is published says so instead."""

    permission_required = "grants.change_wording"

    def get_object(self, queryset: QuerySet[Any] | None = None) -> Any:
        """Return the draft. Raises Refused once it is published."""
        found = super().get_object(queryset)
        if found.is_published:
            raise Refused(found.publish_blockers(), subject=found)
        return found


class DraftView(DraftPage, View):
    """A draft whole: its texts in order, what is missing at each, and what keeps it from being published."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Show it."""
        draft = self.get_object()
        problems: dict[int | None, list[Problem]] = defaultdict(list)
        for problem in draft.problems():
            problems[problem.pk].append(problem)
        rows = draft.rows()
        kept = {one.lineage for one in rows}
        source = draft.copied_from.rows() if draft.copied_from else []
        places = places_of(source)
        removed = [{"passage": one, "place": places[one.pk]} for one in source if one.lineage not in kept]
        context = {
            "draft": draft,
            "groups": groups_of(rows, problems),
            "removed": removed,
            "blockers": draft.release_blockers(request.user),
            "editors": User.objects.filter(pk__in=draft.editor_ids()).order_by("name"),
        }
        return render(request, "grants/wordings/draft.html", context)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Move a passage, or take it out."""
        draft = self.get_object()
        what, _, key = request.POST.get("do", "").partition(":")
        passage = draft.passages.filter(pk=int(key[:10])).first() if key.isdecimal() else None
        if what not in MOVES or passage is None:
            messages.warning(request, "This text is not in the draft any more.")
        elif what == "remove":
            try:
                remove_passage(passage=passage, by=request.user)
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
        else:
            move_passage(passage=passage, up=what == "up", by=request.user)
        return HttpResponseRedirect(f"{draft.get_draft_url()}#row-{key[:10]}")


class PassageView(DraftPage, ActionFormView):
    """Changes one text of a draft."""

    form_class = PassageForm
    template_name = "grants/wordings/passage.html"
    success_message = "Saved."
    passage: Passage | None = None

    def get_object(self, queryset: QuerySet[Any] | None = None) -> Any:
        """Return the draft, and pick its passage. Raises Http404 where it was taken out."""
        draft = super().get_object(queryset)
        self.passage = get_object_or_404(draft.passages.select_related("changed_by"), pk=self.kwargs["passage"])
        return draft

    @property
    def kind(self) -> str:
        """What kind of text the page is about."""
        return str(self.passage.kind if self.passage else self.kwargs["kind"])

    def get_form_kwargs(self) -> dict[str, Any]:
        """Hand the passage and its kind to the form."""
        return {**super().get_form_kwargs(), "kind": self.kind, "passage": self.passage}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add where it stands and which placeholders it may name."""
        declared = self.object.placeholders.items()
        place = places_of(self.object.rows()).get(self.passage.pk, "") if self.passage else ""
        return super().get_context_data(
            draft=self.object,
            passage=self.passage,
            kind=KIND_WORDS[self.kind],
            place=place,
            values=[{"name": name, "type": kind, "value": VALUES.get(name)} for name, kind in declared],
            **kwargs,
        )

    def get_success_url(self) -> str:
        """Go back to the draft, to the row."""
        return f"{self.object.get_draft_url()}#row-{self.passage.pk if self.passage else ''}"


class AddView(PassageView):
    """Adds a highlight, a part, a clause or a certification."""

    success_message = "Added."

    def get_object(self, queryset: QuerySet[Any] | None = None) -> Any:
        """Return the draft. Raises Http404 for what cannot be added."""
        draft = DraftPage.get_object(self, queryset)
        if self.kwargs["kind"] not in ADDED:
            raise Http404
        return draft


class PlaceholdersView(DraftPage, ActionFormView):
    """Says which placeholders the texts of a draft may name."""

    form_class = PlaceholdersForm
    template_name = "grants/wordings/placeholders.html"
    success_message = "Saved."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add everything that terms give."""
        values = [{"name": name, "value": value, "is_declared": name in self.object.placeholders}
                  for name, value in sorted(VALUES.items())]  # fmt: skip
        return super().get_context_data(draft=self.object, values=values, **kwargs)

    def get_success_url(self) -> str:
        """Stay on the page."""
        return reverse("grants:wording_placeholders", args=[self.object.name])


class PutBackView(DraftPage, TransitionView):
    """Puts a text back that was taken out."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Put it back, or say why not."""
        draft = self.get_object()
        try:
            put_back_passage(wording=draft, lineage=request.POST.get("lineage", "")[:40], by=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(draft.get_draft_url())


class DiscardView(DraftPage, View):
    """Throws a draft away, after a page that says what is lost."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Say what is lost."""
        draft = self.get_object()
        return render(request, "grants/wordings/discard.html", {"draft": draft, "found": _since(draft)})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Throw it away."""
        draft = self.get_object()
        discard_wording(wording=draft, by=request.user)
        messages.success(request, f"The draft of {draft.name} is thrown away. Nothing published changed.")
        return HttpResponseRedirect(reverse("grants:wordings"))


def _since(draft: WordingVersion) -> Any:
    """Return what a draft changes."""
    return compare(draft.copied_from, draft) if draft.copied_from else None


class PublishView(DraftPage, View):
    """Publishes a draft, after a page that shows what changes."""

    permission_required = "grants.publish_wording"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Show what changes and what is still in the way."""
        draft = self.get_object()
        context = {
            "draft": draft,
            "found": _since(draft),
            "older_name": draft.copied_from.short if draft.copied_from else "Before",
            "newer_name": draft.short,
            "blockers": draft.release_blockers(request.user),
        }
        return render(request, "grants/wordings/publish.html", context)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Publish it; Refused becomes the 409 page."""
        published = publish_wording(wording=self.get_object(), by=request.user)
        messages.success(request, f"{published} is published. Agreements frozen from now on are made from it.")
        return HttpResponseRedirect(published.get_absolute_url())
