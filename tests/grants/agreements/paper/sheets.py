"""Terms for the tests of the paper, and tools that look into a PDF from outside."""

import re
import subprocess

from django.utils import timezone

from grants.agreements.documents import agreement_html
from grants.agreements.rendering import render
from grants.agreements.terms import terms_content, terms_hash
from tests.factories import grants
from vetting_portal.models import Funder


def content_of(**changes):
    """Return the terms of a draft as they would be frozen now."""
    grant = grants.drafted(**changes)
    return terms_content(grant, Funder.objects.current(), version=1, frozen_at=timezone.now().replace(microsecond=0))


def printed(content, **more):
    """Return the PDF of terms."""
    return render(agreement_html(content, terms_hash(content), **more)).content


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def text_of(pdf, folder):
    """Return the text of each page, as poppler reads it."""
    path = folder / "file.pdf"
    path.write_bytes(pdf)
    return run("pdftotext", "-layout", str(path), "-").split("\f")[:-1]


def fonts_of(pdf, folder):
    """Return each font of a PDF: its name, and whether it is embedded and has a map to Unicode."""
    path = folder / "file.pdf"
    path.write_bytes(pdf)
    lines = run("pdffonts", str(path)).splitlines()[2:]
    found = [re.match(r"\w+\+(\S+) +.* +(yes|no) +(yes|no) +(yes|no) +\d+ +\d+$", line).groups() for line in lines]
    return {name.replace("-", " "): (embedded, mapped) for name, embedded, _, mapped in found}


def words_of(pdf, folder):
    """Return each word with where it stands: page, left, top, right, in points."""
    path = folder / "file.pdf"
    path.write_bytes(pdf)
    page, found = 0, []
    for line in run("pdftotext", "-bbox", str(path), "-").splitlines():
        page += "<page " in line
        if word := re.match(r'\s*<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)".*>(.*)</word>', line):
            found.append((page, float(word[1]), float(word[2]), float(word[3]), word[4]))
    return found
