"""An installation of the lives' own: one folder, put back to a stored state before each life, with quick stand-ins."""

import hashlib
import io
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest import mock

import pikepdf
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import override_settings
from PIL import Image

from grants.agreements.rendering import Press, Rendered
from partners.previews import actions as previews
from partners.previews.drawing import Drawn, DrawnPage
from tests.lives.pages import words_of
from tests.support.databases import TEMPLATE
from tests.support.rig import ROOT
from vetting_portal.mailers import mail_files

QUICK = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA recursive_triggers=ON"
DATABASE = "portal.sqlite3"
SECRET = "of the lives only: it guards nothing, and opens the stored states in every run"
LINES = 60
CODE = ("grants", "partners", "reviews", "vetting_portal", "templates")
READ = {".py", ".html", ".json", ".toml", ".csv", ".txt", ".sql"}
OURS = ("detours.py", "installation.py", "later.py", "people.py", "states.py")


class Installation:
    """A ``DATA_DIR`` of its own that Django uses while it is open."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stack = ExitStack()

    def open(self) -> None:
        """Have Django use this folder: database, files, keys and mail."""
        self.folder.mkdir(parents=True, exist_ok=True)
        place = {**settings.STORAGES["default"]["OPTIONS"], "location": str(self.folder / "files")}
        storages = {**settings.STORAGES, "default": {**settings.STORAGES["default"], "OPTIONS": place}}
        mail = self.folder / "mail"
        mailers = dict.fromkeys(settings.MAILERS, mail_files(mail))
        self.stack.enter_context(
            override_settings(
                DATA_DIR=self.folder,
                SECRET_KEY=SECRET,
                STORAGES=storages,
                MAIL_FOLDER=mail,
                MAILERS=mailers,
                STRIPE_WEBHOOK_SECRETS=["whsec_lives"],
            )
        )
        self.before = connections.databases["default"]
        migrated_before = Path(f"{connections['default'].settings_dict['NAME']}_{TEMPLATE}")
        if migrated_before.is_file():  # what the other tests of this run start from
            shutil.copyfile(migrated_before, self.folder / DATABASE)
        ours = {
            **self.before,
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(self.folder / DATABASE),
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": QUICK},
        }
        self.theirs = connections["default"]
        connections.databases["default"] = ours
        del connections["default"]

    def close(self) -> None:
        """Give Django back what it used before."""
        connections["default"].close()
        connections.databases["default"] = self.before
        connections["default"] = self.theirs
        self.stack.close()

    def keep(self, state: Path) -> None:
        """Store what the installation holds now as a state."""
        connection = connections["default"]
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        scratch = state.with_name(f"{state.name}.new")
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.copytree(self.folder, scratch, copy_function=shutil.copy2)
        scratch.rename(state)

    def restore(self, state: Path) -> None:
        """Put the installation back to a stored state. Files under their hash never change, so they are linked."""
        connections["default"].close()
        for name in ("files", "mail"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        for left in self.folder.glob(f"{DATABASE}*"):
            left.unlink()
        for name, copy in (("files", os.link), ("mail", shutil.copy2), ("keys", shutil.copy2)):
            if (state / name).is_dir():
                shutil.copytree(state / name, self.folder / name, copy_function=copy, dirs_exist_ok=True)
        shutil.copyfile(state / DATABASE, self.folder / DATABASE)


def migrated(folder: Path) -> None:
    """Make the database of the installation that is open."""
    call_command("migrate", verbosity=0)


def source_hash() -> str:
    """Return a hash of everything that the stored states follow from."""
    digest = hashlib.sha256()
    of_the_product = [path for top in CODE for path in sorted((ROOT / top).rglob("*")) if path.suffix in READ]
    for path in [*of_the_product, *(Path(__file__).with_name(name) for name in OURS)]:
        digest.update(f"{path.relative_to(ROOT)}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


# --- what stands in for slow work -----------------------------------------------------------------


def plain_pdf(text: str, attachments=()) -> bytes:
    """Return a small PDF that says ``text``, which ``pdftotext`` reads, and carries the attachments. Its font has no
    minus: a hyphen stands for it.
    """
    pdf = pikepdf.new()
    font = pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type1,
            BaseFont=pikepdf.Name.Courier,
            Encoding=pikepdf.Name.WinAnsiEncoding,
        )
    )
    lines = text.replace("\N{MINUS SIGN}", "-").splitlines() or [""]
    for first in range(0, len(lines), LINES):
        page = pdf.add_blank_page(page_size=(595, 842))
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        shown = [
            line.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
            for line in lines[first : first + LINES]
        ]
        page.Contents = pdf.make_stream(
            b"BT /F1 9 Tf 12 TL 40 800 Td " + b" ".join(b"(%b) Tj T*" % line for line in shown) + b" ET"
        )
    for one in attachments:
        spec = pikepdf.AttachedFileSpec(pdf, one.content, filename=one.name, description=one.description)
        pdf.attachments[one.name] = spec
    target = io.BytesIO()
    pdf.save(target, deterministic_id=True)
    return target.getvalue()


def quick_print(_press, html: str, attachments=(), *, any_font: bool = False) -> Rendered:
    """Stand in for the press: the words of the page on plain pages."""
    content = plain_pdf(words_of(html), attachments)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return Rendered(content=content, pages=len(pdf.pages))


def _picture() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(target, "WEBP")
    return target.getvalue()


PICTURE = _picture()


def quick_pages(_file, _media_type: str, *, first: int = 1, last: int = 1) -> Drawn:
    """Stand in for the child that draws pages: one white page."""
    return Drawn(1, (DrawnPage(1, 794, 1123, 8, 8, PICTURE, PICTURE),)) if first == 1 else Drawn(1)


@contextmanager
def stand_ins(*, real_rendering: bool = False) -> Iterator[None]:
    """Replace what is slow: pages drawn, and unless told otherwise the press."""
    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(previews, "draw_pages", quick_pages))
        if not real_rendering:
            stack.enter_context(mock.patch.object(Press, "print", quick_print))
        yield


def travel(moment) -> time_machine.travel:
    """Return a journey to a moment from which time goes on."""
    return time_machine.travel(moment, tick=True)
