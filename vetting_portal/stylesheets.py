"""Joins the style sheets of the layers into the one that pages load, and offers it to the static files."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, override

from django.conf import settings
from django.contrib.staticfiles.finders import AppDirectoriesFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.files.storage import FileSystemStorage, Storage

SOURCES = Path(__file__).parent / "styles"
JOINED = "portal/portal.css"
# In the order in which they count: of two rules of one layer the later one wins.
SHEETS = (
    "tokens",
    "base",
    "layout",
    "components/bar",
    "components/controls",
    "components/boxes",
    "components/forms",
    "components/lists",
    "components/tables",
    "components/drawings",
    "components/widths",
    "pages/staff",
    "pages/scoring",
    "pages/public",
    "print",
)
_COMMENT = re.compile(r"/\*.*?\*/", flags=re.DOTALL)


def joined() -> str:
    """Return all sheets as one, without comments and indentation."""
    text = "".join((SOURCES / f"{name}.css").read_text(encoding="utf-8") for name in SHEETS)
    lines = (line.strip() for line in _COMMENT.sub("", text).splitlines())
    return "".join(f"{line}\n" for line in lines if line)


class JoinedSheetFinder(AppDirectoriesFinder):
    """Finds what the apps hold, and the joined sheet, which it writes into DATA_DIR when a sheet has changed."""

    @override
    def find(self, path: str, find_all: bool = False) -> Any:
        """Return the file of the joined sheet, or what the apps have under ``path``."""
        if path != JOINED:
            return super().find(path, find_all=True) if find_all else super().find(path)
        file = str(self._written() / JOINED)
        return [file] if find_all else file

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        """List the files of the apps, then the joined sheet."""
        yield from super().list(ignore_patterns)
        if not matches_patterns(JOINED, list(ignore_patterns or [])):
            yield JOINED, FileSystemStorage(location=self._written())

    def _written(self) -> Path:
        """Return the folder that holds the joined sheet as it is now; nobody ever reads half of it."""
        folder, text = settings.DATA_DIR / "styles", joined()
        file = folder / JOINED
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile("w", dir=file.parent, encoding="utf-8", delete=False) as new:
                new.write(text)
            made = Path(new.name)
            made.chmod(0o644)
            made.replace(file)
        return folder
