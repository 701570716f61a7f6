"""Make the triggers of partners, and fill the list of closed places with what came with the portal."""

import json
from datetime import date
from pathlib import Path

from django.db import migrations
from django.utils import timezone

from vetting_portal.guards import InstallGuards

DATA = Path(__file__).parents[1] / "places/data/embargoes.json"


def fill(apps, schema_editor):  # noqa: ARG001 Django's signature
    """Add each entry of the file; nobody stands behind them but the file itself."""
    told = json.loads(DATA.read_text(encoding="utf-8"))
    embargoes = apps.get_model("partners", "Embargo")
    if embargoes.objects.exists():
        return
    embargoes.objects.bulk_create(
        embargoes(
            **{**entry, "since_on": date.fromisoformat(entry["since_on"])},
            checked_on=date.fromisoformat(told["checked_on"]),
            recorded_at=timezone.now(),
            reason="Came with the portal.",
        )
        for entry in told["entries"]
    )


class Migration(migrations.Migration):
    """After the tables. Rows that are made are allowed, rows that are changed are not."""

    dependencies = [("partners", "0001_initial")]

    operations = [InstallGuards("partners"), migrations.RunPython(fill, migrations.RunPython.noop)]
