"""Sanctions lists that an administrator sends through a page: read whole from where they were stored for the moment."""

import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from reviews.screening.actions import import_list
from reviews.screening.models import ListSource, SanctionsList
from reviews.screening.parsing import OFAC_FILES, BrokenListError, check_list
from vetting_portal.fields import DayField
from vetting_portal.inspection.policy import MAX_BYTES
from vetting_portal.models import User

ONE_FILE = "list"


class SeveralFilesInput(forms.ClearableFileInput):
    """A control that takes several files at once."""

    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """Several files, each of them whole: what is over the limit arrives cut, and a list that is cut clears nobody."""

    widget = SeveralFilesInput
    default_error_messages = {"required": "Choose the file of the list.", "empty": "This file is empty."}

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return the files. Raises ValidationError where none is chosen, or one is empty or too large."""
        files = [super(SeveralFilesField, self).clean(one, initial) for one in data or [None]]
        if any((file.size or 0) > MAX_BYTES for file in files):
            message = f"At most {MAX_BYTES // 1_000_000} MB a file. Larger lists: manage.py import_sanctions."
            raise ValidationError(message)
        return files


class ImportForm(forms.Form):
    """Which list, its files, and when it was published."""

    source = forms.ChoiceField(label="Who publishes the list?", choices=ListSource.choices)
    listed = SeveralFilesField(
        label="Files of the list",
        help_text="OFAC: sdn.csv, alt.csv, add.csv and sdn_comments.csv together (consolidated list: the four cons_ "
        "files). UN: the XML file. OpenSanctions: targets.simple.csv. At most 25 MB a file.",
    )
    published_on = DayField(
        label="Published on",
        required=False,
        help_text="The publisher’s day. The UN’s file carries it. Names are screened for 30 days from this day.",
    )

    def clean(self) -> dict[str, Any]:
        """Check that a list which does not carry its day has one here."""
        given = super().clean() or {}
        if given.get("source") not in {None, ListSource.UN} and not given.get("published_on"):
            self.add_error("published_on", "Enter the day on which the list was published.")
        return given

    def save(self, *, by: User) -> tuple[SanctionsList, bool]:
        """Import the list. Raises ValidationError beside the field; the list that was there then stays."""
        source, files, day = (self.cleaned_data[name] for name in ("source", "listed", "published_on"))
        with TemporaryDirectory() as folder:
            return _import(source, _laid_down(source, files, Path(folder)), day, by)


def _laid_down(source: str, files: Sequence[UploadedFile], folder: Path) -> Path:
    """Write the files into a folder; return what ``check_list`` takes: OFAC's folder, else the one file."""
    if source in OFAC_FILES:
        for file in files:
            if (name := Path(file.name or "").name.lower()) in OFAC_FILES[source]:
                _write(file, folder / name)
        return folder
    if len(files) > 1:
        raise ValidationError({"listed": "This list is one file. Choose that file only."})
    _write(files[0], folder / ONE_FILE)
    return folder / ONE_FILE


def _write(file: UploadedFile, path: Path) -> None:
    with path.open("wb") as out:
        shutil.copyfileobj(file, out)


def _import(source: str, path: Path, day: date | None, by: User) -> tuple[SanctionsList, bool]:
    try:
        return import_list(checked=check_list(source, path), published_on=day, by=by)
    except BrokenListError as error:
        message = str(error).replace(path.name, "The upload" if path.is_dir() else "The file", 1)
        raise ValidationError({"listed": f"{message} The list that was there stays."}) from error
    except ValidationError as error:
        raise ValidationError({"published_on": error.messages}) from error
