"""Make the triggers of grants."""

from django.db import migrations

from vetting_portal.guards import InstallGuards


class Migration(migrations.Migration):
    """After the tables: a trigger vanishes when SQLite rebuilds its table."""

    dependencies = [("grants", "0001_initial")]

    operations = [InstallGuards("grants")]
