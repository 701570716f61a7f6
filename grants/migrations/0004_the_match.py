"""What gifts come from, what is paid and reported, what everybody may see; accounts of what is in dispute, restrictions
and pledges of match funds, several funds behind a grant: tables and guards of the match.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from vetting_portal.guards import InstallGuards, LiftGuards
from vetting_portal.schema import Together


def put_at_risk(apps, schema_editor):
    """Move what is in dispute now to accounts of its own, and count it on its campaign, as each dispute does from now
    on; one transaction a campaign, by the portal's own command.
    """
    alias = schema_editor.connection.alias
    get = apps.get_model
    campaigns, gifts, disputes = (get("grants", name).objects.using(alias) for name in ("Campaign", "Gift", "Dispute"))
    for campaign in campaigns.filter(disputes__status="open").select_related("grant").distinct().order_by("pk"):
        about = disputes.filter(campaign=campaign, status="open").values("gift")
        net = match = fees = 0
        for gift in gifts.filter(pk__in=about):
            net += gift.gross_minor - gift.fee_minor - gift.refunded_minor
            match += gift.matched_minor
            fees += gift.fee_minor
        campaigns.filter(pk=campaign.pk).update(risk_net_minor=net, risk_match_minor=match, risk_fees_minor=fees)
        lines = {"gifts": -net, "disputed": net, "matched": -match, "at_risk": match}
        write(apps, alias, campaign, {kind: minor for kind, minor in lines.items() if minor})
    if schema_editor.connection.vendor == "postgresql":  # it alters no table while a check of its rows is to come
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


def write(apps, alias, campaign, lines):
    """Write one sealed transaction, and move the balances."""
    get, grant = apps.get_model, campaign.grant
    if not lines:
        return
    book = get("grants", "LedgerTransaction").objects.using(alias)
    entry = book.create(
        key=f"campaign:{campaign.pk}:in-dispute",
        kind="dispute",
        fund_id=grant.fund_id,
        reference=grant.number,
        note="What was in dispute, on accounts of its own",
        by=command(apps, alias),
    )
    for kind, minor in lines.items():
        account, _ = (
            get("grants", "Account")
            .objects.using(alias)
            .get_or_create(
                fund_id=grant.fund_id, kind=kind, reference=grant.number, defaults={"currency": campaign.currency}
            )
        )
        get("grants", "LedgerLine").objects.using(alias).create(transaction=entry, account=account, amount_minor=minor)
        account.balance_minor += minor
        account.save(update_fields=["balance_minor"])
    book.filter(pk=entry.pk).update(is_sealed=True)


def command(apps, alias):
    """Return the system user that stands for commands."""
    user, _ = (
        apps.get_model("vetting_portal", "User")
        .objects.using(alias)
        .get_or_create(
            email="command@system.invalid", defaults={"name": "Portal (command)", "is_system": True, "password": "!"}
        )
    )
    return user


class Migration(migrations.Migration):
    dependencies = [
        ("grants", "0003_agreements_that_hold"),
        ("partners", "0003_embargoes"),
        ("vetting_portal", "0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        LiftGuards("grants"),
        migrations.RemoveConstraint(
            model_name="account",
            name="account_never_overdrawn",
        ),
        migrations.RemoveConstraint(
            model_name="campaignevent",
            name="campaign_event_kind_known",
        ),
        Together(
            migrations.AddField(
                model_name="campaign",
                name="paid_out_at",
                field=models.DateTimeField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name="campaignevent",
                name="fee_minor",
                field=models.BigIntegerField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name="campaignevent",
                name="original_amount_minor",
                field=models.BigIntegerField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name="campaignevent",
                name="original_total_minor",
                field=models.BigIntegerField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name="gift",
                name="original_minor",
                field=models.BigIntegerField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name="grant",
                name="fee_top_up_minor",
                field=models.BigIntegerField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name="matchfund",
                name="gives_from_on",
                field=models.DateField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name="matchfund",
                name="gives_until_on",
                field=models.DateField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name="report",
                name="published_at",
                field=models.DateTimeField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name="report",
                name="published_by",
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
                name="saved_at",
                field=models.DateTimeField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name="report",
                name="saved_by",
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
                name="terms",
                field=models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="grants.terms",
                ),
            ),
            migrations.AddField(
                model_name="tranche",
                name="amount_minor",
                field=models.BigIntegerField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name="tranche",
                name="cancelled_at",
                field=models.DateTimeField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name="tranche",
                name="cancelled_by",
                field=models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            migrations.AddField(
                model_name="tranche",
                name="details",
                field=models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="tranches",
                    to="grants.bankdetails",
                ),
            ),
            migrations.AddField(
                model_name="tranche",
                name="held_at",
                field=models.DateTimeField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name="tranche",
                name="held_by",
                field=models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            migrations.AddField(
                model_name="tranche",
                name="paid_at",
                field=models.DateTimeField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name="tranche",
                name="paid_by",
                field=models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            migrations.AddField(
                model_name="tranche",
                name="paid_on",
                field=models.DateField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name="tranche",
                name="released_at",
                field=models.DateTimeField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name="tranche",
                name="released_by",
                field=models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            migrations.AddField(
                model_name="tranche",
                name="resumed_at",
                field=models.DateTimeField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name="tranche",
                name="resumed_by",
                field=models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="risk_fees_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="campaign",
            name="risk_match_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="campaign",
            name="risk_net_minor",
            field=models.BigIntegerField(default=0),
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
            name="original_currency",
            field=models.CharField(blank=True, max_length=3),
        ),
        migrations.AddField(
            model_name="gift",
            name="original_currency",
            field=models.CharField(blank=True, max_length=3),
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
        migrations.AddField(
            model_name="matchfund",
            name="countries",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="report",
            name="challenges",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="report",
            name="edition",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="report",
            name="indicators",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="report",
            name="public_summary",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="report",
            name="saved_page",
            field=models.CharField(blank=True, max_length=32),
        ),
        migrations.AddField(
            model_name="report",
            name="saved_turn",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="report",
            name="spending",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="tranche",
            name="bank_reference",
            field=models.CharField(blank=True, max_length=80),
        ),
        migrations.AddField(
            model_name="tranche",
            name="cancel_reason",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="tranche",
            name="hold_reason",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="tranche",
            name="netted_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AlterModelOptions(
            name="tranche",
            options={"ordering": ["grant", "number"], "verbose_name": "payment"},
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
                ],
                max_length=12,
            ),
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
                ],
                max_length=12,
            ),
        ),
        migrations.AddIndex(
            model_name="tranche",
            index=models.Index(fields=["state", "released_at"], name="tranche_by_state"),
        ),
        Together(
            migrations.AddConstraint(
                model_name="account",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("kind__in", ["free", "reserved", "at_risk"]), _negated=True),
                        ("balance_minor__gte", 0),
                        _connector="OR",
                    ),
                    name="account_never_overdrawn",
                    violation_error_message="There is not enough money on this account.",
                ),
            ),
            migrations.AddConstraint(
                model_name="campaign",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        ("risk_fees_minor__gte", 0),
                        ("risk_fees_minor__lte", models.F("fees_minor")),
                        ("risk_match_minor__gte", 0),
                        ("risk_match_minor__lte", models.F("matched_minor")),
                    ),
                    name="campaign_risk_within_sums",
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
            migrations.AddConstraint(
                model_name="grant",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        ("fee_top_up_minor__isnull", True), ("fee_top_up_minor__gt", 0), _connector="OR"
                    ),
                    name="grant_fee_top_up_positive",
                    violation_error_message="What is added for card fees is more than zero, or there is none.",
                ),
            ),
            migrations.AddConstraint(
                model_name="matchfund",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        ("gives_from_on__isnull", True),
                        ("gives_until_on__isnull", True),
                        ("gives_from_on__lte", models.F("gives_until_on")),
                        _connector="OR",
                    ),
                    name="match_fund_days_in_order",
                    violation_error_message="The last day comes after the first.",
                ),
            ),
            migrations.AddConstraint(
                model_name="report",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("published_at__isnull", False), ("published_by__isnull", False)),
                        models.Q(("published_at__isnull", True), ("published_by__isnull", True)),
                        _connector="OR",
                    ),
                    name="report_published_pair",
                ),
            ),
            migrations.AddConstraint(
                model_name="report",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("saved_at__isnull", False), ("saved_by__isnull", False)),
                        models.Q(("saved_at__isnull", True), ("saved_by__isnull", True)),
                        _connector="OR",
                    ),
                    name="report_saved_pair",
                ),
            ),
            migrations.AddConstraint(
                model_name="report",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state__in", ["published"]), _negated=True),
                        ("published_at__isnull", False),
                        _connector="OR",
                    ),
                    name="report_published_has_stamps",
                ),
            ),
            migrations.AddConstraint(
                model_name="report",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state", "published"), _negated=True),
                        models.Q(
                            models.Q(("public_summary", ""), _negated=True),
                            models.Q(("public_line", ""), _negated=True),
                        ),
                        _connector="OR",
                    ),
                    name="report_published_has_words",
                ),
            ),
            migrations.AddConstraint(
                model_name="tranche",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("released_at__isnull", False), ("released_by__isnull", False)),
                        models.Q(("released_at__isnull", True), ("released_by__isnull", True)),
                        _connector="OR",
                    ),
                    name="tranche_released_pair",
                ),
            ),
            migrations.AddConstraint(
                model_name="tranche",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("paid_at__isnull", False), ("paid_by__isnull", False)),
                        models.Q(("paid_at__isnull", True), ("paid_by__isnull", True)),
                        _connector="OR",
                    ),
                    name="tranche_paid_pair",
                ),
            ),
            migrations.AddConstraint(
                model_name="tranche",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("held_at__isnull", False), ("held_by__isnull", False)),
                        models.Q(("held_at__isnull", True), ("held_by__isnull", True)),
                        _connector="OR",
                    ),
                    name="tranche_held_pair",
                ),
            ),
            migrations.AddConstraint(
                model_name="tranche",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("resumed_at__isnull", False), ("resumed_by__isnull", False)),
                        models.Q(("resumed_at__isnull", True), ("resumed_by__isnull", True)),
                        _connector="OR",
                    ),
                    name="tranche_resumed_pair",
                ),
            ),
            migrations.AddConstraint(
                model_name="tranche",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("cancelled_at__isnull", False), ("cancelled_by__isnull", False)),
                        models.Q(("cancelled_at__isnull", True), ("cancelled_by__isnull", True)),
                        _connector="OR",
                    ),
                    name="tranche_cancelled_pair",
                ),
            ),
            migrations.AddConstraint(
                model_name="tranche",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state__in", ["released", "paid"]), _negated=True),
                        models.Q(
                            ("amount_minor__isnull", False), ("details__isnull", False), ("released_at__isnull", False)
                        ),
                        _connector="OR",
                    ),
                    name="tranche_released_has_stamps",
                ),
            ),
            migrations.AddConstraint(
                model_name="tranche",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state__in", ["paid"]), _negated=True),
                        models.Q(("paid_at__isnull", False), ("paid_on__isnull", False)),
                        _connector="OR",
                    ),
                    name="tranche_paid_has_stamps",
                ),
            ),
            migrations.AddConstraint(
                model_name="tranche",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state__in", ["held"]), _negated=True), ("held_at__isnull", False), _connector="OR"
                    ),
                    name="tranche_held_has_stamps",
                ),
            ),
            migrations.AddConstraint(
                model_name="tranche",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state__in", ["cancelled"]), _negated=True),
                        ("cancelled_at__isnull", False),
                        _connector="OR",
                    ),
                    name="tranche_cancelled_has_stamps",
                ),
            ),
            migrations.AddConstraint(
                model_name="tranche",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state", "paid"), _negated=True),
                        models.Q(("bank_reference", ""), _negated=True),
                        _connector="OR",
                    ),
                    name="tranche_paid_has_reference",
                ),
            ),
            migrations.AddConstraint(
                model_name="tranche",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state", "held"), _negated=True),
                        models.Q(("hold_reason", ""), _negated=True),
                        _connector="OR",
                    ),
                    name="tranche_held_says_why",
                ),
            ),
            migrations.AddConstraint(
                model_name="tranche",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state", "cancelled"), _negated=True),
                        models.Q(("cancel_reason", ""), _negated=True),
                        _connector="OR",
                    ),
                    name="tranche_cancelled_says_why",
                ),
            ),
            migrations.AddConstraint(
                model_name="tranche",
                constraint=models.CheckConstraint(
                    condition=models.Q(("amount_minor__isnull", True), ("amount_minor__gt", 0), _connector="OR"),
                    name="tranche_amount_positive",
                ),
            ),
            migrations.AddConstraint(
                model_name="tranche",
                constraint=models.CheckConstraint(
                    condition=models.Q(("netted_minor__gte", 0)), name="tranche_netted_not_negative"
                ),
            ),
            migrations.AddConstraint(
                model_name="tranche",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        ("paid_by__isnull", True),
                        models.Q(("paid_by", models.F("released_by")), _negated=True),
                        _connector="OR",
                    ),
                    name="tranche_second_person",
                    violation_error_message="Another person records the payment than the one who released it.",
                ),
            ),
        ),
        migrations.RunPython(put_at_risk, migrations.RunPython.noop),
        Together(
            migrations.CreateModel(
                name="BankStatement",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    ("name", models.CharField(max_length=200)),
                    ("sha256", models.CharField(max_length=64, unique=True)),
                    ("uploaded_at", models.DateTimeField()),
                    (
                        "uploaded_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                ],
                options={
                    "ordering": ["-pk"],
                },
            ),
            migrations.CreateModel(
                name="ChargeAssignment",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    ("charge_id", models.CharField(max_length=80, unique=True)),
                    (
                        "campaign",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="grants.campaign",
                        ),
                    ),
                    ("assigned_at", models.DateTimeField()),
                    (
                        "assigned_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                ],
                options={
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("assigned_at__isnull", False), ("assigned_by__isnull", False)),
                                models.Q(("assigned_at__isnull", True), ("assigned_by__isnull", True)),
                                _connector="OR",
                            ),
                            name="charge_assigned_pair",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Consent",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "grant",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="consents", to="grants.grant"
                        ),
                    ),
                    ("given_by", models.CharField(max_length=120)),
                    ("is_pseudonym", models.BooleanField(default=False)),
                    (
                        "role",
                        models.CharField(
                            choices=[
                                ("survivor", "Survivor"),
                                ("participant", "Somebody who takes part in the project"),
                                ("guardian", "Parent or guardian, for a child"),
                                ("community", "Somebody of the community"),
                                ("staff", "Somebody who works for the partner"),
                            ],
                            max_length=12,
                        ),
                    ),
                    ("purpose", models.CharField(max_length=200)),
                    ("covers_words", models.BooleanField(default=True)),
                    ("covers_photo", models.BooleanField(default=False)),
                    ("given_on", models.DateField()),
                    ("until_on", models.DateField()),
                    (
                        "how",
                        models.CharField(
                            choices=[
                                ("written", "Signed on paper"),
                                ("recorded", "Spoken and recorded"),
                                ("witnessed", "Spoken before a witness"),
                            ],
                            max_length=12,
                        ),
                    ),
                    (
                        "evidence",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="partners.document",
                        ),
                    ),
                    ("evidence_note", models.CharField(blank=True, max_length=200)),
                    ("recorded_at", models.DateTimeField()),
                    (
                        "recorded_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                    (
                        "withdrawn_by",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("withdrawal_reason", models.TextField(blank=True)),
                ],
                options={
                    "ordering": ["grant", "-pk"],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                ("role__in", ["survivor", "participant", "guardian", "community", "staff"])
                            ),
                            name="consent_role_known",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("how__in", ["written", "recorded", "witnessed"])),
                            name="consent_how_known",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("role", "survivor"), _negated=True), ("is_pseudonym", True), _connector="OR"
                            ),
                            name="consent_survivor_has_pseudonym",
                            violation_error_message="A survivor stands here under a pseudonym, never by name.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("role", "survivor"), _negated=True), ("covers_photo", False), _connector="OR"
                            ),
                            name="consent_survivor_no_photo",
                            violation_error_message="No photograph of a survivor is ever shown.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("covers_words", True), ("covers_photo", True), _connector="OR"),
                            name="consent_covers_something",
                            violation_error_message="Say what it is for: the words, the photograph, or both.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("until_on__gte", models.F("given_on"))),
                            name="consent_ends_after_start",
                            violation_error_message="It cannot end before it was given.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("evidence__isnull", False),
                                models.Q(("evidence_note", ""), _negated=True),
                                _connector="OR",
                            ),
                            name="consent_has_evidence",
                            violation_error_message="Attach the evidence, or say where it is kept.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("given_by", ""), _negated=True), models.Q(("purpose", ""), _negated=True)
                            ),
                            name="consent_says_who_what_for",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                                models.Q(("withdrawn_at__isnull", True), ("withdrawn_by__isnull", True)),
                                _connector="OR",
                            ),
                            name="consent_withdrawn_pair",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="FundShare",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "grant",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="further_shares",
                            to="grants.grant",
                        ),
                    ),
                    ("ordinal", models.PositiveSmallIntegerField()),
                    (
                        "fund",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="further_shares",
                            to="grants.matchfund",
                        ),
                    ),
                    ("share_minor", models.BigIntegerField()),
                    ("is_rise", models.BooleanField(default=False)),
                ],
                options={
                    "ordering": ["grant", "ordinal"],
                    "constraints": [
                        models.UniqueConstraint(fields=("grant", "ordinal"), name="fund_share_ordinal_once"),
                        models.CheckConstraint(
                            condition=models.Q(("ordinal__gte", 2)), name="fund_share_after_the_first"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("share_minor__gt", 0)),
                            name="fund_share_of_something",
                            violation_error_message="A share is more than zero.",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="GiftImport",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "campaign",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="imports", to="grants.campaign"
                        ),
                    ),
                    ("source", models.CharField(max_length=80)),
                    ("file_name", models.CharField(max_length=150)),
                    ("file_sha256", models.CharField(max_length=64)),
                    (
                        "file",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="vetting_portal.storedfile",
                        ),
                    ),
                    ("headings", models.JSONField(default=list)),
                    ("mapping", models.JSONField(blank=True, null=True)),
                    ("last_line", models.PositiveIntegerField(default=0)),
                    ("staged_count", models.PositiveIntegerField(default=0)),
                    ("fault_count", models.PositiveIntegerField(default=0)),
                    ("estimate", models.JSONField(blank=True, null=True)),
                    ("recorded_count", models.PositiveIntegerField(default=0)),
                    ("repeated_count", models.PositiveIntegerField(default=0)),
                    ("begun_at", models.DateTimeField(default=django.utils.timezone.now)),
                    (
                        "begun_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("read_at", models.DateTimeField(blank=True, null=True)),
                    ("refused_at", models.DateTimeField(blank=True, null=True)),
                    ("started_at", models.DateTimeField(blank=True, null=True)),
                    (
                        "started_by",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("finished_at", models.DateTimeField(blank=True, null=True)),
                    ("stopped_at", models.DateTimeField(blank=True, null=True)),
                    ("discarded_at", models.DateTimeField(blank=True, null=True)),
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
                ],
                options={
                    "verbose_name": "import",
                    "ordering": ["-pk"],
                    "indexes": [models.Index(fields=["file_sha256"], name="gift_import_by_file")],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("started_at__isnull", False), ("started_by__isnull", False)),
                                models.Q(("started_at__isnull", True), ("started_by__isnull", True)),
                                _connector="OR",
                            ),
                            name="gift_import_started_pair",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("discarded_at__isnull", False), ("discarded_by__isnull", False)),
                                models.Q(("discarded_at__isnull", True), ("discarded_by__isnull", True)),
                                _connector="OR",
                            ),
                            name="gift_import_discarded_pair",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("started_at__isnull", True),
                                models.Q(("read_at__isnull", False), ("refused_at__isnull", True)),
                                _connector="OR",
                            ),
                            name="gift_import_starts_when_read_without_fault",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("finished_at__isnull", True), ("started_at__isnull", False), _connector="OR"
                            ),
                            name="gift_import_finishes_after_start",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("read_at__isnull", True),
                                ("fault_count", 0),
                                ("stopped_at__isnull", False),
                                _connector="OR",
                            ),
                            name="gift_import_read_has_no_fault",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="GiftSource",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    ("name", models.CharField(max_length=80, unique=True)),
                    ("mapping", models.JSONField()),
                    ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                    (
                        "changed_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                ],
            ),
            migrations.CreateModel(
                name="HandGift",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "campaign",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="hand_gifts", to="grants.campaign"
                        ),
                    ),
                    ("key", models.CharField(max_length=200)),
                    ("donor_name", models.CharField(blank=True, max_length=200)),
                    ("donor_email", models.EmailField(blank=True, max_length=254)),
                    ("currency", models.CharField(max_length=3)),
                    ("gross_minor", models.BigIntegerField()),
                    ("fee_minor", models.BigIntegerField(default=0)),
                    ("received_at", models.DateTimeField()),
                    ("ineligible", models.CharField(blank=True, max_length=200)),
                    ("entered_at", models.DateTimeField()),
                    (
                        "entered_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("confirmed_at", models.DateTimeField(blank=True, null=True)),
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
                        "gift",
                        models.OneToOneField(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="by_hand",
                            to="grants.gift",
                        ),
                    ),
                    ("refused_at", models.DateTimeField(blank=True, null=True)),
                    (
                        "refused_by",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("refused_reason", models.TextField(blank=True)),
                ],
                options={
                    "verbose_name": "gift by hand",
                    "ordering": ["-pk"],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("entered_at__isnull", False), ("entered_by__isnull", False)),
                                models.Q(("entered_at__isnull", True), ("entered_by__isnull", True)),
                                _connector="OR",
                            ),
                            name="hand_gift_entered_pair",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("confirmed_at__isnull", False), ("confirmed_by__isnull", False)),
                                models.Q(("confirmed_at__isnull", True), ("confirmed_by__isnull", True)),
                                _connector="OR",
                            ),
                            name="hand_gift_confirmed_pair",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("refused_at__isnull", False), ("refused_by__isnull", False)),
                                models.Q(("refused_at__isnull", True), ("refused_by__isnull", True)),
                                _connector="OR",
                            ),
                            name="hand_gift_refused_pair",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("confirmed_by__isnull", True),
                                models.Q(("confirmed_by", models.F("entered_by")), _negated=True),
                                _connector="OR",
                            ),
                            name="hand_gift_confirmed_by_another",
                            violation_error_message="Who entered a gift does not confirm it.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("confirmed_at__isnull", True), ("gift__isnull", True)),
                                models.Q(
                                    ("confirmed_at__isnull", False),
                                    ("gift__isnull", False),
                                    ("refused_at__isnull", True),
                                ),
                                _connector="OR",
                            ),
                            name="hand_gift_confirmed_is_recorded",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("refused_at__isnull", True),
                                models.Q(("refused_reason", ""), _negated=True),
                                _connector="OR",
                            ),
                            name="hand_gift_refused_says_why",
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("confirmed_at__isnull", True), ("refused_at__isnull", True)),
                            fields=("campaign", "key"),
                            name="hand_gift_waits_once",
                            violation_error_message="A gift with this reference waits already.",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="HandLimit",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    ("limit_minor", models.BigIntegerField()),
                    ("currency", models.CharField(max_length=3)),
                    ("set_at", models.DateTimeField(default=django.utils.timezone.now)),
                    (
                        "set_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                ],
                options={
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("limit_minor__gte", 0)), name="hand_limit_not_negative"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="ImportFault",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "gift_import",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="faults", to="grants.giftimport"
                        ),
                    ),
                    ("line", models.PositiveIntegerField()),
                    ("reason", models.TextField()),
                ],
                options={
                    "ordering": ["gift_import", "line", "pk"],
                    "indexes": [models.Index(fields=["gift_import", "line"], name="import_fault_by_line")],
                },
            ),
            migrations.CreateModel(
                name="PaymentFile",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    ("made_at", models.DateTimeField()),
                    (
                        "made_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("sha256", models.CharField(max_length=64)),
                ],
                options={
                    "ordering": ["-pk"],
                },
            ),
            migrations.CreateModel(
                name="PaymentLine",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "file",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="grants.paymentfile"
                        ),
                    ),
                    (
                        "tranche",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="grants.tranche"
                        ),
                    ),
                    (
                        "details",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to="grants.bankdetails"
                        ),
                    ),
                    ("reference", models.CharField(max_length=40)),
                    ("currency", models.CharField(max_length=3)),
                    ("amount_minor", models.BigIntegerField()),
                    ("released_at", models.DateTimeField()),
                ],
                options={
                    "ordering": ["file", "pk"],
                    "constraints": [
                        models.UniqueConstraint(fields=("tranche", "released_at"), name="payment_line_once_a_release"),
                        models.CheckConstraint(
                            condition=models.Q(("amount_minor__gt", 0)), name="payment_line_amount_positive"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Pledge",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "fund",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="pledges", to="grants.matchfund"
                        ),
                    ),
                    ("pledged_by", models.CharField(max_length=160)),
                    ("amount_minor", models.BigIntegerField()),
                    ("due_on", models.DateField()),
                    ("note", models.CharField(blank=True, max_length=200)),
                    ("recorded_at", models.DateTimeField(default=django.utils.timezone.now)),
                    (
                        "recorded_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("kept_at", models.DateTimeField(blank=True, null=True)),
                    (
                        "kept_by",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "kept_by_top_up",
                        models.OneToOneField(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="pledge",
                            to="grants.ledgertransaction",
                        ),
                    ),
                    ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                    (
                        "withdrawn_by",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("withdrawn_reason", models.CharField(blank=True, max_length=200)),
                ],
                options={
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("amount_minor__gt", 0)),
                            name="pledge_of_something",
                            violation_error_message="A pledge is more than zero.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("pledged_by", ""), _negated=True), name="pledge_by_somebody"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("kept_at__isnull", False), ("kept_by__isnull", False)),
                                models.Q(("kept_at__isnull", True), ("kept_by__isnull", True)),
                                _connector="OR",
                            ),
                            name="pledge_kept_pair",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("kept_at__isnull", False), ("kept_by_top_up__isnull", False)),
                                models.Q(("kept_at__isnull", True), ("kept_by_top_up__isnull", True)),
                                _connector="OR",
                            ),
                            name="pledge_kept_by_money",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                                models.Q(("withdrawn_at__isnull", True), ("withdrawn_by__isnull", True)),
                                _connector="OR",
                            ),
                            name="pledge_withdrawn_pair",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("kept_at__isnull", True), ("withdrawn_at__isnull", True), _connector="OR"
                            ),
                            name="pledge_kept_or_withdrawn",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("withdrawn_at__isnull", True),
                                models.Q(("withdrawn_reason", ""), _negated=True),
                                _connector="OR",
                            ),
                            name="pledge_withdrawn_says_why",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="ReceiptLink",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "gift",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="receipt_links", to="grants.gift"
                        ),
                    ),
                    ("token_sha256", models.CharField(max_length=64, unique=True)),
                    ("made_at", models.DateTimeField()),
                    (
                        "made_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("revoked_at", models.DateTimeField(blank=True, null=True)),
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
                            condition=models.Q(("token_sha256__regex", "^[0-9a-f]{64}$")),
                            name="receipt_link_hash_whole",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="ReportNotice",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "report",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="notices", to="grants.report"
                        ),
                    ),
                    ("mark", models.SmallIntegerField()),
                    ("due_on", models.DateField()),
                    ("noticed_at", models.DateTimeField()),
                ],
                options={
                    "ordering": ["report", "-mark"],
                    "constraints": [
                        models.UniqueConstraint(fields=("report", "mark", "due_on"), name="report_notice_once")
                    ],
                },
            ),
            migrations.CreateModel(
                name="ReportPaper",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "report",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="papers", to="grants.report"
                        ),
                    ),
                    (
                        "document",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.document"
                        ),
                    ),
                    ("added_at", models.DateTimeField()),
                    (
                        "added_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                ],
                options={
                    "ordering": ["report", "pk"],
                    "constraints": [models.UniqueConstraint(fields=("report", "document"), name="report_paper_once")],
                },
            ),
            migrations.CreateModel(
                name="StagedGift",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "gift_import",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="staged", to="grants.giftimport"
                        ),
                    ),
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
                    "indexes": [models.Index(fields=["gift_import", "key"], name="staged_gift_by_key")],
                    "constraints": [
                        models.UniqueConstraint(fields=("gift_import", "line"), name="staged_gift_line_once")
                    ],
                },
            ),
            migrations.CreateModel(
                name="StatementBranch",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "campaign",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="statement_branches",
                            to="grants.campaign",
                        ),
                    ),
                    ("number", models.PositiveIntegerField()),
                    ("sha256", models.CharField(max_length=64)),
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
                name="StatementLine",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
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
                    ("seq", models.PositiveIntegerField()),
                    ("gross_minor", models.BigIntegerField()),
                    ("refunded_minor", models.BigIntegerField()),
                    ("matched_minor", models.BigIntegerField()),
                    ("salt", models.CharField(max_length=64)),
                ],
                options={
                    "ordering": ["campaign", "seq"],
                    "constraints": [
                        models.UniqueConstraint(fields=("campaign", "seq"), name="statement_line_once"),
                        models.CheckConstraint(
                            condition=models.Q(("seq__gte", 1)), name="statement_line_counts_from_one"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("salt__regex", "^[0-9a-f]{64}$")), name="statement_line_salted"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Story",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "report",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="stories", to="grants.report"
                        ),
                    ),
                    (
                        "consent",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="stories", to="grants.consent"
                        ),
                    ),
                    ("title", models.CharField(max_length=120)),
                    ("text", models.TextField()),
                    (
                        "photo",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="partners.document",
                        ),
                    ),
                    ("photo_shows", models.CharField(blank=True, max_length=200)),
                    ("nobody_recognisable", models.BooleanField(default=False)),
                    ("written_at", models.DateTimeField()),
                    (
                        "written_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                ],
                options={
                    "ordering": ["report", "pk"],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("title", ""), _negated=True), models.Q(("text", ""), _negated=True)
                            ),
                            name="story_has_words",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("photo__isnull", True),
                                models.Q(("nobody_recognisable", True), models.Q(("photo_shows", ""), _negated=True)),
                                _connector="OR",
                            ),
                            name="story_photo_shows_nobody",
                            violation_error_message="Say what the photograph shows, and that nobody can be recognised on it.",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="StripeEvent",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
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
                    (
                        "campaign",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="grants.campaign",
                        ),
                    ),
                    ("handled_at", models.DateTimeField(blank=True, null=True)),
                ],
                options={
                    "indexes": [
                        models.Index(
                            condition=models.Q(("outcome__in", ["waiting", "unassigned", "refused"])),
                            fields=["outcome"],
                            name="stripe_outcome_open",
                        )
                    ],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                ("outcome__in", ["waiting", "unassigned", "refused", "applied", "ignored"])
                            ),
                            name="stripe_outcome_known",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("outcome", "applied"), _negated=True),
                                models.Q(("campaign__isnull", False), ("handled_at__isnull", False)),
                                _connector="OR",
                            ),
                            name="stripe_outcome_applied_has_campaign",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="StripePayer",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    ("charge_id", models.CharField(max_length=80, unique=True)),
                    ("name", models.CharField(blank=True, max_length=200)),
                    ("email", models.EmailField(blank=True, max_length=254)),
                ],
            ),
            migrations.CreateModel(
                name="WebhookRefusal",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    ("hour_at", models.DateTimeField()),
                    ("reason", models.CharField(max_length=100)),
                    ("count", models.PositiveIntegerField(default=1)),
                    ("last_at", models.DateTimeField()),
                ],
                options={
                    "ordering": ["-last_at"],
                    "constraints": [
                        models.UniqueConstraint(fields=("hour_at", "reason"), name="webhook_refusal_once_an_hour")
                    ],
                },
            ),
            migrations.CreateModel(
                name="BankLine",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "statement",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="grants.bankstatement"
                        ),
                    ),
                    ("line", models.PositiveIntegerField()),
                    ("booked_on", models.DateField()),
                    ("amount_minor", models.BigIntegerField()),
                    ("currency", models.CharField(max_length=3)),
                    ("reference", models.CharField(blank=True, max_length=200)),
                    ("text", models.CharField(blank=True, max_length=500)),
                ],
                options={
                    "ordering": ["statement", "line"],
                    "indexes": [models.Index(fields=["reference"], name="bank_line_by_reference")],
                    "constraints": [models.UniqueConstraint(fields=("statement", "line"), name="bank_line_once")],
                },
            ),
            migrations.CreateModel(
                name="LineMatch",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "line",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="matches", to="grants.bankline"
                        ),
                    ),
                    (
                        "tranche",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="grants.tranche",
                        ),
                    ),
                    ("reason", models.TextField()),
                    ("matched_at", models.DateTimeField()),
                    (
                        "matched_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                ],
                options={
                    "ordering": ["line", "pk"],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("reason", ""), _negated=True), name="line_match_says_why"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Showing",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "story",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="showings", to="grants.story"
                        ),
                    ),
                    ("page", models.CharField(max_length=200)),
                    ("since_at", models.DateTimeField()),
                    (
                        "since_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("until_at", models.DateTimeField(blank=True, null=True)),
                    (
                        "until_by",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("until_reason", models.CharField(blank=True, max_length=200)),
                ],
                options={
                    "ordering": ["story", "pk"],
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("until_at__isnull", True)),
                            fields=("story", "page"),
                            name="showing_stands_once",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("until_at__isnull", False), ("until_by__isnull", False)),
                                models.Q(("until_at__isnull", True), ("until_by__isnull", True)),
                                _connector="OR",
                            ),
                            name="showing_until_pair",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("until_at__isnull", True),
                                models.Q(("until_reason", ""), _negated=True),
                                _connector="OR",
                            ),
                            name="showing_ended_says_why",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("until_at__isnull", True), ("until_at__gte", models.F("since_at")), _connector="OR"
                            ),
                            name="showing_ends_after_start",
                        ),
                    ],
                },
            ),
        ),
        InstallGuards("grants"),
    ]
