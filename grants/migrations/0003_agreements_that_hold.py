"""Wordings, seals, timestamps, passkeys, absences and amendments: the tables, and what installations had before.

The wordings that came with the portal are published; the certificate of a seal's key that was there is taken over.
"""

import hashlib

import django.db.models.deletion
import django_fsm
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

import grants.wordings.models
from grants.wordings.shipped import SHIPPED, shipped_content, shipped_rows
from vetting_portal.canonical import sha256_of
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


def publish_the_shipped(apps, schema_editor):  # noqa: ARG001 Django's signature
    """Add the shipped wordings as the first published versions, where they are not there yet; nobody stands behind
    them.
    """
    versions = apps.get_model("grants", "WordingVersion")
    passages = apps.get_model("grants", "Passage")
    now = timezone.now()
    for name in SHIPPED:
        if versions.objects.filter(name=name).exists():
            continue
        content = shipped_content(name)
        shipped = versions.objects.create(
            name=name,
            language=content["language"],
            placeholders=content["placeholders"],
            is_shipped=True,
            created_at=now,
            published_at=now,
            content=content,
            sha256=sha256_of(content),
        )
        passages.objects.bulk_create(passages(wording=shipped, **row) for row in shipped_rows(content))


class Migration(migrations.Migration):
    """Triggers are lifted first: SQLite rebuilds no table that a trigger of another one names."""

    dependencies = [
        ("grants", "0002_guards"),
        ("partners", "0003_embargoes"),
        ("vetting_portal", "0002_guards"),
        ("vetting_portal", "__first__"),
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
        migrations.CreateModel(
            name="WordingVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=16, unique=True)),
                ("language", models.CharField(default="en", max_length=8)),
                ("placeholders", models.JSONField(default=dict)),
                ("is_shipped", models.BooleanField(default=False)),
                ("edition", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField(blank=True, null=True)),
                ("discarded_at", models.DateTimeField(blank=True, null=True)),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                ("content", models.JSONField(blank=True, null=True)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                (
                    "changed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "copied_from",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="copies",
                        to="grants.wordingversion",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "discarded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "published_by",
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
                "verbose_name": "wording",
                "ordering": ["-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name__regex", "^[0-9]{4}-[0-9]+$")), name="wording_name_known"
                    ),
                    models.CheckConstraint(condition=models.Q(("edition__gte", 1)), name="wording_edition_positive"),
                    models.UniqueConstraint(
                        condition=models.Q(("discarded_at__isnull", True), ("published_at__isnull", True)),
                        fields=("language",),
                        name="wording_one_draft_at_a_time",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("sha256", ""), _negated=True), fields=("sha256",), name="wording_hash_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("created_by__isnull", True), ("is_shipped", True), ("published_by__isnull", True)
                            ),
                            models.Q(("created_by__isnull", False), ("is_shipped", False)),
                            _connector="OR",
                        ),
                        name="wording_somebody_started_it",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("published_at__isnull", True), ("published_by__isnull", True)),
                            models.Q(("is_shipped", True), ("published_at__isnull", False)),
                            models.Q(("published_at__isnull", False), ("published_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="wording_published_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("content__isnull", True), ("published_at__isnull", True), ("sha256", "")),
                            models.Q(
                                ("content__isnull", False),
                                ("published_at__isnull", False),
                                ("sha256__regex", "^[0-9a-f]{64}$"),
                            ),
                            _connector="OR",
                        ),
                        name="wording_published_has_its_hash",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("published_at__isnull", True), ("discarded_at__isnull", True), _connector="OR"
                        ),
                        name="wording_published_never_discarded",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("changed_at__isnull", False), ("changed_by__isnull", False)),
                            models.Q(("changed_at__isnull", True), ("changed_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="wording_changed_pair",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("discarded_at__isnull", False), ("discarded_by__isnull", False)),
                            models.Q(("discarded_at__isnull", True), ("discarded_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="wording_discarded_pair",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WordingEditor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "wording",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="editors", to="grants.wordingversion"
                    ),
                ),
            ],
            options={
                "ordering": ["wording", "pk"],
                "constraints": [models.UniqueConstraint(fields=("wording", "user"), name="wording_editor_once")],
            },
        ),
        migrations.CreateModel(
            name="Passage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "lineage",
                    models.CharField(default=grants.wordings.models.new_lineage, editable=False, max_length=40),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("highlight", "Highlight"),
                            ("part", "Part"),
                            ("clause", "Clause"),
                            ("certification", "Certification"),
                            ("named", "Text of a schedule, a choice or a consent"),
                        ],
                        max_length=16,
                    ),
                ),
                ("key", models.CharField(blank=True, max_length=40)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("title", models.CharField(blank=True, max_length=120)),
                ("text", models.TextField(blank=True)),
                ("edition", models.PositiveIntegerField(default=1)),
                ("changed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "changed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "wording",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="passages", to="grants.wordingversion"
                    ),
                ),
            ],
            options={
                "ordering": ["wording", "position", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("wording", "lineage"), name="passage_lineage_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("key", ""), _negated=True),
                        fields=("wording", "key"),
                        name="passage_key_once",
                    ),
                    models.CheckConstraint(condition=models.Q(("edition__gte", 1)), name="passage_edition_positive"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "named"), models.Q(("key", ""), _negated=True)),
                            models.Q(models.Q(("kind", "named"), _negated=True), ("key", "")),
                            _connector="OR",
                        ),
                        name="passage_named_has_key",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["highlight", "part", "clause", "certification", "named"])),
                        name="passage_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("changed_at__isnull", False), ("changed_by__isnull", False)),
                            models.Q(("changed_at__isnull", True), ("changed_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="passage_changed_pair",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Absence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_on", models.DateField()),
                ("until_on", models.DateField()),
                ("noted_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "director",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="absences",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
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
                    "noted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "stand_in",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stands_in",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["from_on", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("director", models.F("stand_in")), _negated=True),
                        name="absence_another_stands_in",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until_on__gte", models.F("from_on"))),
                        name="absence_in_order",
                        violation_error_message="The last day is not before the first.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                            models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="absence_ended_pair",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SigningReminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mark", models.PositiveSmallIntegerField()),
                ("reminded_at", models.DateTimeField()),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reminders", to="grants.agreement"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "agreement", "mark"), name="reminded_once_a_mark")
                ],
            },
        ),
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
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "base",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="grants.terms"),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
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
                    "frozen_by",
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="amendments", to="grants.grant"
                    ),
                ),
                (
                    "in_force_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reserve_account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grants.account",
                    ),
                ),
                (
                    "sent_back_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "terms",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grants.terms",
                    ),
                ),
            ],
            options={
                "ordering": ["grant", "ordinal"],
                "indexes": [models.Index(fields=["state", "frozen_at"], name="amendment_by_state")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "draft",
                                    "awaiting_signature",
                                    "approved",
                                    "in_force",
                                    "withdrawn",
                                    "declined",
                                    "lapsed",
                                ],
                            )
                        ),
                        name="amendment_state_known",
                    ),
                    models.UniqueConstraint(fields=("grant", "ordinal"), name="amendment_ordinal_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["draft", "awaiting_signature", "approved"])),
                        fields=("grant",),
                        name="amendment_one_open",
                        violation_error_message="Another amendment of this grant is open.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="amendment_says_why",
                        violation_error_message="Say why the terms change.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("frozen_at__isnull", False), ("frozen_by__isnull", False)),
                            models.Q(("frozen_at__isnull", True), ("frozen_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="amendment_frozen_pair",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_back_at__isnull", False), ("sent_back_by__isnull", False)),
                            models.Q(("sent_back_at__isnull", True), ("sent_back_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="amendment_sent_back_pair",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("approved_at__isnull", False), ("approved_by__isnull", False)),
                            models.Q(("approved_at__isnull", True), ("approved_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="amendment_approved_pair",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("in_force_at__isnull", False), ("in_force_by__isnull", False)),
                            models.Q(("in_force_at__isnull", True), ("in_force_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="amendment_in_force_pair",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                            models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="amendment_ended_pair",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["awaiting_signature"]), _negated=True),
                            models.Q(("frozen_at__isnull", False), ("terms__isnull", False)),
                            _connector="OR",
                        ),
                        name="amendment_awaiting_has_terms",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["approved"]), _negated=True),
                            models.Q(("approved_at__isnull", False), ("terms__isnull", False)),
                            _connector="OR",
                        ),
                        name="amendment_approved_has_stamps",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["in_force"]), _negated=True),
                            models.Q(
                                ("approved_at__isnull", False), ("in_force_at__isnull", False), ("terms__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="amendment_in_force_has_stamps",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["withdrawn", "declined", "lapsed"]), _negated=True),
                            ("ended_at__isnull", False),
                            _connector="OR",
                        ),
                        name="amendment_ended_has_stamps",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["withdrawn", "declined", "lapsed"]), _negated=True),
                            models.Q(("ended_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="amendment_ended_says_why",
                    ),
                ],
            },
        ),
        migrations.AlterConstraint(
            model_name="grant",
            name="grant_ratio_positive",
            constraint=models.CheckConstraint(
                condition=models.Q(("ratio_p__gte", 1), ("ratio_q__gte", 1)),
                name="grant_ratio_positive",
                violation_error_message="Both numbers of the ratio are 1 or more: with 0 nothing is matched.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="grant",
            name="grant_donor_cap_positive",
            constraint=models.CheckConstraint(
                condition=models.Q(("donor_cap_minor__isnull", True), ("donor_cap_minor__gt", 0), _connector="OR"),
                name="grant_donor_cap_positive",
                violation_error_message="The cap a donor is more than zero, or there is none.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="grant",
            name="grant_gift_cap_positive",
            constraint=models.CheckConstraint(
                condition=models.Q(("gift_cap_minor__isnull", True), ("gift_cap_minor__gt", 0), _connector="OR"),
                name="grant_gift_cap_positive",
                violation_error_message="The cap a gift is more than zero, or there is none.",
            ),
        ),
        migrations.AddField(
            model_name="grant",
            name="amended_terms",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="grants.terms"
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(("amended_terms__isnull", True), ("in_force_at__isnull", False), _connector="OR"),
                name="grant_amended_in_force",
            ),
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
        migrations.AddField(
            model_name="campaign",
            name="first_cap_minor",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.RemoveConstraint(
            model_name="signature",
            name="signature_method_known",
        ),
        migrations.AddField(
            model_name="signature",
            name="assertion",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="signature",
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
        migrations.RemoveConstraint(
            model_name="signingchallenge",
            name="challenge_method_known",
        ),
        migrations.AddField(
            model_name="signingchallenge",
            name="approval",
            field=models.CharField(blank=True, max_length=160),
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
        migrations.RunPython(publish_the_shipped, migrations.RunPython.noop),
        InstallGuards("grants"),
        migrations.RunPython(take_over, migrations.RunPython.noop),
    ]
