"""A grant that is complete has a letter, which the seal alone signs."""

from django.db import migrations, models

from vetting_portal.guards import InstallGuards, LiftGuards
from vetting_portal.schema import Together


class Migration(migrations.Migration):
    """A kind of document, and what must be true of it."""

    dependencies = [
        ("grants", "0010_work_reminders"),
    ]

    operations = [
        LiftGuards("grants"),
        Together(
            migrations.RemoveConstraint(
                model_name="agreement",
                name="statement_has_figures",
            ),
            migrations.RemoveConstraint(
                model_name="agreement",
                name="agreement_kind_known",
            ),
        ),
        Together(
            migrations.AlterField(
                model_name="agreement",
                name="kind",
                field=models.CharField(
                    choices=[
                        ("agreement", "Grant agreement"),
                        ("amendment", "Amendment"),
                        ("statement", "Statement of match"),
                        ("closing", "Closing letter"),
                        ("completion", "Completion letter"),
                    ],
                    default="agreement",
                    max_length=12,
                ),
            ),
        ),
        Together(
            migrations.AddConstraint(
                model_name="agreement",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("kind__in", ["statement", "closing", "completion"]), _negated=True),
                        ("content__isnull", False),
                        _connector="OR",
                    ),
                    name="statement_has_figures",
                ),
            ),
            migrations.AddConstraint(
                model_name="agreement",
                constraint=models.CheckConstraint(
                    condition=models.Q(("kind__in", ["agreement", "amendment", "statement", "closing", "completion"])),
                    name="agreement_kind_known",
                ),
            ),
        ),
        InstallGuards("grants"),
    ]
