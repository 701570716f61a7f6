"""Record the gifts of a CSV file in a campaign: all of them, or none and why."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from grants.campaigns.models import Campaign
from grants.intake.actions import begin_import, discard_import, start_import
from grants.intake.actions.importing import read_import, record_import
from grants.intake.models import GiftImport, GiftSource
from grants.intake.reading import read_headings
from vetting_portal.commands import FINDING, CouldNot, PortalCommand
from vetting_portal.models import User
from vetting_portal.money import format_amount
from vetting_portal.sheets import NoSheet, fingerprint


class Command(PortalCommand):
    """Idempotent: a key that was recorded with the same contents is left alone; after a kill it goes on."""

    help = "Record gifts from a CSV file: key,received_at,donor,donor_email,currency,gross,fee."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the campaign, the file and where it comes from."""
        parser.add_argument("campaign", help="the campaign's slug")
        parser.add_argument("file", help="the CSV file")
        parser.add_argument("--source", default="", help="where the keys are unique (default: the campaign)")
        parser.add_argument("--dry-run", action="store_true", help="say what would be matched, and record nothing")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print only the JSON")

    def run(
        self, *args: Any, campaign: str, file: str, source: str, dry_run: bool, as_json: bool, **options: Any
    ) -> int:
        """Record the file; 1 and every bad row where there is one."""
        found = Campaign.objects.with_grant().filter(slug=campaign).first()
        if found is None:
            message = f"There is no campaign {campaign}."
            raise CouldNot(message)
        by = User.objects.system("commands")
        try:
            with Path(file).open("rb") as handle:
                begun = self._read(found, handle, Path(file).name, source, by)
        except OSError as error:
            message = f"{file} cannot be read: {error.strerror}."
            raise CouldNot(message) from None
        except NoSheet as error:
            return self._say(as_json=as_json, errors=iter([(1, " ".join(error.messages))]))
        if begun.step == "ready" and dry_run:
            discard_import(gift_import=begun, by=by)
            return self._say(as_json=as_json, errors=iter(()), would=begun.estimate, currency=found.currency)
        if begun.step == "ready":
            begun = start_import(gift_import=begun, by=by, in_background=False)
        begun = record_import(begun, by)
        faults = begun.faults.order_by("line", "pk").values_list("line", "reason").iterator(chunk_size=2000)
        recorded, repeated = begun.recorded_count, begun.repeated_count
        return self._say(as_json=as_json, errors=faults, recorded=recorded, repeated=repeated)

    def _read(self, campaign: Campaign, file: IO[bytes], name: str, source: str, by: User) -> GiftImport:
        """Stage and try the file; one of the same contents that a kill cut off goes on where it was."""
        headings = read_headings(file)
        missing = GiftSource.objects.columns_of(source or campaign.slug).missing(headings)
        if missing:
            message = f"The first line has no column {', '.join(missing)}."
            raise NoSheet(message)
        sha256 = fingerprint(file)
        begun = begin_import(campaign=campaign, file_name=name, sha256=sha256, headings=headings, source=source, by=by)
        return begun if begun.step == "recording" else read_import(begun, file, by)

    def _say(
        self,
        *,
        as_json: bool,
        errors: Iterator[tuple[int, str]],
        recorded: int = 0,
        repeated: int = 0,
        would: dict[str, Any] | None = None,
        currency: str = "",
    ) -> int:
        """Print the answer, error by error as they are read."""
        count = 0
        if as_json:
            repeated = would["repeated"] if would else repeated
            self.stdout.write(f'{{"recorded": {recorded}, "repeated": {repeated}, "errors": [', ending="")
        for count, (line, reason) in enumerate(errors, start=1):
            if as_json:
                comma = ", " if count > 1 else ""
                error = json.dumps({"line": line, "reason": reason}, ensure_ascii=False)
                self.stdout.write(f"{comma}{error}", ending="")
            else:
                self.stdout.write(f"line {line}: {reason}")
        if as_json:
            tried = f', "would": {json.dumps(would, ensure_ascii=False)}' if would else ""
            self.stdout.write(f"]{tried}}}")
        elif would:
            self.stdout.write(_tried(would, currency))
        else:
            nothing = " Nothing was recorded." if count and not recorded else ""
            self.stdout.write(f"{recorded} recorded, {repeated} recorded before, {count} bad rows.{nothing}")
        return FINDING if count else 0


def _tried(would: dict[str, Any], currency: str) -> str:
    gross, matched, left = (format_amount(would[name], currency) for name in ("gross", "matched", "available"))
    return (
        f"Nothing was recorded. {would['gifts']} gifts would be recorded, {would['repeated']} are already: {gross} "
        f"gross, {matched} matched, {left} of the match left; {would['not_matched']} would not be matched."
    )
