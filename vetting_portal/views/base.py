"""What the pages of every app have in common: the object that is yours, the permission, the one action."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.generic import FormView, View

from vetting_portal.workflow import Blocker, transition_blockers

PER_PAGE = 50


class PageMixin:
    """A page about one record: not visible to you is 404, not allowed to you is 403."""

    model: type[models.Model]
    permission_required = ""
    reading_permission = ""  # for who may look but not act: asked instead, where the page is only read
    lookup = "pk"
    request: HttpRequest
    kwargs: dict[str, Any]

    def get_queryset(self) -> models.QuerySet[Any]:
        """Return what this user may see."""
        return self.model._default_manager.visible_to(self.request.user)  # type: ignore[attr-defined]

    def get_object(self, queryset: models.QuerySet[Any] | None = None) -> Any:
        """Return the record. Raises Http404 when it is not visible, PermissionDenied when the permission is missing."""
        rows = self.get_queryset() if queryset is None else queryset
        found = get_object_or_404(rows, **{self.lookup: self.kwargs[self.lookup]})
        is_read = self.request.method in {"GET", "HEAD"}
        needed = self.reading_permission if is_read and self.reading_permission else self.permission_required
        if needed and not self.request.user.has_perm(needed, found):
            raise PermissionDenied(needed)
        return found


class RoleMixin:
    """A page that needs a permission and no record: without it 403."""

    permission_required = ""
    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Ask for the permission before anything else."""
        if not request.user.has_perm(self.permission_required):
            raise PermissionDenied(self.permission_required)
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class ActionFormView(PageMixin, FormView[Form]):
    """A form about one record; its ``save(by=…)`` calls the one action. What was typed is never lost to a bad input."""

    success_message = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Pick the record first: not yours ends here."""
        self.object = self.get_object()
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Hand the record to the form."""
        return {**super().get_form_kwargs(), "record": self.object}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Hand the record to the template."""
        return super().get_context_data(object=self.object, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Run the action; an input that it refuses goes back next to its field."""
        try:
            saved = form.save(by=self.request.user)
        except ValidationError as error:
            add_errors(form, error)
            return self.form_invalid(form)
        if message := self.message(saved):
            messages.success(self.request, message)
        return super().form_valid(form)

    def message(self, saved: Any) -> str:  # noqa: ARG002 for those whose message tells what came of it
        """Return what is said once the form's action returned ``saved``; nothing where it is empty."""
        return self.success_message

    def form_invalid(self, form: Form) -> HttpResponse:
        """Show the form again, as 422."""
        response = super().form_invalid(form)
        response.status_code = 422
        return response


class ConfirmMixin:
    """A page of its own before an act that cannot be undone by one press: what will happen, then the one button.

    ``question`` is its heading, ``consequence`` what happens then, ``confirm_label`` the button, ``confirm_kind``
    its look: ``go`` where the act begins something. The button posts to the same address; where the act is a
    transition, ``move`` names it, and the page says what is in its way.
    """

    http_method_names: Sequence[str] = ("get", "head", "post")
    question = ""
    consequence = ""
    confirm_label = ""
    confirm_kind = "end"
    move = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Show the page; nothing is written."""
        found = self.get_object()  # type: ignore[attr-defined]
        words = {"question": self.question, "consequence": self.consequence, "label": self.confirm_label}
        more = {"kind": self.confirm_kind, "about": self.about(found), "back": self.back_url(found), "fields": {}}
        more["record"] = found
        return render(request, "confirm.html", {**words, **more, "blockers": self.blockers(found)})

    def blockers(self, found: Any) -> list[Blocker]:
        """Return what is in the way of the act now: of a transition, what stops it."""
        return transition_blockers(found, self.move) if self.move else []

    def about(self, found: Any) -> str:
        """Return what the act is about, in words."""
        return str(found)

    def back_url(self, found: Any) -> str:
        """Return where "Back, change nothing" leads: to where the act itself would lead."""
        lead = getattr(self, "get_success_url", None)
        return str(lead(found) if lead else found.get_absolute_url())


def add_errors(form: Form, error: ValidationError) -> None:
    """Put an action's errors next to the fields they belong to; what belongs to none stands on top."""
    if hasattr(error, "error_dict"):
        for name, errors in error.error_dict.items():
            form.add_error(name if name in form.fields else None, errors)
    else:
        form.add_error(None, error)


class TransitionView(PageMixin, View):
    """One button that moves one record: POST only; the action does the rest."""

    http_method_names: Sequence[str] = ["post"]
    action: Callable[..., Any]
    argument = "record"
    success_message = ""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 Django's signature
        """Call the action on the record; Refused becomes the 409 page."""
        found = self.get_object()
        moved = type(self).action(**{self.argument: found}, by=request.user, **self.inputs())
        if message := self.message(moved):
            messages.success(request, message)
        return HttpResponseRedirect(self.get_success_url(found))

    def message(self, moved: Any) -> str:  # noqa: ARG002 for those whose message tells what came of it
        """Return what is said once the action returned ``moved``; nothing where it is empty."""
        return self.success_message

    def inputs(self) -> dict[str, Any]:
        """Return what the action takes besides the record."""
        return {}

    def get_success_url(self, found: Any) -> str:
        """Return where to go after the move."""
        return str(found.get_absolute_url())
