"""Sends papers as a partner does, for the tests of the vault."""

from io import BytesIO
from typing import Any

import pikepdf

from partners.models import Document
from partners.vault import actions
from tests.factories.partners import OrganisationFactory
from vetting_portal.files import put
from vetting_portal.tasks import drain


def pdf(title: str = "A") -> bytes:
    made, out = pikepdf.new(), BytesIO()
    made.add_blank_page()
    made.docinfo["/Title"] = title
    made.save(out, static_id=True)
    return out.getvalue()


def send(content: bytes, *, name: str = "paper.pdf", **fields: Any) -> Document:
    organisation = fields.pop("organisation", None) or OrganisationFactory()
    fields = {"kind": "minutes", "by": organisation.created_by, **fields}
    return actions.add_paper(organisation=organisation, blob=put(content), original_name=name, **fields)


def accepted(content: str = "A", **fields: Any) -> Document:
    """Send a paper and let its check run."""
    document = send(pdf(content), **fields)
    drain()
    return Document.objects.get(pk=document.pk)
