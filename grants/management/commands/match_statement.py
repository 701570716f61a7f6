"""Print the match of a campaign as it stands, gift by gift."""

import json
from argparse import ArgumentParser
from typing import Any

from grants.campaigns.figures import match_statement
from grants.campaigns.models import Campaign
from vetting_portal.commands import CouldNot, PortalCommand
from vetting_portal.money import format_amount


class Command(PortalCommand):
    """Sums in minor units in the JSON; no donor is named."""

    help = "Print the match as it stands, gift by gift."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the campaign, and the form of the answer."""
        parser.add_argument("campaign", help="the campaign's slug")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print only the JSON")

    def run(self, *args: Any, campaign: str, as_json: bool, **options: Any) -> int:
        """Print the figures."""
        found = Campaign.objects.with_grant().filter(slug=campaign).first()
        if found is None:
            message = f"There is no campaign {campaign}."
            raise CouldNot(message)
        figures = match_statement(found)
        if as_json:
            self.stdout.write(json.dumps(figures, ensure_ascii=False))
            return 0
        for name in ("cap", "gross", "fees", "net", "matched", "available", "at_risk_match", "fee_top_up", "payable"):
            if name not in figures:
                continue
            self.stdout.write(f"{name.replace('_', ' '):<14} {format_amount(figures[name], found.currency):>20}")
        for gift in figures["gifts"]:
            self.stdout.write(
                f"{gift['seq']:>6} {gift['key']:<24} gross {gift['gross']} fee {gift['fee']} "
                f"refunded {gift['refunded']} matched {gift['matched']}"
            )
        return 0
