"""What the walk ends with: two sealed files and the figures, read from the records."""

from pathlib import Path
from typing import Any

from django.conf import settings

from grants.agreements.models import Agreement, Grant
from grants.campaigns.figures import match_statement
from grants.campaigns.models import Campaign
from grants.example.walk import Walk
from vetting_portal.files import read_stored

FOLDER = "walk"


def outcome(walk: Walk, *, kept: bool) -> dict[str, Any]:
    """Return the files (absolute paths, None where the installation is not kept) and the figures in minor units."""
    grant = Grant.objects.get(number=walk.grant)
    campaign = Campaign.objects.get(slug=walk.campaign)
    figures = match_statement(campaign)
    return {
        "agreement": _write(grant.agreement) if kept else None,
        "statement": _write(grant.statement) if kept else None,
        "campaign": campaign.slug,
        "grant": grant.number,
        "goal": grant.goal_minor,
        "cap": grant.cap_minor,
        **{name: figures[name] for name in ("gross", "fees", "net", "matched", "payable")},
    }


def _write(document: Agreement | None) -> str | None:
    """Write the sealed file beside the installation's data; return its absolute path."""
    if document is None or document.sealed_file is None:
        return None
    path = Path(settings.DATA_DIR) / FOLDER / document.canonical_name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(read_stored(document.sealed_file))
    return str(path)
