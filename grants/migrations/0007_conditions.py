"""Conditions from vetting that bind, the evidence given for them, and the reminders that were sent."""

import django.db.models.deletion
import django_fsm
from django.conf import settings
from django.db import migrations, models

from vetting_portal.guards import InstallGuards


class Migration(migrations.Migration):
    dependencies = [
        ("grants", "0006_endings"),
        ("partners", "0003_embargoes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Condition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("text", models.TextField()),
                (
                    "blocks",
                    models.CharField(
                        choices=[
                            ("directors", "The directors sign"),
                            ("partner", "The partner signs"),
                            ("payment", "A payment is released"),
                            ("report", "A report is accepted"),
                        ],
                        max_length=12,
                    ),
                ),
                ("of", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "asked_of",
                    models.CharField(choices=[("partner", "The partner"), ("funder", "The funder")], max_length=12),
                ),
                ("due_on", models.DateField()),
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("open", "Open"),
                            ("shown", "Evidence given"),
                            ("met", "Met"),
                            ("waived", "Waived"),
                            ("ended", "No longer asked"),
                        ],
                        default="open",
                        max_length=12,
                        protected=True,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("shown_at", models.DateTimeField(blank=True, null=True)),
                ("returned_at", models.DateTimeField(blank=True, null=True)),
                ("return_reason", models.TextField(blank=True)),
                ("met_at", models.DateTimeField(blank=True, null=True)),
                ("met_reason", models.TextField(blank=True)),
                ("waiver_asked_at", models.DateTimeField(blank=True, null=True)),
                ("waiver_reason", models.TextField(blank=True)),
                ("waived_at", models.DateTimeField(blank=True, null=True)),
                ("waived_reason", models.TextField(blank=True)),
                ("reopened_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("end_reason", models.TextField(blank=True)),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="conditions", to="grants.grant"
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "met_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reopened_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "returned_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "shown_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "waived_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "waiver_asked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["grant", "number"],
                "indexes": [
                    models.Index(fields=["state", "due_on"], name="condition_by_state"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("grant", "number"), name="condition_number_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "shown", "met", "waived", "ended"])),
                        name="condition_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("blocks__in", ["directors", "partner", "payment", "report"])),
                        name="condition_blocks_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("asked_of__in", ["partner", "funder"])), name="condition_asked_of_known"
                    ),
                    models.CheckConstraint(condition=models.Q(("text", ""), _negated=True), name="condition_has_text"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("blocks__in", ["payment", "report"]), ("of__gte", 1)),
                            models.Q(("blocks__in", ["directors", "partner"]), ("of__isnull", True)),
                            _connector="OR",
                        ),
                        name="condition_names_what_waits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("shown_at__isnull", False), ("shown_by__isnull", False)),
                            models.Q(("shown_at__isnull", True), ("shown_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="condition_shown_pair",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("returned_at__isnull", False), ("returned_by__isnull", False)),
                            models.Q(("returned_at__isnull", True), ("returned_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="condition_returned_pair",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("met_at__isnull", False), ("met_by__isnull", False)),
                            models.Q(("met_at__isnull", True), ("met_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="condition_met_pair",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("waiver_asked_at__isnull", False), ("waiver_asked_by__isnull", False)),
                            models.Q(("waiver_asked_at__isnull", True), ("waiver_asked_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="condition_waiver_asked_pair",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("waived_at__isnull", False), ("waived_by__isnull", False)),
                            models.Q(("waived_at__isnull", True), ("waived_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="condition_waived_pair",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reopened_at__isnull", False), ("reopened_by__isnull", False)),
                            models.Q(("reopened_at__isnull", True), ("reopened_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="condition_reopened_pair",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                            models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="condition_ended_pair",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["shown", "met"]), _negated=True),
                            ("shown_at__isnull", False),
                            _connector="OR",
                        ),
                        name="condition_shown_has_stamps",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["met"]), _negated=True), ("met_at__isnull", False), _connector="OR"
                        ),
                        name="condition_met_has_stamps",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["waived"]), _negated=True),
                            ("waived_at__isnull", False),
                            _connector="OR",
                        ),
                        name="condition_waived_has_stamps",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["ended"]), _negated=True),
                            ("ended_at__isnull", False),
                            _connector="OR",
                        ),
                        name="condition_ended_has_stamps",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "met"), _negated=True),
                            models.Q(("met_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="condition_met_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "waived"), _negated=True),
                            models.Q(("waived_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="condition_waived_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "ended"), _negated=True),
                            models.Q(("end_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="condition_ended_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "met"), _negated=True),
                            models.Q(("met_by", models.F("shown_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="condition_second_person",
                        violation_error_message="Another person checks the evidence than the one who gave it.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConditionAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(blank=True)),
                ("given_at", models.DateTimeField()),
                (
                    "condition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="answers", to="grants.condition"
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.document",
                    ),
                ),
                (
                    "given_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["condition", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("text", ""), _negated=True), ("document__isnull", False), _connector="OR"
                        ),
                        name="condition_answer_says_something",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConditionNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mark", models.SmallIntegerField()),
                ("due_on", models.DateField()),
                ("noticed_at", models.DateTimeField()),
                (
                    "condition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="notices", to="grants.condition"
                    ),
                ),
            ],
            options={
                "ordering": ["condition", "-mark"],
                "constraints": [
                    models.UniqueConstraint(fields=("condition", "mark", "due_on"), name="condition_notice_once"),
                ],
            },
        ),
        InstallGuards("grants"),
    ]
