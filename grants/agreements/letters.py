"""Which texts of a draft no document can set, each with its place: the field of the form, or the record it is from."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from grants.agreements.lettering import faults
from reviews.panels.conditions import read_all
from vetting_portal.models import Funder
from vetting_portal.workflow import Blocker

FIELDS = {
    "title": "the title",
    "purpose": "the purpose",
    "signatory_name": "the name of who signs for the partner",
    "signatory_title": "the title of who signs for the partner",
    "signatory_authority": "the authority of who signs for the partner",
    "director_authority": "the authority of the directors",
    "bank_name": "the name of the bank",
}
ROWS = {
    ("budget", "line"): "budget line",
    ("tranches", "condition"): "condition of payment",
    ("reports", "title"): "title of report",
    ("indicators", "text"): "indicator",
    ("indicators", "target"): "target of indicator",
}
ORGANISATION = {
    "legal_name": "legal name",
    "local_name": "local name",
    "registration_number": "registration number",
    "address": "address",
}


def _of_draft(grant: Any) -> Iterator[tuple[str, str, str]]:
    """Yield each text of the form: the text, what it is, the field."""
    for field, what in FIELDS.items():
        yield getattr(grant, field), what, f"id_{field}"
    for (rows, field), what in ROWS.items():
        for place, row in enumerate(grant.plan[rows]):
            yield row[field], f"the {what} {place + 1}", f"id_{rows}-{place}-{field}"
    for place, condition in enumerate(read_all(grant.plan["conditions"])):
        yield condition.text, f"condition {condition.number or place + 1} from vetting", f"id_conditions-{place}-text"


def letter_blockers(grant: Any, funder: Funder, *, form: str = "") -> list[str]:
    """Return a reason for each text of the terms that holds a character no document can set; ``form`` is the address of
    the page where the terms are changed, if it is not the grant's own.
    """
    form = form or reverse("grants:change", args=[grant.number])
    organisation, officer = grant.submission.organisation, grant.submission.officer
    page = reverse("partners:organisation", args=[organisation.pk])
    texts = [(text, what, f"{form}#{place}") for text, what, place in _of_draft(grant)]
    texts += [(getattr(organisation, field), f"the partner’s {what}", page) for field, what in ORGANISATION.items()]
    texts += [
        (funder.name, "the funder’s name", ""),
        (funder.address, "the funder’s address", ""),
        (funder.city, "the funder’s city", ""),
        (grant.fund.name, "the name of the match fund", ""),
        (officer.name if officer else "", "the programme officer’s name", ""),
    ]
    return [
        Blocker(f"The agreement cannot print {what}.", hint=" ".join(wrong), url=url)
        for text, what, url in texts
        if (wrong := faults(text))
    ]
