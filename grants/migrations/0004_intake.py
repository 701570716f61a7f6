"""Gifts from where they come: imports, Stripe's events, gifts by hand; what was given in another currency."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from vetting_portal.guards import InstallGuards, LiftGuards


class Migration(migrations.Migration):
    dependencies = [
        ("grants", "0003_agreements_that_hold"),
        ("vetting_portal", "0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        LiftGuards("grants"),
        migrations.CreateModel(
            name="ChargeAssignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("charge_id", models.CharField(max_length=80, unique=True)),
                ("assigned_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="GiftImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=80)),
                ("file_name", models.CharField(max_length=150)),
                ("file_sha256", models.CharField(max_length=64)),
                ("headings", models.JSONField(default=list)),
                ("mapping", models.JSONField(blank=True, null=True)),
                ("last_line", models.PositiveIntegerField(default=0)),
                ("staged_count", models.PositiveIntegerField(default=0)),
                ("fault_count", models.PositiveIntegerField(default=0)),
                ("estimate", models.JSONField(blank=True, null=True)),
                ("recorded_count", models.PositiveIntegerField(default=0)),
                ("repeated_count", models.PositiveIntegerField(default=0)),
                ("begun_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                ("refused_at", models.DateTimeField(blank=True, null=True)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("stopped_at", models.DateTimeField(blank=True, null=True)),
                ("discarded_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "import",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="GiftSource",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, unique=True)),
                ("mapping", models.JSONField()),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="HandGift",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=200)),
                ("donor_name", models.CharField(blank=True, max_length=200)),
                ("donor_email", models.EmailField(blank=True, max_length=254)),
                ("currency", models.CharField(max_length=3)),
                ("gross_minor", models.BigIntegerField()),
                ("fee_minor", models.BigIntegerField(default=0)),
                ("received_at", models.DateTimeField()),
                ("ineligible", models.CharField(blank=True, max_length=200)),
                ("entered_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("refused_at", models.DateTimeField(blank=True, null=True)),
                ("refused_reason", models.TextField(blank=True)),
            ],
            options={
                "verbose_name": "gift by hand",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="HandLimit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("limit_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("set_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="ImportFault",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.PositiveIntegerField()),
                ("reason", models.TextField()),
            ],
            options={
                "ordering": ["gift_import", "line", "pk"],
            },
        ),
        migrations.CreateModel(
            name="StagedGift",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.PositiveIntegerField()),
                ("key", models.CharField(max_length=200)),
                ("received_at", models.DateTimeField()),
                ("donor_name", models.CharField(blank=True, max_length=200)),
                ("donor_email", models.EmailField(blank=True, max_length=254)),
                ("currency", models.CharField(max_length=3)),
                ("gross_minor", models.BigIntegerField()),
                ("fee_minor", models.BigIntegerField()),
                ("original_currency", models.CharField(blank=True, max_length=3)),
                ("original_minor", models.BigIntegerField(blank=True, null=True)),
                ("rate", models.CharField(blank=True, max_length=24)),
            ],
            options={
                "ordering": ["gift_import", "line"],
            },
        ),
        migrations.CreateModel(
            name="StripeEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_id", models.CharField(max_length=80, unique=True)),
                ("kind", models.CharField(max_length=80)),
                ("charge_id", models.CharField(blank=True, db_index=True, max_length=80)),
                ("created_at", models.DateTimeField(db_index=True)),
                ("received_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("content", models.JSONField()),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="StripePayer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("charge_id", models.CharField(max_length=80, unique=True)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("email", models.EmailField(blank=True, max_length=254)),
            ],
        ),
        migrations.CreateModel(
            name="WebhookRefusal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hour_at", models.DateTimeField()),
                ("reason", models.CharField(max_length=100)),
                ("count", models.PositiveIntegerField(default=1)),
                ("last_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-last_at"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="campaignevent",
            name="campaign_event_kind_known",
        ),
        migrations.AddField(
            model_name="campaignevent",
            name="fee_minor",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="campaignevent",
            name="ineligible",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="campaignevent",
            name="ineligible_before",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="campaignevent",
            name="original_amount_minor",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="campaignevent",
            name="original_currency",
            field=models.CharField(blank=True, max_length=3),
        ),
        migrations.AddField(
            model_name="campaignevent",
            name="original_total_minor",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="gift",
            name="original_currency",
            field=models.CharField(blank=True, max_length=3),
        ),
        migrations.AddField(
            model_name="gift",
            name="original_minor",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="gift",
            name="original_refunded_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="gift",
            name="rate",
            field=models.CharField(blank=True, max_length=24),
        ),
        migrations.AlterField(
            model_name="campaignevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("refund", "Refund"),
                    ("dispute", "Dispute"),
                    ("eligible", "Eligibility corrected"),
                    ("fee", "Fee told"),
                    ("cap", "Cap raised"),
                    ("close", "Closed"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="campaignevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["refund", "dispute", "eligible", "fee", "cap", "close"])),
                name="campaign_event_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="gift",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("original_currency", ""),
                        ("original_minor__isnull", True),
                        ("original_refunded_minor", 0),
                        ("rate", ""),
                    ),
                    models.Q(
                        ("original_minor__gt", 0),
                        ("original_minor__isnull", False),
                        ("original_refunded_minor__gte", 0),
                        ("original_refunded_minor__lte", models.F("original_minor")),
                        models.Q(("original_currency", ""), _negated=True),
                        models.Q(("rate", ""), _negated=True),
                        models.Q(("original_currency", models.F("currency")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="gift_original_whole_or_none",
            ),
        ),
        migrations.AddField(
            model_name="chargeassignment",
            name="assigned_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="chargeassignment",
            name="campaign",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="grants.campaign",
            ),
        ),
        migrations.AddField(
            model_name="giftimport",
            name="begun_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="giftimport",
            name="campaign",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="imports", to="grants.campaign"
            ),
        ),
        migrations.AddField(
            model_name="giftimport",
            name="discarded_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="giftimport",
            name="file",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="vetting_portal.storedfile",
            ),
        ),
        migrations.AddField(
            model_name="giftimport",
            name="started_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="giftsource",
            name="changed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="handgift",
            name="campaign",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="hand_gifts", to="grants.campaign"
            ),
        ),
        migrations.AddField(
            model_name="handgift",
            name="confirmed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="handgift",
            name="entered_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="handgift",
            name="gift",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="by_hand",
                to="grants.gift",
            ),
        ),
        migrations.AddField(
            model_name="handgift",
            name="refused_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="handlimit",
            name="set_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="importfault",
            name="gift_import",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="faults", to="grants.giftimport"
            ),
        ),
        migrations.AddField(
            model_name="stagedgift",
            name="gift_import",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="staged", to="grants.giftimport"
            ),
        ),
        migrations.CreateModel(
            name="StripeOutcome",
            fields=[
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="outcome",
                        serialize=False,
                        to="grants.stripeevent",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("waiting", "Waits"),
                            ("unassigned", "Campaign unknown"),
                            ("refused", "Refused"),
                            ("applied", "Applied"),
                            ("ignored", "Kept, nothing to do"),
                        ],
                        default="waiting",
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("handled_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddConstraint(
            model_name="webhookrefusal",
            constraint=models.UniqueConstraint(fields=("hour_at", "reason"), name="webhook_refusal_once_an_hour"),
        ),
        migrations.AddConstraint(
            model_name="chargeassignment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("assigned_at__isnull", False), ("assigned_by__isnull", False)),
                    models.Q(("assigned_at__isnull", True), ("assigned_by__isnull", True)),
                    _connector="OR",
                ),
                name="charge_assigned_pair",
            ),
        ),
        migrations.AddIndex(
            model_name="giftimport",
            index=models.Index(fields=["file_sha256"], name="gift_import_by_file"),
        ),
        migrations.AddConstraint(
            model_name="giftimport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("started_at__isnull", False), ("started_by__isnull", False)),
                    models.Q(("started_at__isnull", True), ("started_by__isnull", True)),
                    _connector="OR",
                ),
                name="gift_import_started_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="giftimport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("discarded_at__isnull", False), ("discarded_by__isnull", False)),
                    models.Q(("discarded_at__isnull", True), ("discarded_by__isnull", True)),
                    _connector="OR",
                ),
                name="gift_import_discarded_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="giftimport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("started_at__isnull", True),
                    models.Q(("read_at__isnull", False), ("refused_at__isnull", True)),
                    _connector="OR",
                ),
                name="gift_import_starts_when_read_without_fault",
            ),
        ),
        migrations.AddConstraint(
            model_name="giftimport",
            constraint=models.CheckConstraint(
                condition=models.Q(("finished_at__isnull", True), ("started_at__isnull", False), _connector="OR"),
                name="gift_import_finishes_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="giftimport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("read_at__isnull", True), ("fault_count", 0), ("stopped_at__isnull", False), _connector="OR"
                ),
                name="gift_import_read_has_no_fault",
            ),
        ),
        migrations.AddConstraint(
            model_name="handgift",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("entered_at__isnull", False), ("entered_by__isnull", False)),
                    models.Q(("entered_at__isnull", True), ("entered_by__isnull", True)),
                    _connector="OR",
                ),
                name="hand_gift_entered_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="handgift",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("confirmed_at__isnull", False), ("confirmed_by__isnull", False)),
                    models.Q(("confirmed_at__isnull", True), ("confirmed_by__isnull", True)),
                    _connector="OR",
                ),
                name="hand_gift_confirmed_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="handgift",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("refused_at__isnull", False), ("refused_by__isnull", False)),
                    models.Q(("refused_at__isnull", True), ("refused_by__isnull", True)),
                    _connector="OR",
                ),
                name="hand_gift_refused_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="handgift",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by__isnull", True),
                    models.Q(("confirmed_by", models.F("entered_by")), _negated=True),
                    _connector="OR",
                ),
                name="hand_gift_confirmed_by_another",
                violation_error_message="Who entered a gift does not confirm it.",
            ),
        ),
        migrations.AddConstraint(
            model_name="handgift",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("confirmed_at__isnull", True), ("gift__isnull", True)),
                    models.Q(("confirmed_at__isnull", False), ("gift__isnull", False), ("refused_at__isnull", True)),
                    _connector="OR",
                ),
                name="hand_gift_confirmed_is_recorded",
            ),
        ),
        migrations.AddConstraint(
            model_name="handgift",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("refused_at__isnull", True), models.Q(("refused_reason", ""), _negated=True), _connector="OR"
                ),
                name="hand_gift_refused_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="handgift",
            constraint=models.UniqueConstraint(
                condition=models.Q(("confirmed_at__isnull", True), ("refused_at__isnull", True)),
                fields=("campaign", "key"),
                name="hand_gift_waits_once",
                violation_error_message="A gift with this reference waits already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="handlimit",
            constraint=models.CheckConstraint(
                condition=models.Q(("limit_minor__gte", 0)), name="hand_limit_not_negative"
            ),
        ),
        migrations.AddIndex(
            model_name="importfault",
            index=models.Index(fields=["gift_import", "line"], name="import_fault_by_line"),
        ),
        migrations.AddIndex(
            model_name="stagedgift",
            index=models.Index(fields=["gift_import", "key"], name="staged_gift_by_key"),
        ),
        migrations.AddConstraint(
            model_name="stagedgift",
            constraint=models.UniqueConstraint(fields=("gift_import", "line"), name="staged_gift_line_once"),
        ),
        migrations.AddField(
            model_name="stripeoutcome",
            name="campaign",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="grants.campaign",
            ),
        ),
        migrations.AddIndex(
            model_name="stripeoutcome",
            index=models.Index(
                condition=models.Q(("outcome__in", ["waiting", "unassigned", "refused"])),
                fields=["outcome"],
                name="stripe_outcome_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="stripeoutcome",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["waiting", "unassigned", "refused", "applied", "ignored"])),
                name="stripe_outcome_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="stripeoutcome",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "applied"), _negated=True),
                    models.Q(("campaign__isnull", False), ("handled_at__isnull", False)),
                    _connector="OR",
                ),
                name="stripe_outcome_applied_has_campaign",
            ),
        ),
        InstallGuards("grants"),
    ]
