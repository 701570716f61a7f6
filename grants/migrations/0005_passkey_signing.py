"""Passkeys that sign, who is asked and reminded, and directors who are away."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from vetting_portal.guards import InstallGuards, LiftGuards


class Migration(migrations.Migration):
    """Triggers are lifted first: SQLite renames no table that a trigger of another names."""

    dependencies = [
        ("grants", "0004_wordings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        LiftGuards("grants"),
        migrations.CreateModel(
            name="Absence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_on", models.DateField()),
                ("until_on", models.DateField()),
                ("noted_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["from_on", "pk"],
            },
        ),
        migrations.CreateModel(
            name="SigningReminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mark", models.PositiveSmallIntegerField()),
                ("reminded_at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="signature",
            name="signature_method_known",
        ),
        migrations.RemoveConstraint(
            model_name="signingchallenge",
            name="challenge_method_known",
        ),
        migrations.AddField(
            model_name="signature",
            name="assertion",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="signingchallenge",
            name="approval",
            field=models.CharField(blank=True, max_length=160),
        ),
        migrations.AlterField(
            model_name="signature",
            name="method",
            field=models.CharField(
                choices=[("passkey", "Passkey"), ("totp", "Code of an authenticator app"), ("email", "Code by e-mail")],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="signingchallenge",
            name="method",
            field=models.CharField(
                choices=[("passkey", "Passkey"), ("totp", "Code of an authenticator app"), ("email", "Code by e-mail")],
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="signature",
            constraint=models.CheckConstraint(
                condition=models.Q(("method__in", ["passkey", "totp", "email"])), name="signature_method_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="signature",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("assertion__isnull", False), ("method", "passkey")),
                    models.Q(models.Q(("method", "passkey"), _negated=True), ("assertion__isnull", True)),
                    _connector="OR",
                ),
                name="signature_passkey_keeps_assertion",
            ),
        ),
        migrations.AddConstraint(
            model_name="signingchallenge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("method", "passkey"), _negated=True),
                    models.Q(("approval", ""), _negated=True),
                    _connector="OR",
                ),
                name="challenge_passkey_has_approval",
            ),
        ),
        migrations.AddConstraint(
            model_name="signingchallenge",
            constraint=models.CheckConstraint(
                condition=models.Q(("method__in", ["passkey", "totp", "email"])), name="challenge_method_known"
            ),
        ),
        migrations.AddField(
            model_name="absence",
            name="director",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="absences", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="absence",
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
            model_name="absence",
            name="noted_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="absence",
            name="stand_in",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="stands_in", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="signingreminder",
            name="agreement",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="reminders", to="grants.agreement"
            ),
        ),
        migrations.AddField(
            model_name="signingreminder",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="absence",
            constraint=models.CheckConstraint(
                condition=models.Q(("director", models.F("stand_in")), _negated=True), name="absence_another_stands_in"
            ),
        ),
        migrations.AddConstraint(
            model_name="absence",
            constraint=models.CheckConstraint(
                condition=models.Q(("until_on__gte", models.F("from_on"))),
                name="absence_in_order",
                violation_error_message="The last day is not before the first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="absence",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                    models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                    _connector="OR",
                ),
                name="absence_ended_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="signingreminder",
            constraint=models.UniqueConstraint(fields=("user", "agreement", "mark"), name="reminded_once_a_mark"),
        ),
        InstallGuards("grants"),
    ]
