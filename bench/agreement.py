"""The agreement's PDF from its terms, against WeasyPrint alone on the same HTML."""

import io
from collections.abc import Iterator

from django.utils import timezone
from weasyprint import CSS, HTML, Attachment
from weasyprint.text.fonts import FontConfiguration

from bench.rows import Row, against_floor, in_turn
from grants.agreements.actions.freezing import terms_attachment
from grants.agreements.documents import agreement_html
from grants.agreements.press.sheets import STYLES
from grants.agreements.rendering import render
from grants.agreements.terms import terms_content, terms_hash
from tests.factories.grants import grant_in
from vetting_portal.models import Funder

ROUNDS = 15
BOUND = 1.1


def rows() -> Iterator[Row]:
    """Render the same terms by the portal and by the library, in turn."""
    grant = grant_in("draft")
    content = terms_content(grant, Funder.objects.current(), version=1, frozen_at=timezone.now().replace(microsecond=0))
    digest = terms_hash(content)
    html, terms = agreement_html(content, digest), terms_attachment(content)
    fonts = FontConfiguration()
    styles = CSS(string=STYLES.read_text(encoding="utf-8"), font_config=fonts)

    def ours() -> bytes:
        return render(agreement_html(content, digest), attachments=[terms_attachment(content)]).content

    def floor() -> bytes:
        carried = Attachment(file_obj=io.BytesIO(terms.content), name=terms.name, relationship=terms.relationship)
        return HTML(string=html).write_pdf(
            font_config=fonts, stylesheets=[styles], pdf_variant="pdf/a-3a", attachments=[carried]
        )

    for warm in (ours, floor):
        assert warm().startswith(b"%PDF-")
    value, least = in_turn([ours] * ROUNDS, [floor] * ROUNDS)
    yield against_floor("the agreement PDF", value, least, unit="ms", bound=BOUND)
