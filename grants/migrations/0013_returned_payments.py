"""A payment that the bank returned: a kind of word on its arrival, and the triggers that let it be paid again."""

from django.conf import settings
from django.db import migrations, models

from vetting_portal.guards import InstallGuards, LiftGuards


class Migration(migrations.Migration):
    """Constraints, and triggers."""

    dependencies = [
        ("grants", "0012_confirmed_ends"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        LiftGuards("grants"),
        migrations.RemoveConstraint(
            model_name="arrival",
            name="arrival_kind_known",
        ),
        migrations.RemoveConstraint(
            model_name="arrival",
            name="arrival_says_how_much_and_when",
        ),
        migrations.RemoveConstraint(
            model_name="arrival",
            name="arrival_answer_says_something",
        ),
        migrations.RemoveConstraint(
            model_name="arrivalnotice",
            name="arrival_notice_once",
        ),
        migrations.AddField(
            model_name="arrivalnotice",
            name="time",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AlterField(
            model_name="arrival",
            name="kind",
            field=models.CharField(
                choices=[
                    ("arrived", "Arrived"),
                    ("missing", "Has not arrived"),
                    ("answered", "Answered by finance"),
                    ("returned", "Returned by the bank"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="arrival",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["arrived", "missing", "answered", "returned"])),
                name="arrival_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="arrival",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("currency", ""), _negated=True),
                        ("amount_minor__gt", 0),
                        ("arrived_on__isnull", False),
                        ("charges_minor__gte", 0),
                        ("kind", "arrived"),
                    ),
                    models.Q(
                        ("amount_minor__isnull", True),
                        ("arrived_on__isnull", True),
                        ("charges_minor__isnull", True),
                        ("currency", ""),
                        ("kind__in", ["missing", "answered"]),
                    ),
                    models.Q(
                        ("amount_minor__isnull", True),
                        ("arrived_on__isnull", False),
                        ("charges_minor__isnull", True),
                        ("currency", ""),
                        ("kind", "returned"),
                    ),
                    _connector="OR",
                ),
                name="arrival_says_how_much_and_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="arrival",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ["answered", "returned"]), _negated=True),
                    models.Q(("text", ""), _negated=True),
                    _connector="OR",
                ),
                name="arrival_answer_says_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="arrivalnotice",
            constraint=models.UniqueConstraint(fields=("tranche", "time", "mark"), name="arrival_notice_once"),
        ),
        InstallGuards("grants"),
    ]
