"""Let a citation quote a passage of its page."""

from django.db import migrations, models

from vetting_portal.guards import InstallGuards, LiftGuards


class Migration(migrations.Migration):
    """Then the triggers again: SQLite rebuilds a table that changes."""

    dependencies = [
        ("reviews", "0002_guards"),
    ]

    operations = [
        LiftGuards("reviews"),
        migrations.AddField(
            model_name="citation",
            name="is_quoted",
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name="citation",
            name="passage",
            field=models.CharField(blank=True, max_length=600),
        ),
        InstallGuards("reviews"),
    ]
