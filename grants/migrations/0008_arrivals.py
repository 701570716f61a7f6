"""What partners say of the arrival of payments, and the reminders to say it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from vetting_portal.guards import InstallGuards


class Migration(migrations.Migration):
    dependencies = [
        ("grants", "0007_conditions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Arrival",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("arrived", "Arrived"),
                            ("missing", "Has not arrived"),
                            ("answered", "Answered by finance"),
                        ],
                        max_length=12,
                    ),
                ),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("amount_minor", models.BigIntegerField(blank=True, null=True)),
                ("charges_minor", models.BigIntegerField(blank=True, null=True)),
                ("arrived_on", models.DateField(blank=True, null=True)),
                ("text", models.TextField(blank=True)),
                ("said_at", models.DateTimeField()),
                (
                    "said_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "tranche",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="arrivals", to="grants.tranche"
                    ),
                ),
            ],
            options={
                "ordering": ["tranche", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("tranche", "number"), name="arrival_number_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["arrived", "missing", "answered"])), name="arrival_kind_known"
                    ),
                    models.CheckConstraint(
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
                            _connector="OR",
                        ),
                        name="arrival_says_how_much_and_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "answered"), _negated=True),
                            models.Q(("text", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="arrival_answer_says_something",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ArrivalNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mark", models.PositiveSmallIntegerField()),
                ("noticed_at", models.DateTimeField()),
                (
                    "tranche",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="arrival_notices", to="grants.tranche"
                    ),
                ),
            ],
            options={
                "ordering": ["tranche", "mark"],
                "constraints": [models.UniqueConstraint(fields=("tranche", "mark"), name="arrival_notice_once")],
            },
        ),
        InstallGuards("grants"),
    ]
