"""A grant is terminated only where its end was carried out, which a second person confirmed."""

from django.db import migrations

from vetting_portal.guards import InstallGuards


class Migration(migrations.Migration):
    """A trigger."""

    dependencies = [
        ("grants", "0011_completion_letters"),
    ]

    operations = [InstallGuards("grants")]
