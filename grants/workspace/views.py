"""My work: what waits for a person, what that person waits for, what comes up, and what is done."""

from dataclasses import replace
from typing import Any, cast

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView

from grants.cases.leading import with_cases
from grants.workspace.commitments import with_commitments
from grants.workspace.listing import chips, groups_of, listed, total
from grants.workspace.setting_up import by_purpose, next_step, steps_to_set_up
from reviews.holds.queries import open_cases
from reviews.screening.models import SanctionsList
from vetting_portal.duties import Wanted, counts, counts_of, duties, duty_kinds
from vetting_portal.models import AuditEntry, User
from vetting_portal.trail import named
from vetting_portal.views.base import PER_PAGE, RoleMixin

LATEST = 15
FIRST = 5  # duties that a page shows before it leads to the whole list
TO_SIGN = frozenset({"grants.sign", "grants.sign_amendment", "grants.confirm_ending"})
TABS = (("work", "Waiting for me"), ("work_others", "Waiting for others"), ("work_coming", "Coming up"))
LISTS = {
    "work": Wanted(is_own=True),
    "work_others": Wanted(is_own=True, is_mine=False),
    "work_coming": Wanted(is_coming=True),
}


def _counts(user: User) -> dict[str, dict[str, tuple[int, int]]]:
    """Return the numbers of each list by kind; what comes up is the reader's own and what they may know of others'."""
    *found, theirs = counts_of(user, *LISTS.values(), Wanted(is_coming=True, is_mine=False))
    numbers = dict(zip(LISTS, found, strict=True))
    return {**numbers, "work_coming": {**theirs, **numbers["work_coming"]}}


class WorkPage(RoleMixin, TemplateView):
    """A page of My work: the heading, the tabs with their numbers."""

    permission_required = "grants.view_work"
    current = "work"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the tabs, and how much waits and is late."""
        self.numbers = _counts(self.request.user)
        tabs = [
            {
                "label": label,
                "url": reverse(f"grants:{name}"),
                "count": total(self.numbers[name]),
                "current": name == self.current,
            }
            for name, label in TABS
        ]
        tabs.append({"label": "Done", "url": reverse("grants:work_done"), "current": self.current == "work_done"})
        mine = self.numbers["work"]
        return super().get_context_data(
            tabs=tabs,
            many=total(mine),
            late=sum(behind for _, behind in mine.values()),
            today=timezone.localdate(),
            **kwargs,
        )


class WorkView(WorkPage):
    """One list of duties, the earliest date first: mine, others', or what comes up."""

    template_name = "grants/workspace/work.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add one page of the list, cut by what was asked for, and what stands at the foot."""
        context = super().get_context_data(**kwargs)
        user, asked, numbers = self.request.user, self.request.GET, self.numbers[self.current]
        groups = groups_of(numbers)
        show, words = asked.get("show", ""), asked.get("q", "")[:100]
        group = show if show in groups else ""
        wanted = replace(LISTS[self.current], group=group, is_late=show == "late", words=words)
        page = Paginator(cast("Any", listed(user, wanted, numbers)), PER_PAGE).get_page(asked.get("page"))
        # Who has nothing to do, as an auditor never has, reads what others have to do.
        many = 0 if self.current != "work" else 1 if total(numbers) else FIRST
        theirs = replace(LISTS["work_others"], words=words) if not total(numbers) else LISTS["work_others"]
        others = with_cases(user, duties(user, theirs, 0, many)) if many else []
        return context | {
            "page": page,
            "rows": list(page),
            "words": words,
            "current": self.current,
            "nothing": self.current == "work" and not total(numbers),
            "chips": chips(show, groups, numbers),
            "others": others,
            "absences": user.has_perm("grants.list_absences"),
        }


class DoneView(WorkPage):
    """What somebody did last, as the audit trail has it."""

    template_name = "grants/workspace/done.html"
    current = "work_done"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the newest entries of who looks."""
        user = self.request.user
        entries = list(AuditEntry.objects.filter(actor_id=user.pk).order_by("-seq")[:PER_PAGE])
        about = named(entries, user)
        done = [(entry, about[entry.seq]) for entry in entries]
        return super().get_context_data(done=done, **kwargs)


class ToSignView(RoleMixin, TemplateView):
    """What waits for a director's signature: the duties of My work that a signature ends, with what each commits."""

    permission_required = "grants.list_to_sign"
    template_name = "grants/workspace/to_sign.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add one page of them, the earliest date first."""
        user, wanted = self.request.user, Wanted(keys=TO_SIGN)
        waiting = listed(user, wanted, counts(user, wanted))
        page = Paginator(cast("Any", waiting), PER_PAGE).get_page(self.request.GET.get("page"))
        rows = with_commitments(list(page))
        return super().get_context_data(page=page, rows=rows, first=rows[0][0] if rows else None, **kwargs)


class AimsView(RoleMixin, TemplateView):
    """Every kind of duty, who acts on it, and for how many days it may wait."""

    permission_required = "grants.view_aims"
    template_name = "grants/workspace/aims.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the kinds, in the order in which the apps name them."""
        kinds = [kind for kind in duty_kinds().values() if not kind.is_coming]
        return super().get_context_data(kinds=kinds, **kwargs)


def queue(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 a view takes the request
    """Lead from the address of the old queue to My work."""
    return HttpResponseRedirect(reverse("grants:work"))


class SetUpView(RoleMixin, TemplateView):
    """What an installation needs before its first application, with who does it and where."""

    permission_required = "grants.view_set_up"
    template_name = "grants/workspace/set_up.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the steps under what they are for, and the one that the reader can do now."""
        steps = steps_to_set_up(self.request.user)
        done = sum(step.is_done for step in steps)
        return super().get_context_data(
            groups=by_purpose(steps),
            total=len(steps),
            done=done,
            left=len(steps) - done,
            next_step=next_step(self.request.user, steps),
            **kwargs,
        )


class OverviewView(RoleMixin, TemplateView):
    """What an auditor starts from: where the proofs are, and what happened last."""

    permission_required = "grants.view_overview"
    template_name = "grants/workspace/overview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the newest entries of the trail and the lists."""
        entries = list(AuditEntry.objects.select_related("words").order_by("-seq")[:LATEST])
        about = named(entries, self.request.user)
        lists = SanctionsList.objects.current()
        return super().get_context_data(
            latest=[(entry, about[entry.seq]) for entry in entries],
            lists=lists,
            cases=open_cases(self.request.user),
            waiting=with_cases(self.request.user, duties(self.request.user, LISTS["work_others"], 0, FIRST)),
            **kwargs,
        )
