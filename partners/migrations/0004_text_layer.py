"""Keep the text of each drawn page with its places."""

from django.db import migrations, models

from vetting_portal.guards import InstallGuards


class Migration(migrations.Migration):
    """Then the triggers again: SQLite rebuilds a table that changes."""

    dependencies = [
        ("partners", "0003_embargoes"),
    ]

    operations = [
        migrations.AddField(
            model_name="pageimage",
            name="lines",
            field=models.JSONField(blank=True, default=list),
        ),
        InstallGuards("partners"),
    ]
