"""The officer's queue and the auditor's overview."""

from typing import Any

from django.core.paginator import Paginator
from django.utils import timezone
from django.views.generic import TemplateView

from grants.workspace import queue
from grants.workspace.running import grants_under_way
from grants.workspace.setting_up import steps_to_set_up
from reviews.holds.queries import open_cases
from reviews.screening.models import SanctionsList
from vetting_portal.models import AuditEntry
from vetting_portal.trail import named
from vetting_portal.views.base import PER_PAGE, RoleMixin

VIEWS = {"mine": "Mine", "late": "Late", "all": "Everyone’s"}
LATEST = 15


class QueueView(RoleMixin, TemplateView):
    """What waits for the officer, oldest first, with a verb for each row."""

    permission_required = "grants.view_queue"
    template_name = "grants/workspace/queue.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add one page of the queue, the filters with their counts, and the grants under way."""
        user, now = self.request.user, timezone.now()
        asked = self.request.GET
        show = asked.get("show") if asked.get("show") in VIEWS else "mine"
        words = asked.get("q", "")[:100]
        every = queue.found(queue.waiting_for_staff(user), words)
        counts = queue.counts(every, user=user, now=now)
        paginator = Paginator(queue.with_facts(queue.cut(every, show=str(show), user=user, now=now)), PER_PAGE)
        paginator.count = counts[str(show)]
        page = paginator.get_page(asked.get("page"))
        chips = [
            {"label": label, "count": counts[key], "url": f"?show={key}", "current": key == show}
            for key, label in VIEWS.items()
        ]
        return super().get_context_data(
            page=page,
            rows=queue.queue_rows(list(page), now),
            chips=chips,
            counts=counts,
            words=words,
            aim=queue.AIM.days,
            today=timezone.localdate(),
            grants=grants_under_way(user),
            cases=open_cases(user),
            lists=SanctionsList.objects.current(),
            **kwargs,
        )


class SetUpView(RoleMixin, TemplateView):
    """What an installation needs before its first application, with who does it and where."""

    permission_required = "grants.view_set_up"
    template_name = "grants/workspace/set_up.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the steps; those that are open come first in what is said on top."""
        steps = steps_to_set_up(self.request.user)
        return super().get_context_data(steps=steps, left=sum(not step.is_done for step in steps), **kwargs)


class OverviewView(RoleMixin, TemplateView):
    """What an auditor starts from: where the proofs are, and what happened last."""

    permission_required = "grants.view_overview"
    template_name = "grants/workspace/overview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the newest entries of the trail, the lists and the grants under way."""
        entries = list(AuditEntry.objects.select_related("words").order_by("-seq")[:LATEST])
        about = named(entries, self.request.user)
        lists = SanctionsList.objects.current()
        return super().get_context_data(
            latest=[(entry, about[entry.seq]) for entry in entries],
            lists=lists,
            grants=grants_under_way(self.request.user),
            cases=open_cases(self.request.user),
            **kwargs,
        )
