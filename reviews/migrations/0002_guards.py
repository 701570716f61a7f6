"""Make the triggers of reviews."""

from django.db import migrations

from vetting_portal.guards import InstallGuards


class Migration(migrations.Migration):
    """After the tables."""

    dependencies = [("reviews", "0001_initial")]

    operations = [InstallGuards("reviews")]
