"""What the directors vote to add for card fees stands on the grant; grants that were there have none."""

from django.db import migrations, models

from vetting_portal.guards import InstallGuards, LiftGuards


class Migration(migrations.Migration):
    dependencies = [("grants", "0003_agreements_that_hold")]

    operations = [
        LiftGuards("grants"),
        migrations.AddField(
            model_name="grant",
            name="fee_top_up_minor",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(("fee_top_up_minor__isnull", True), ("fee_top_up_minor__gt", 0), _connector="OR"),
                name="grant_fee_top_up_positive",
                violation_error_message="What is added for card fees is more than zero, or there is none.",
            ),
        ),
        InstallGuards("grants"),
    ]
