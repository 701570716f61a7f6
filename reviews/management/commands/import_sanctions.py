"""Loads a sanctions list whole: a broken file is refused, and the list that was there stays."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError

from reviews.screening.actions import import_list
from reviews.screening.models import ListSource, SanctionsList
from reviews.screening.parsing import BrokenListError, check_list
from vetting_portal.commands import CouldNot, PortalCommand
from vetting_portal.models import User


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        message = f"--published takes a day as year-month-day, not {text!r}."
        raise CouldNot(message) from error


class Command(PortalCommand):
    """Import one list of one source."""

    help = (
        "Load a sanctions list: PATH is OFAC's folder of CSV files, the UN's XML, or OpenSanctions' targets.simple.csv."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the source, the path and the day of publication."""
        parser.add_argument("--source", required=True, choices=ListSource.values, help="Who publishes the list.")
        parser.add_argument("path", type=Path, help="The folder or file.")
        parser.add_argument("--published", type=_day, help="The day of publication; the UN's own date is the default.")

    def run(self, *args: Any, **options: Any) -> int:
        """Read the list to its end, then make it the current one."""
        try:
            checked = check_list(options["source"], options["path"])
            made, is_new = import_list(
                checked=checked, published_on=options["published"], by=User.objects.system("commands")
            )
        except (BrokenListError, OSError) as error:
            raise CouldNot(f"Refused, the list that was there stays: {error}") from error
        except ValidationError as error:
            raise CouldNot(" ".join(error.messages)) from error
        self._report(made, is_new=is_new)
        return 0

    def _report(self, made: SanctionsList, *, is_new: bool) -> None:
        """Print what was imported, and whether names can be screened against it."""
        print(
            f"{made.get_source_display()}: {made.entry_count} entries, {made.name_count} names"
            + ("" if is_new else " (unchanged)")
        )
        print(f"published {made.published_on or 'on an unknown day'}, SHA-256 {made.sha256}")
        if reason := made.stale_reason():
            print(f"Stale: {reason} Names are not screened against it.")
