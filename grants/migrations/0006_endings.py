"""Endings: requests that a grant ends, money that comes back, suspension, reports that fall, closing letters; a lapsed
grant leaves its application free.
"""

import django.db.models.deletion
import django_fsm
from django.conf import settings
from django.db import migrations, models

from vetting_portal.guards import InstallGuards, LiftGuards
from vetting_portal.schema import Together


class Migration(migrations.Migration):
    dependencies = [
        ("grants", "0005_agreement_text"),
        ("partners", "0003_embargoes"),
        ("vetting_portal", "0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        LiftGuards("grants"),
        Together(
            migrations.RemoveConstraint(
                model_name="agreement",
                name="agreement_kind_once",
            ),
            migrations.RemoveConstraint(
                model_name="agreement",
                name="statement_has_figures",
            ),
            migrations.RemoveConstraint(
                model_name="agreement",
                name="agreement_has_file_to_sign",
            ),
            migrations.RemoveConstraint(
                model_name="agreement",
                name="agreement_kind_known",
            ),
            migrations.RemoveConstraint(
                model_name="grant",
                name="grant_state_known",
            ),
            migrations.RemoveConstraint(
                model_name="grant",
                name="grant_in_force_has_stamps",
            ),
            migrations.RemoveConstraint(
                model_name="report",
                name="report_state_known",
            ),
        ),
        Together(
            migrations.AddField(
                model_name="grant",
                name="resumed_at",
                field=models.DateTimeField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name="grant",
                name="resumed_by",
                field=models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            migrations.AddField(
                model_name="grant",
                name="suspended_at",
                field=models.DateTimeField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name="grant",
                name="suspended_by",
                field=models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            migrations.AddField(
                model_name="report",
                name="cancelled_at",
                field=models.DateTimeField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name="report",
                name="cancelled_by",
                field=models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            migrations.AlterField(
                model_name="account",
                name="kind",
                field=models.CharField(
                    choices=[
                        ("sponsor", "The funder's own money"),
                        ("free", "Free in the fund"),
                        ("reserved", "Reserved for a grant"),
                        ("matched", "Match earned"),
                        ("at_risk", "Match at risk"),
                        ("donors", "Donors"),
                        ("gifts", "Gifts held for the partner"),
                        ("disputed", "Gifts in dispute"),
                        ("fees", "Card fees"),
                        ("paid", "Paid to the partner"),
                        ("borne", "Borne by the funder"),
                        ("similar", "Gifts kept for a similar purpose"),
                        ("returned", "Returned by the partner"),
                    ],
                    max_length=12,
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
                        ("closing", "Closing letter"),
                    ],
                    default="agreement",
                    max_length=12,
                ),
            ),
            migrations.AlterField(
                model_name="grant",
                name="state",
                field=django_fsm.FSMField(
                    choices=[
                        ("draft", "Draft"),
                        ("awaiting_signature", "Awaiting signature"),
                        ("approved", "Approved"),
                        ("in_force", "In force"),
                        ("suspended", "Suspended"),
                        ("completed", "Completed"),
                        ("closed", "Closed"),
                        ("declined", "Declined"),
                        ("lapsed", "Lapsed"),
                        ("terminated", "Terminated"),
                    ],
                    default="draft",
                    max_length=24,
                    protected=True,
                ),
            ),
            migrations.AlterField(
                model_name="ledgertransaction",
                name="kind",
                field=models.CharField(
                    choices=[
                        ("top_up", "Money put in"),
                        ("reserve", "Reserved for a grant"),
                        ("release", "Reserve given back"),
                        ("gift", "Gift and its match"),
                        ("refund", "Refund"),
                        ("match", "Match moved"),
                        ("dispute", "Dispute"),
                        ("payment", "Payment"),
                        ("closing", "Campaign closed"),
                        ("ending", "Grant ended"),
                        ("return", "Returned by the partner"),
                    ],
                    max_length=12,
                ),
            ),
            migrations.AlterField(
                model_name="report",
                name="state",
                field=django_fsm.FSMField(
                    choices=[
                        ("draft", "Not sent yet"),
                        ("submitted", "Sent"),
                        ("returned", "Returned"),
                        ("accepted", "Accepted"),
                        ("published", "Published"),
                        ("cancelled", "Cancelled"),
                    ],
                    default="draft",
                    max_length=24,
                    protected=True,
                ),
            ),
        ),
        migrations.AddField(
            model_name="grant",
            name="suspended_reason",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="report",
            name="cancel_reason",
            field=models.TextField(blank=True),
        ),
        migrations.AlterField(
            model_name="grant",
            name="submission",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="grants", to="partners.submission"
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    models.Q(("kind", "closing"), _negated=True), ("voided_at__isnull", True), _connector="OR"
                ),
                fields=("terms", "kind"),
                name="agreement_kind_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "lapsed"), _negated=True),
                fields=("submission",),
                name="grant_one_a_submission",
                violation_error_message="A grant was drafted from this application already.",
            ),
        ),
        Together(
            migrations.AddConstraint(
                model_name="agreement",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("kind__in", ["agreement", "amendment", "closing"]), _negated=True),
                        models.Q(("signed_file__isnull", False), models.Q(("signed_sha256", ""), _negated=True)),
                        _connector="OR",
                    ),
                    name="agreement_has_file_to_sign",
                ),
            ),
            migrations.AddConstraint(
                model_name="agreement",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("kind__in", ["statement", "closing"]), _negated=True),
                        ("content__isnull", False),
                        _connector="OR",
                    ),
                    name="statement_has_figures",
                ),
            ),
            migrations.AddConstraint(
                model_name="agreement",
                constraint=models.CheckConstraint(
                    condition=models.Q(("kind__in", ["agreement", "amendment", "statement", "closing"])),
                    name="agreement_kind_known",
                ),
            ),
            migrations.AddConstraint(
                model_name="grant",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        (
                            "state__in",
                            [
                                "draft",
                                "awaiting_signature",
                                "approved",
                                "in_force",
                                "suspended",
                                "completed",
                                "closed",
                                "declined",
                                "lapsed",
                                "terminated",
                            ],
                        )
                    ),
                    name="grant_state_known",
                ),
            ),
            migrations.AddConstraint(
                model_name="grant",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        models.Q(
                            ("state__in", ["in_force", "suspended", "completed", "closed", "terminated"]), _negated=True
                        ),
                        models.Q(
                            ("approved_at__isnull", False),
                            ("in_force_at__isnull", False),
                            ("reserve_account__isnull", False),
                            ("terms__isnull", False),
                        ),
                        _connector="OR",
                    ),
                    name="grant_in_force_has_stamps",
                ),
            ),
            migrations.AddConstraint(
                model_name="grant",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("suspended_at__isnull", False), ("suspended_by__isnull", False)),
                        models.Q(("suspended_at__isnull", True), ("suspended_by__isnull", True)),
                        _connector="OR",
                    ),
                    name="grant_suspended_pair",
                ),
            ),
            migrations.AddConstraint(
                model_name="grant",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("resumed_at__isnull", False), ("resumed_by__isnull", False)),
                        models.Q(("resumed_at__isnull", True), ("resumed_by__isnull", True)),
                        _connector="OR",
                    ),
                    name="grant_resumed_pair",
                ),
            ),
            migrations.AddConstraint(
                model_name="grant",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state__in", ["suspended"]), _negated=True),
                        ("suspended_at__isnull", False),
                        _connector="OR",
                    ),
                    name="grant_suspended_has_stamps",
                ),
            ),
            migrations.AddConstraint(
                model_name="grant",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state", "suspended"), _negated=True),
                        models.Q(("suspended_reason", ""), _negated=True),
                        _connector="OR",
                    ),
                    name="grant_suspended_says_why",
                ),
            ),
            migrations.AddConstraint(
                model_name="report",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        ("state__in", ["draft", "submitted", "returned", "accepted", "published", "cancelled"])
                    ),
                    name="report_state_known",
                ),
            ),
            migrations.AddConstraint(
                model_name="report",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("cancelled_at__isnull", False), ("cancelled_by__isnull", False)),
                        models.Q(("cancelled_at__isnull", True), ("cancelled_by__isnull", True)),
                        _connector="OR",
                    ),
                    name="report_cancelled_pair",
                ),
            ),
            migrations.AddConstraint(
                model_name="report",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state__in", ["cancelled"]), _negated=True),
                        ("cancelled_at__isnull", False),
                        _connector="OR",
                    ),
                    name="report_cancelled_has_stamps",
                ),
            ),
            migrations.AddConstraint(
                model_name="report",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state", "cancelled"), _negated=True),
                        models.Q(("cancel_reason", ""), _negated=True),
                        _connector="OR",
                    ),
                    name="report_cancelled_says_why",
                ),
            ),
        ),
        Together(
            migrations.CreateModel(
                name="Ending",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    ("ordinal", models.PositiveSmallIntegerField()),
                    ("number", models.CharField(max_length=24, unique=True)),
                    (
                        "reason",
                        models.CharField(
                            choices=[
                                ("agreed", "By agreement"),
                                ("partner", "The partner asks for it"),
                                ("conditions", "Conditions are not met"),
                                ("misuse", "Misuse, harm or breach"),
                                ("unreachable", "The partner cannot be reached"),
                            ],
                            max_length=12,
                        ),
                    ),
                    ("words", models.TextField()),
                    ("public_reason", models.CharField(max_length=200)),
                    ("ends_on", models.DateField()),
                    ("due_on", models.DateField(blank=True, null=True)),
                    (
                        "state",
                        django_fsm.FSMField(
                            choices=[
                                ("awaiting_signature", "Waiting for a director"),
                                ("confirmed", "Confirmed"),
                                ("carried_out", "Carried out"),
                                ("declined", "Declined"),
                                ("withdrawn", "Withdrawn"),
                                ("expired", "Expired"),
                            ],
                            default="awaiting_signature",
                            max_length=24,
                            protected=True,
                        ),
                    ),
                    ("asked_at", models.DateTimeField()),
                    ("expires_at", models.DateTimeField()),
                    ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                    ("carried_out_at", models.DateTimeField(blank=True, null=True)),
                    ("settled_at", models.DateTimeField(blank=True, null=True)),
                    ("cleared_at", models.DateTimeField(blank=True, null=True)),
                    ("stopped_at", models.DateTimeField(blank=True, null=True)),
                    ("stopped_reason", models.TextField(blank=True)),
                    ("written_off_at", models.DateTimeField(blank=True, null=True)),
                    ("written_off_minor", models.BigIntegerField(default=0)),
                    ("written_off_reason", models.TextField(blank=True)),
                    (
                        "asked_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    (
                        "carried_out_by",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "confirmed_by",
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
                            on_delete=django.db.models.deletion.PROTECT, related_name="endings", to="grants.grant"
                        ),
                    ),
                    (
                        "letter",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.PROTECT, related_name="ending", to="grants.agreement"
                        ),
                    ),
                    (
                        "second",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    (
                        "stopped_by",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "written_off_by",
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
                    "verbose_name": "request to end a grant",
                    "ordering": ["grant", "ordinal"],
                    "indexes": [models.Index(fields=["state", "expires_at"], name="ending_by_state")],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                (
                                    "state__in",
                                    [
                                        "awaiting_signature",
                                        "confirmed",
                                        "carried_out",
                                        "declined",
                                        "withdrawn",
                                        "expired",
                                    ],
                                )
                            ),
                            name="ending_state_known",
                        ),
                        models.UniqueConstraint(fields=("grant", "ordinal"), name="ending_ordinal_once"),
                        models.UniqueConstraint(
                            condition=models.Q(("state__in", ("declined", "withdrawn", "expired")), _negated=True),
                            fields=("grant",),
                            name="ending_one_stands",
                            violation_error_message="Somebody asked for the end of this grant already.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("words", ""), _negated=True), models.Q(("public_reason", ""), _negated=True)
                            ),
                            name="ending_says_why",
                            violation_error_message="Say why the grant ends.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("second", models.F("asked_by")), _negated=True),
                                models.Q(
                                    ("confirmed_by__isnull", True),
                                    models.Q(("confirmed_by", models.F("asked_by")), _negated=True),
                                    _connector="OR",
                                ),
                            ),
                            name="ending_two_people",
                            violation_error_message="Another person confirms the end than the one who asked for it.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("confirmed_at__isnull", False), ("confirmed_by__isnull", False)),
                                models.Q(("confirmed_at__isnull", True), ("confirmed_by__isnull", True)),
                                _connector="OR",
                            ),
                            name="ending_confirmed_pair",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("carried_out_at__isnull", False), ("carried_out_by__isnull", False)),
                                models.Q(("carried_out_at__isnull", True), ("carried_out_by__isnull", True)),
                                _connector="OR",
                            ),
                            name="ending_carried_out_pair",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("stopped_at__isnull", False), ("stopped_by__isnull", False)),
                                models.Q(("stopped_at__isnull", True), ("stopped_by__isnull", True)),
                                _connector="OR",
                            ),
                            name="ending_stopped_pair",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("written_off_at__isnull", False), ("written_off_by__isnull", False)),
                                models.Q(("written_off_at__isnull", True), ("written_off_by__isnull", True)),
                                _connector="OR",
                            ),
                            name="ending_written_off_pair",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("state__in", ["confirmed", "carried_out"]), _negated=True),
                                ("confirmed_at__isnull", False),
                                _connector="OR",
                            ),
                            name="ending_confirmed_has_stamps",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("state__in", ["carried_out"]), _negated=True),
                                ("carried_out_at__isnull", False),
                                _connector="OR",
                            ),
                            name="ending_carried_out_has_stamps",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("state__in", ["declined", "withdrawn", "expired"]), _negated=True),
                                ("stopped_at__isnull", False),
                                _connector="OR",
                            ),
                            name="ending_stopped_has_stamps",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("written_off_minor__gte", 0)), name="ending_written_off_not_negative"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="MoneyReturned",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    ("amount_minor", models.BigIntegerField()),
                    ("currency", models.CharField(max_length=3)),
                    ("received_on", models.DateField()),
                    ("bank_reference", models.CharField(max_length=80)),
                    ("recorded_at", models.DateTimeField()),
                    (
                        "ending",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="returns", to="grants.ending"
                        ),
                    ),
                    (
                        "recorded_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    (
                        "transaction",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="money_returned",
                            to="grants.ledgertransaction",
                        ),
                    ),
                ],
                options={
                    "ordering": ["ending", "received_on", "pk"],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("amount_minor__gt", 0)),
                            name="money_returned_of_something",
                            violation_error_message="Enter an amount above zero.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("bank_reference", ""), _negated=True),
                            name="money_returned_has_reference",
                        ),
                        models.UniqueConstraint(
                            fields=("ending", "bank_reference"),
                            name="money_returned_once",
                            violation_error_message="This bank reference is recorded already.",
                        ),
                    ],
                },
            ),
        ),
        InstallGuards("grants"),
    ]
