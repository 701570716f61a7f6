"""Accounts of what is in dispute, restrictions and pledges of match funds, several funds behind a grant."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from vetting_portal.guards import InstallGuards, LiftGuards


def put_at_risk(apps, schema_editor):
    """Move what is in dispute now to accounts of its own, and count it on its campaign, as each dispute does from now
    on; one transaction a campaign, by the portal's own command.
    """
    alias = schema_editor.connection.alias
    get = apps.get_model
    campaigns, gifts, disputes = (get("grants", name).objects.using(alias) for name in ("Campaign", "Gift", "Dispute"))
    for campaign in campaigns.filter(disputes__status="open").select_related("grant").distinct().order_by("pk"):
        about = disputes.filter(campaign=campaign, status="open").values("gift")
        net = match = 0
        for gift in gifts.filter(pk__in=about):
            net += gift.gross_minor - gift.fee_minor - gift.refunded_minor
            match += gift.matched_minor
        campaigns.filter(pk=campaign.pk).update(risk_net_minor=net, risk_match_minor=match)
        lines = {"gifts": -net, "disputed": net, "matched": -match, "at_risk": match}
        write(apps, alias, campaign, {kind: minor for kind, minor in lines.items() if minor})


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
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        LiftGuards("grants"),
        migrations.CreateModel(
            name="FundShare",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ordinal", models.PositiveSmallIntegerField()),
                ("share_minor", models.BigIntegerField()),
                ("is_rise", models.BooleanField(default=False)),
            ],
            options={
                "ordering": ["grant", "ordinal"],
            },
        ),
        migrations.CreateModel(
            name="Pledge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pledged_by", models.CharField(max_length=160)),
                ("amount_minor", models.BigIntegerField()),
                ("due_on", models.DateField()),
                ("note", models.CharField(blank=True, max_length=200)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("kept_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_reason", models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="account",
            name="account_never_overdrawn",
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
            model_name="matchfund",
            name="countries",
            field=models.JSONField(blank=True, default=list),
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
                condition=models.Q(("risk_match_minor__gte", 0), ("risk_match_minor__lte", models.F("matched_minor"))),
                name="campaign_risk_within_match",
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
        migrations.AddField(
            model_name="fundshare",
            name="fund",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="further_shares", to="grants.matchfund"
            ),
        ),
        migrations.AddField(
            model_name="fundshare",
            name="grant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="further_shares", to="grants.grant"
            ),
        ),
        migrations.AddField(
            model_name="pledge",
            name="fund",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="pledges", to="grants.matchfund"
            ),
        ),
        migrations.AddField(
            model_name="pledge",
            name="kept_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="pledge",
            name="kept_by_top_up",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="pledge",
                to="grants.ledgertransaction",
            ),
        ),
        migrations.AddField(
            model_name="pledge",
            name="recorded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="pledge",
            name="withdrawn_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="fundshare",
            constraint=models.UniqueConstraint(fields=("grant", "ordinal"), name="fund_share_ordinal_once"),
        ),
        migrations.AddConstraint(
            model_name="fundshare",
            constraint=models.CheckConstraint(
                condition=models.Q(("ordinal__gte", 2)), name="fund_share_after_the_first"
            ),
        ),
        migrations.AddConstraint(
            model_name="fundshare",
            constraint=models.CheckConstraint(
                condition=models.Q(("share_minor__gt", 0)),
                name="fund_share_of_something",
                violation_error_message="A share is more than zero.",
            ),
        ),
        migrations.AddConstraint(
            model_name="pledge",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0)),
                name="pledge_of_something",
                violation_error_message="A pledge is more than zero.",
            ),
        ),
        migrations.AddConstraint(
            model_name="pledge",
            constraint=models.CheckConstraint(
                condition=models.Q(("pledged_by", ""), _negated=True), name="pledge_by_somebody"
            ),
        ),
        migrations.AddConstraint(
            model_name="pledge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kept_at__isnull", False), ("kept_by__isnull", False)),
                    models.Q(("kept_at__isnull", True), ("kept_by__isnull", True)),
                    _connector="OR",
                ),
                name="pledge_kept_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="pledge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kept_at__isnull", False), ("kept_by_top_up__isnull", False)),
                    models.Q(("kept_at__isnull", True), ("kept_by_top_up__isnull", True)),
                    _connector="OR",
                ),
                name="pledge_kept_by_money",
            ),
        ),
        migrations.AddConstraint(
            model_name="pledge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                    models.Q(("withdrawn_at__isnull", True), ("withdrawn_by__isnull", True)),
                    _connector="OR",
                ),
                name="pledge_withdrawn_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="pledge",
            constraint=models.CheckConstraint(
                condition=models.Q(("kept_at__isnull", True), ("withdrawn_at__isnull", True), _connector="OR"),
                name="pledge_kept_or_withdrawn",
            ),
        ),
        migrations.AddConstraint(
            model_name="pledge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("withdrawn_at__isnull", True), models.Q(("withdrawn_reason", ""), _negated=True), _connector="OR"
                ),
                name="pledge_withdrawn_says_why",
            ),
        ),
        InstallGuards("grants"),
        migrations.RunPython(put_at_risk, migrations.RunPython.noop),
    ]
