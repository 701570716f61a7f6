"""Record the gifts of a CSV file in a campaign: all of them, or none and why."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from grants.campaigns.csvfile import NoGiftsFile
from grants.campaigns.importing import import_gifts
from grants.campaigns.models import Campaign
from grants.campaigns.rows import RowsRefused
from vetting_portal.commands import FINDING, CouldNot, PortalCommand
from vetting_portal.models import User


class Command(PortalCommand):
    """Idempotent: a key that was recorded with the same contents is left alone."""

    help = "Record gifts from a CSV file: key,received_at,donor,donor_email,currency,gross,fee."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the campaign, the file and where it comes from."""
        parser.add_argument("campaign", help="the campaign's slug")
        parser.add_argument("file", help="the CSV file")
        parser.add_argument("--source", default="", help="where the keys are unique (default: the campaign)")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print only the JSON")

    def run(self, *args: Any, campaign: str, file: str, source: str, as_json: bool, **options: Any) -> int:
        """Record the file; 1 and every bad row where there is one."""
        found = Campaign.objects.with_grant().filter(slug=campaign).first()
        if found is None:
            message = f"There is no campaign {campaign}."
            raise CouldNot(message)
        try:
            with Path(file).open("rb") as handle:
                done = import_gifts(campaign=found, file=handle, by=User.objects.system("commands"), source=source)
        except OSError as error:
            message = f"{file} cannot be read: {error.strerror}."
            raise CouldNot(message) from None
        except NoGiftsFile as error:
            return self._say(as_json=as_json, errors=[{"line": 1, "reason": " ".join(error.messages)}])
        except RowsRefused as error:
            return self._say(as_json=as_json, errors=[{"line": e.line, "reason": e.reason} for e in error.errors])
        return self._say(as_json=as_json, errors=[], recorded=done.recorded, repeated=done.repeated)

    def _say(self, *, as_json: bool, errors: list[dict[str, Any]], recorded: int = 0, repeated: int = 0) -> int:
        if as_json:
            answer = {"recorded": recorded, "repeated": repeated, "errors": errors}
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        else:
            for error in errors:
                self.stdout.write(f"line {error['line']}: {error['reason']}")
            nothing = " Nothing was recorded." if errors else ""
            self.stdout.write(f"{recorded} recorded, {repeated} recorded before, {len(errors)} bad rows.{nothing}")
        return FINDING if errors else 0
