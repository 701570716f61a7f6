"""The pages of conditions: lists for staff and partners, one page for each condition, one for each of its steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.generic import DetailView, ListView

from grants.conditions.forms import EvidenceForm, StepForm
from grants.conditions.models import Condition
from vetting_portal.views.base import PER_PAGE, ActionFormView, PageMixin, RoleMixin
from vetting_portal.workflow import Blocker, Refused, transition_blockers


@dataclass(frozen=True)
class Step:
    """The words of a step: its button, its heading, what follows, the permission, the move, what is said after it."""

    label: str
    heading: str
    consequence: str
    permission: str
    move: str
    done: str
    kind: str = "go"


STEPS: Mapping[str, Step] = {
    "accept": Step(
        "Accept evidence", "Accept the evidence", "The condition is met. What waited for it can go on.",
        "grants.check_condition", "accept", "The condition is met.",
    ),
    "return": Step(
        "Return evidence", "Return the evidence",
        "The condition stays open. Who gave the evidence reads your reason and can give more.",
        "grants.check_condition", "return_evidence", "The evidence is returned.", "plain",
    ),
    "ask_waiver": Step(
        "Ask for a waiver", "Ask the directors for a waiver",
        "The directors are notified. One of them decides. Until then the condition stays open.",
        "grants.ask_waiver", "waive", "The directors are notified.",
    ),
    "refuse_waiver": Step(
        "Do not waive", "Decide that the condition is not waived",
        "The condition stays open. Who asked reads your reason.",
        "grants.waive_condition", "waive", "The condition is not waived. It stays open.", "plain",
    ),
    "waive": Step(
        "Waive condition", "Waive the condition",
        "Nothing has to be shown for it any more, and what waited for it can go on. Your name and your reason stay on "
        "record and in the evidence package. This cannot be undone.",
        "grants.waive_condition", "waive", "The condition is waived.", "end",
    ),
}  # fmt: skip


class ConditionListView(RoleMixin, ListView[Condition]):
    """Every condition that still stops something, the earliest day first."""

    template_name = "grants/conditions/list.html"
    permission_required = "grants.list_conditions"
    paginate_by = PER_PAGE

    def get_queryset(self) -> Any:
        """Return what this user may see; ?show= cuts to one kind, or shows all."""
        rows = Condition.objects.visible_to(self.request.user)
        show = self.request.GET.get("show", "")
        cut = {
            "check": rows.to_check, "waive": rows.to_waive, "all": rows.for_list,
            "late": lambda: rows.overdue(timezone.localdate()),
        }.get(show, lambda: rows.live().for_list())  # fmt: skip
        return cut()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add how many there are of each kind."""
        rows = Condition.objects.visible_to(self.request.user)
        shown = self.request.GET.get("show", "")
        counts = {
            "": ("Open", rows.live().count()),
            "check": ("Evidence to check", rows.to_check().count()),
            "waive": ("Waiver asked", rows.to_waive().count()),
            "late": ("Late", rows.overdue(timezone.localdate()).count()),
            "all": ("All", None),
        }
        chips = [
            {"label": label, "count": count, "url": f"?show={key}", "current": key == shown}
            for key, (label, count) in counts.items()
        ]
        return super().get_context_data(chips=chips, **kwargs)


class PartnerConditionListView(RoleMixin, ListView[Condition]):
    """The conditions of the partner's grants: what is still to be shown first, then what was met, waived or ended."""

    template_name = "grants/conditions/partner_list.html"
    permission_required = "grants.list_own_conditions"
    paginate_by = PER_PAGE

    def get_queryset(self) -> Any:
        """Return the conditions of the organisations this user acts for."""
        return Condition.objects.of_partner(self.request.user).by_need()


class ConditionPage(PageMixin):
    """Finds a condition with its grant and partner."""

    model = Condition
    permission_required = "grants.view_condition"
    request: HttpRequest

    def get_queryset(self) -> Any:
        """Return what this user may see."""
        return Condition.objects.visible_to(self.request.user).for_page()


class ConditionView(ConditionPage, DetailView[Condition]):
    """One condition: what is asked, what waits, the evidence so far, and what its reader can do."""

    template_name = "grants/conditions/condition.html"
    context_object_name = "condition"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the evidence and the steps."""
        condition, user = self.object, self.request.user
        answers = condition.answers.select_related("document__paper", "given_by").order_by("-pk")
        checks = user.has_perm("grants.check_condition", condition)
        return super().get_context_data(
            answers=answers,
            grant=condition.grant,
            partner=condition.grant.submission.organisation,
            is_staff=user.is_staff_member,
            may_show=not condition.show_blockers() and user.has_perm("grants.show_condition", condition),
            may_check=checks,
            accept_blockers=[*condition.accept_blockers(), *condition.checker_blockers(user)] if checks else [],
            may_ask=user.has_perm("grants.ask_waiver", condition),
            may_waive=user.has_perm("grants.waive_condition", condition),
            **kwargs,
        )


class _ConditionForm(ConditionPage, ActionFormView):
    """A page about one step of one condition; a condition that cannot take it now is refused with why."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the page. Raises Refused where the condition stands elsewhere."""
        if blockers := self.blockers():
            raise Refused(blockers, subject=self.object)
        response: HttpResponse = super().get(request, *args, **kwargs)
        return response

    def blockers(self) -> list[Blocker]:
        """Return why this step cannot be taken."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the grant and the partner."""
        grant = self.object.grant
        return super().get_context_data(
            condition=self.object, grant=grant, partner=grant.submission.organisation, **kwargs
        )

    def get_success_url(self) -> str:
        """Go back to the condition."""
        return str(self.object.get_absolute_url())


class EvidenceView(_ConditionForm):
    """Give evidence for a condition."""

    permission_required = "grants.show_condition"
    form_class: Any = EvidenceForm
    template_name = "grants/conditions/evidence.html"
    success_message = "We have your evidence. We check it and write to you."

    def blockers(self) -> list[Blocker]:
        """Return why no evidence can be given now."""
        return transition_blockers(self.object, "show")

    def get_form_kwargs(self) -> dict[str, Any]:
        """Say whether this user can add a document to the partner's vault."""
        organisation = self.object.grant.submission.organisation
        may_upload = self.request.user.has_perm("partners.act_for_organisation", organisation)
        return {**super().get_form_kwargs(), "may_upload": may_upload}

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show what was typed; a chosen file has to be chosen again."""
        form.ask_file_again()
        return super().form_invalid(form)


class StepView(_ConditionForm):
    """A step that needs a reason; ``step`` names its words in ``STEPS``."""

    form_class: Any = StepForm
    template_name = "grants/conditions/step.html"
    step = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Ask for the permission of the step."""
        words = STEPS[self.step]
        self.permission_required, self.success_message = words.permission, words.done
        return super().dispatch(request, *args, **kwargs)

    def blockers(self) -> list[Blocker]:
        """Return why the step cannot be taken."""
        found = transition_blockers(self.object, STEPS[self.step].move)
        if self.step == "accept":
            found += self.object.checker_blockers(self.request.user)
        if self.step == "refuse_waiver" and self.object.waiver_asked_at is None:
            found.append(Blocker("Nobody asks for a waiver of this condition now."))
        return found

    def get_form_kwargs(self) -> dict[str, Any]:
        """Hand the step to the form."""
        return {**super().get_form_kwargs(), "step": self.step}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the words of the step."""
        return super().get_context_data(words=STEPS[self.step], answer=self.object.last_answer, **kwargs)
