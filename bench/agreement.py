"""The agreement's PDF from its terms: against WeasyPrint alone on the same HTML, its chain to the store, its check."""

import hashlib
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.utils import timezone
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from weasyprint import CSS, HTML, Attachment
from weasyprint.text.fonts import FontConfiguration

from bench.rows import Row, against_floor, in_turn
from grants.agreements.actions.freezing import SCHEMA_ATTACHMENT, terms_attachment
from grants.agreements.documents import agreement_html
from grants.agreements.press.sheets import STYLES
from grants.agreements.rendering import borrowed_press, render
from grants.agreements.sealing import certificates
from grants.agreements.terms import terms_content, terms_hash
from grants.agreements.verification import Word, verify_pdf
from grants.sealing.actions import present_certificate
from grants.sealing.sealers import seal
from tests.factories.grants import grant_in
from vetting_portal.files import put, read_stored
from vetting_portal.models import Funder, User

ROUNDS = 15
RENDER, CHAIN, CHECK, FLAT = 1.1, 1.5, 2.0, 1.1
FEW, MANY = 10, 100


def resident() -> float:
    """Return the memory of this process and of its press, in megabytes."""
    with borrowed_press() as press:
        pids = (os.getpid(), press.process.pid)
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) for pid in pids)
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def checks() -> Row:
    """Verify one sealed agreement as the page does, and as the least that would do: its hash, and its seal."""
    sealed = read_stored(grant_in("in_force").agreement.sealed_file)
    roots = certificates()

    def ours() -> bool:
        return verify_pdf(io.BytesIO(sealed)).word == Word.GENUINE

    def floor() -> bool:
        hashlib.sha256(sealed).hexdigest()
        signature = PdfFileReader(io.BytesIO(sealed)).embedded_signatures[0]
        context = ValidationContext(trust_roots=roots, allow_fetching=False)
        return bool(validate_pdf_signature(signature, signer_validation_context=context).bottom_line)

    assert ours()
    assert floor()
    value, least = in_turn([ours] * ROUNDS, [floor] * ROUNDS)
    return against_floor("verification of one PDF", value, least, unit="ms", bound=CHECK)


def memory(chain: Callable[[], object]) -> Row:
    """Make a hundred agreements, one after the other, and look how much memory the worker holds after ten and after."""
    for _ in range(FEW):
        chain()
    first = resident()
    for _ in range(MANY - FEW):
        chain()
    return against_floor("memory of a worker after 100 agreements, to 10", resident(), first, unit="MB", bound=FLAT)


def rows() -> Iterator[Row]:
    """Render the same terms by the portal and by the library, in turn; then all that follows."""
    grant = grant_in("draft")
    content: dict[str, Any] = terms_content(
        grant, Funder.objects.current(), version=1, frozen_at=timezone.now().replace(microsecond=0)
    )
    digest = terms_hash(content)
    html, carried = agreement_html(content, digest), [terms_attachment(content), SCHEMA_ATTACHMENT]
    fonts = FontConfiguration()
    styles = CSS(string=STYLES.read_text(encoding="utf-8"), font_config=fonts)

    def ours() -> bytes:
        attachments = [terms_attachment(content), SCHEMA_ATTACHMENT]
        return render(agreement_html(content, digest), attachments=attachments).content

    certificate = present_certificate(by=User.objects.system("command"))

    def chain() -> str:
        return put(seal(ours(), digest=digest, certificate=certificate)).sha256

    def floor() -> bytes:
        attachments = [
            Attachment(file_obj=io.BytesIO(one.content), name=one.name, relationship=one.relationship)
            for one in carried
        ]
        return HTML(string=html).write_pdf(
            font_config=fonts, stylesheets=[styles], pdf_variant="pdf/a-3a", attachments=attachments
        )

    for warm in (ours, floor):
        assert warm().startswith(b"%PDF-")
    assert chain()
    value, least = in_turn([ours] * ROUNDS, [floor] * ROUNDS)
    yield against_floor("the agreement PDF", value, least, unit="ms", bound=RENDER)
    value, least = in_turn([chain] * ROUNDS, [floor] * ROUNDS)
    yield against_floor("the agreement PDF, hashed, sealed, stored", value, least, unit="ms", bound=CHAIN)
    yield checks()
    yield memory(chain)
