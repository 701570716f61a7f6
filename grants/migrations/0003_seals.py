"""The certificates of the seal, timestamps, and what failed; the certificate of a key that was there before is taken over."""

import hashlib

import django.db.models.deletion
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

from vetting_portal.guards import InstallGuards, LiftGuards

MARK = b"-----BEGIN CERTIFICATE-----"


def take_over(apps, schema_editor):
    """Put the certificate on record whose seals counted until now, so that they count without a gap."""
    path = settings.DATA_DIR / "keys" / "seal.pem"
    if not path.exists():
        return
    alias = schema_editor.connection.alias
    (certificate,) = x509.load_pem_x509_certificates(MARK + path.read_bytes().partition(MARK)[2])
    apps.get_model("grants", "SealCertificate").objects.using(alias).create(
        fingerprint=hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest(),
        source="local",
        subject=certificate.subject.rfc4514_string(),
        pem=certificate.public_bytes(Encoding.PEM).decode(),
        begins_at=certificate.not_valid_before_utc,
        ends_at=certificate.not_valid_after_utc,
        recorded_at=timezone.now(),
        recorded_by=apps.get_model("vetting_portal", "User").objects.using(alias).get(email="command@system.invalid"),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("grants", "0002_guards"),
        ("vetting_portal", "0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        LiftGuards("grants"),
        migrations.CreateModel(
            name="SealCertificate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fingerprint", models.CharField(max_length=64, unique=True)),
                ("source", models.CharField(max_length=400)),
                ("subject", models.CharField(max_length=300)),
                ("pem", models.TextField()),
                ("begins_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("is_current", models.BooleanField(default=True)),
                ("recorded_at", models.DateTimeField()),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
                ("compromised_at", models.DateTimeField(blank=True, null=True)),
                ("compromised_reason", models.TextField(blank=True)),
                (
                    "compromised_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "retired_by",
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
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_current", True)),
                        fields=("is_current",),
                        name="seal_certificate_current_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("is_current", True), ("retired_at__isnull", True)),
                            models.Q(("is_current", False), ("retired_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="seal_certificate_current_until_retired",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("compromised_at__isnull", True),
                            models.Q(
                                ("retired_at__isnull", False), models.Q(("compromised_reason", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="seal_certificate_compromised_is_retired",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("begins_at"))),
                        name="seal_certificate_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("retired_at__isnull", False), ("retired_by__isnull", False)),
                            models.Q(("retired_at__isnull", True), ("retired_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="seal_certificate_retired_pair",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("compromised_at__isnull", False), ("compromised_by__isnull", False)),
                            models.Q(("compromised_at__isnull", True), ("compromised_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="seal_certificate_compromised_pair",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Setback",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "step",
                    models.CharField(choices=[("seal", "Sealing"), ("timestamp", "The timestamp")], max_length=12),
                ),
                ("at", models.DateTimeField()),
                ("reason", models.CharField(max_length=500)),
                ("again_at", models.DateTimeField()),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="setbacks", to="grants.agreement"
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [models.Index(fields=["agreement", "step", "again_at"], name="setback_of_a_step")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("step__in", ["seal", "timestamp"])), name="setback_step_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("again_at__gte", models.F("at"))), name="setback_tried_again_later"
                    ),
                    models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="setback_says_why"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Timestamp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sha256", models.CharField(max_length=64)),
                ("token", models.BinaryField()),
                ("stamped_at", models.DateTimeField()),
                ("authority", models.CharField(max_length=400)),
                ("server", models.CharField(max_length=300)),
                ("pem", models.TextField()),
                ("recorded_at", models.DateTimeField()),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="timestamps", to="grants.agreement"
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("agreement", "server"), name="timestamp_once_a_server"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sha256", ""), _negated=True),
                            models.Q(("authority", ""), _negated=True),
                            models.Q(("pem", ""), _negated=True),
                        ),
                        name="timestamp_says_of_what_and_by_whom",
                    ),
                ],
            },
        ),
        InstallGuards("grants"),
        migrations.RunPython(take_over, migrations.RunPython.noop),
    ]
