"""Play the kept events of a day again; what was applied before stays as it is."""

import json
import random
from argparse import ArgumentParser
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

from grants.campaigns.models import Campaign
from grants.intake.actions import settle_event
from grants.intake.models import StripeEvent, StripeOutcome
from vetting_portal.commands import CouldNot, PortalCommand
from vetting_portal.models import User

SUMS = ("gross_minor", "fees_minor", "refunded_minor", "matched_minor", "gift_count", "last_position")


class Command(PortalCommand):
    """Idempotent: a day can be played any number of times, in any order."""

    help = "Play the events that Stripe made on a day (UTC) again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the day, and whether in another order."""
        parser.add_argument("--day", required=True, help="the day in UTC, as 2026-11-24")
        parser.add_argument("--shuffle", type=int, default=None, metavar="SEED", help="in an order drawn from a seed")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print only the JSON")

    def run(self, *args: Any, day: str, shuffle: int | None, as_json: bool, **options: Any) -> int:
        """Play them; say what came of each, and which campaigns have other sums than before."""
        try:
            begins = datetime.combine(date.fromisoformat(day), datetime.min.time(), tzinfo=UTC)
        except ValueError:
            message = f"'{day}' is no day, as 2026-11-24."
            raise CouldNot(message) from None
        events = StripeEvent.objects.filter(created_at__gte=begins, created_at__lt=begins + timedelta(days=1))
        keys = list(events.order_by("created_at", "pk").values_list("pk", flat=True))
        if shuffle is not None:
            random.Random(shuffle).shuffle(keys)  # noqa: S311 an order, no secret
        before, machine = _sums(), User.objects.system("stripe")
        for key in keys:
            settle_event(StripeEvent.objects.get(pk=key), machine, again=True)
        left = StripeOutcome.objects.filter(event__in=keys, outcome__in=StripeOutcome.OPEN).order_by("pk")
        for outcome in left.select_related("event"):  # what an event waited for may have come after it
            settle_event(outcome.event, machine)
        after = _sums()
        counts = Counter(StripeOutcome.objects.filter(event__in=keys).values_list("outcome", flat=True))
        answer: dict[str, Any] = {"day": day, "events": len(keys)}
        answer |= {str(outcome.value): counts.get(outcome.value, 0) for outcome in StripeOutcome.Outcome}
        answer["changed"] = sorted(slug for slug in after if after[slug] != before.get(slug))
        if as_json:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        else:
            said = ", ".join(f"{answer[outcome.value]} {outcome.label.lower()}" for outcome in StripeOutcome.Outcome)
            changed = ", ".join(answer["changed"]) or "no campaign"
            self.stdout.write(f"{len(keys)} events of {day}: {said}. Other sums than before: {changed}.")
        return 0


def _sums() -> dict[str, tuple[int, ...]]:
    return {slug: tuple(sums) for slug, *sums in Campaign.objects.values_list("slug", *SUMS)}
