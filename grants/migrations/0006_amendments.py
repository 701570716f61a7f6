"""Numbered amendments."""

import django.db.models.deletion
import django_fsm
from django.conf import settings
from django.db import migrations, models

from vetting_portal.guards import InstallGuards, LiftGuards


class Migration(migrations.Migration):
    """Amendments, the reasons of void and revoked documents, and the terms that hold; triggers are made again."""

    dependencies = [
        ("grants", "0005_passkey_signing"),
        ("partners", "0003_embargoes"),
        ("vetting_portal", "0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        LiftGuards("grants"),
        migrations.CreateModel(
            name="Amendment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ordinal", models.PositiveSmallIntegerField()),
                ("number", models.CharField(max_length=24, unique=True)),
                ("reason", models.TextField()),
                ("changes", models.JSONField()),
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("draft", "Draft"),
                            ("awaiting_signature", "Awaiting signature"),
                            ("approved", "Approved"),
                            ("in_force", "In force"),
                            ("withdrawn", "Withdrawn"),
                            ("declined", "Declined"),
                            ("lapsed", "Lapsed"),
                        ],
                        default="draft",
                        max_length=24,
                        protected=True,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("frozen_at", models.DateTimeField(blank=True, null=True)),
                ("sent_back_at", models.DateTimeField(blank=True, null=True)),
                ("sent_back_reason", models.TextField(blank=True)),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("in_force_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_reason", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["grant", "ordinal"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="agreement",
            name="agreement_has_file_to_sign",
        ),
        migrations.RemoveConstraint(
            model_name="agreement",
            name="agreement_kind_known",
        ),
        migrations.AddField(
            model_name="agreement",
            name="revoked_public",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="agreement",
            name="voided_reason",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="campaign",
            name="first_cap_minor",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="grant",
            name="amended_terms",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="grants.terms"
            ),
        ),
        migrations.AlterField(
            model_name="agreement",
            name="kind",
            field=models.CharField(
                choices=[
                    ("agreement", "Grant agreement"),
                    ("amendment", "Amendment"),
                    ("statement", "Statement of match"),
                ],
                default="agreement",
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ["agreement", "amendment"]), _negated=True),
                    models.Q(("signed_file__isnull", False), models.Q(("signed_sha256", ""), _negated=True)),
                    _connector="OR",
                ),
                name="agreement_has_file_to_sign",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["agreement", "amendment", "statement"])), name="agreement_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(("amended_terms__isnull", True), ("in_force_at__isnull", False), _connector="OR"),
                name="grant_amended_in_force",
            ),
        ),
        migrations.AddField(
            model_name="amendment",
            name="approved_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="amendment",
            name="base",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="grants.terms"),
        ),
        migrations.AddField(
            model_name="amendment",
            name="created_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="amendment",
            name="ended_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="amendment",
            name="frozen_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="amendment",
            name="grant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="amendments", to="grants.grant"
            ),
        ),
        migrations.AddField(
            model_name="amendment",
            name="in_force_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="amendment",
            name="reserve_account",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="grants.account",
            ),
        ),
        migrations.AddField(
            model_name="amendment",
            name="sent_back_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="amendment",
            name="terms",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="grants.terms"
            ),
        ),
        migrations.AddIndex(
            model_name="amendment",
            index=models.Index(fields=["state", "frozen_at"], name="amendment_by_state"),
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["draft", "awaiting_signature", "approved", "in_force", "withdrawn", "declined", "lapsed"],
                    )
                ),
                name="amendment_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.UniqueConstraint(fields=("grant", "ordinal"), name="amendment_ordinal_once"),
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["draft", "awaiting_signature", "approved"])),
                fields=("grant",),
                name="amendment_one_open",
                violation_error_message="Another amendment of this grant is open.",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True),
                name="amendment_says_why",
                violation_error_message="Say why the terms change.",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("frozen_at__isnull", False), ("frozen_by__isnull", False)),
                    models.Q(("frozen_at__isnull", True), ("frozen_by__isnull", True)),
                    _connector="OR",
                ),
                name="amendment_frozen_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sent_back_at__isnull", False), ("sent_back_by__isnull", False)),
                    models.Q(("sent_back_at__isnull", True), ("sent_back_by__isnull", True)),
                    _connector="OR",
                ),
                name="amendment_sent_back_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approved_at__isnull", False), ("approved_by__isnull", False)),
                    models.Q(("approved_at__isnull", True), ("approved_by__isnull", True)),
                    _connector="OR",
                ),
                name="amendment_approved_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("in_force_at__isnull", False), ("in_force_by__isnull", False)),
                    models.Q(("in_force_at__isnull", True), ("in_force_by__isnull", True)),
                    _connector="OR",
                ),
                name="amendment_in_force_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                    models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                    _connector="OR",
                ),
                name="amendment_ended_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["awaiting_signature"]), _negated=True),
                    models.Q(("frozen_at__isnull", False), ("terms__isnull", False)),
                    _connector="OR",
                ),
                name="amendment_awaiting_has_terms",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["approved"]), _negated=True),
                    models.Q(("approved_at__isnull", False), ("terms__isnull", False)),
                    _connector="OR",
                ),
                name="amendment_approved_has_stamps",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["in_force"]), _negated=True),
                    models.Q(("approved_at__isnull", False), ("in_force_at__isnull", False), ("terms__isnull", False)),
                    _connector="OR",
                ),
                name="amendment_in_force_has_stamps",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["withdrawn", "declined", "lapsed"]), _negated=True),
                    ("ended_at__isnull", False),
                    _connector="OR",
                ),
                name="amendment_ended_has_stamps",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["withdrawn", "declined", "lapsed"]), _negated=True),
                    models.Q(("ended_reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="amendment_ended_says_why",
            ),
        ),
        InstallGuards("grants"),
    ]
