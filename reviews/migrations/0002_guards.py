"""Make the triggers of reviews."""

from django.db import migrations

from vetting_portal.guards import InstallGuards


class Migration(migrations.Migration):
    """After the tables: a trigger vanishes when SQLite rebuilds its table."""

    dependencies = [("reviews", "0001_initial"), ("partners", "0002_guards")]

    operations = [InstallGuards("reviews")]
