"""The salted lines of statements of match with the branches of their tree, and the links to donors' receipts."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from vetting_portal.guards import InstallGuards


class Migration(migrations.Migration):
    dependencies = [
        ("grants", "0003_agreements_that_hold"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="StatementLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.PositiveIntegerField()),
                ("gross_minor", models.BigIntegerField()),
                ("refunded_minor", models.BigIntegerField()),
                ("matched_minor", models.BigIntegerField()),
                ("salt", models.CharField(max_length=64)),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statement_lines",
                        to="grants.campaign",
                    ),
                ),
                (
                    "gift",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="statement_line", to="grants.gift"
                    ),
                ),
            ],
            options={
                "ordering": ["campaign", "seq"],
                "constraints": [
                    models.UniqueConstraint(fields=("campaign", "seq"), name="statement_line_once"),
                    models.CheckConstraint(condition=models.Q(("seq__gte", 1)), name="statement_line_counts_from_one"),
                    models.CheckConstraint(
                        condition=models.Q(("salt__regex", "^[0-9a-f]{64}$")), name="statement_line_salted"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StatementBranch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statement_branches",
                        to="grants.campaign",
                    ),
                ),
            ],
            options={
                "ordering": ["campaign", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("campaign", "number"), name="statement_branch_once"),
                    models.CheckConstraint(
                        condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")), name="statement_branch_hash_whole"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReceiptLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token_sha256", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "gift",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="receipt_links", to="grants.gift"
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "revoked_by",
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
                "ordering": ["gift", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("revoked_at__isnull", False), ("revoked_by__isnull", False)),
                            models.Q(("revoked_at__isnull", True), ("revoked_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="receipt_link_revoked_pair",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("token_sha256__regex", "^[0-9a-f]{64}$")), name="receipt_link_hash_whole"
                    ),
                ],
            },
        ),
        InstallGuards("grants"),
    ]
