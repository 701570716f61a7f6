"""Refund a gift, in whole or in part."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError

from grants.campaigns.actions import refund_gift
from grants.campaigns.models import Gift
from vetting_portal.commands import CouldNot, PortalCommand
from vetting_portal.models import User


class Command(PortalCommand):
    """Idempotent per refund key; without one, a full refund is."""

    help = "Refund a gift: all that is left, or an amount in minor units."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the gift's key, and how much of it."""
        parser.add_argument("key", help="the gift's key")
        parser.add_argument("--campaign", default="", help="the campaign's slug, where the key is not clear without")
        parser.add_argument("--amount", type=int, default=None, help="minor units; without it all that is left")
        parser.add_argument("--refund-key", default="", help="the refund's own key: the same key again changes nothing")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print only the JSON")

    def run(
        self, *args: Any, key: str, campaign: str, amount: int | None, refund_key: str, as_json: bool, **options: Any
    ) -> int:
        """Refund, and say how the gift stands now."""
        gifts = Gift.objects.find_key(key)
        found = list(gifts.filter(campaign__slug=campaign) if campaign else gifts)
        if len(found) != 1:
            message = (
                f"{len(found) or 'No'} gifts have the key {key}: name the campaign." if found else f"No gift {key}."
            )
            raise CouldNot(message)
        gift = found[0]
        try:
            done = refund_gift(
                campaign=gift.campaign,
                gift_key=key,
                source=gift.source,
                by=User.objects.system("commands"),
                amount_minor=amount,
                refund_key=refund_key,
            )
        except ValidationError as error:
            raise CouldNot(" ".join(error.messages)) from None
        now = done.gift or gift
        if as_json:
            answer = {"key": key, "refunded": now.refunded_minor, "matched": now.matched_minor}
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        else:
            again = "" if done.is_new else " Nothing changed."
            self.stdout.write(f"{key}: {now.refunded_minor} refunded, {now.matched_minor} matched.{again}")
        return 0
