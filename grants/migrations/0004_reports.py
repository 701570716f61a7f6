"""Reports against the plan and the budget, published; consents, stories and where they stood; reminders."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from vetting_portal.guards import InstallGuards


class Migration(migrations.Migration):
    dependencies = [
        ("grants", "0003_agreements_that_hold"),
        ("partners", "0003_embargoes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                ("evidence_note", models.CharField(blank=True, max_length=200)),
                ("recorded_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawal_reason", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["grant", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="ReportNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mark", models.SmallIntegerField()),
                ("due_on", models.DateField()),
                ("noticed_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["report", "-mark"],
            },
        ),
        migrations.CreateModel(
            name="ReportPaper",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("added_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["report", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Showing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("page", models.CharField(max_length=200)),
                ("since_at", models.DateTimeField()),
                ("until_at", models.DateTimeField(blank=True, null=True)),
                ("until_reason", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "ordering": ["story", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Story",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=120)),
                ("text", models.TextField()),
                ("photo_shows", models.CharField(blank=True, max_length=200)),
                ("nobody_recognisable", models.BooleanField(default=False)),
                ("written_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["report", "pk"],
            },
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
            model_name="report",
            name="terms",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="grants.terms"
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
                        models.Q(("public_summary", ""), _negated=True), models.Q(("public_line", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="report_published_has_words",
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="evidence",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="partners.document",
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="grant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="consents", to="grants.grant"
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="recorded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="withdrawn_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="reportnotice",
            name="report",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="notices", to="grants.report"
            ),
        ),
        migrations.AddField(
            model_name="reportpaper",
            name="added_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="reportpaper",
            name="document",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.document"
            ),
        ),
        migrations.AddField(
            model_name="reportpaper",
            name="report",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="papers", to="grants.report"
            ),
        ),
        migrations.AddField(
            model_name="showing",
            name="since_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="showing",
            name="until_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="story",
            name="consent",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="stories", to="grants.consent"
            ),
        ),
        migrations.AddField(
            model_name="story",
            name="photo",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="partners.document",
            ),
        ),
        migrations.AddField(
            model_name="story",
            name="report",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="stories", to="grants.report"
            ),
        ),
        migrations.AddField(
            model_name="story",
            name="written_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="showing",
            name="story",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="showings", to="grants.story"
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["survivor", "participant", "guardian", "community", "staff"])),
                name="consent_role_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(("how__in", ["written", "recorded", "witnessed"])), name="consent_how_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("role", "survivor"), _negated=True), ("is_pseudonym", True), _connector="OR"
                ),
                name="consent_survivor_has_pseudonym",
                violation_error_message="A survivor stands here under a pseudonym, never by name.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("role", "survivor"), _negated=True), ("covers_photo", False), _connector="OR"
                ),
                name="consent_survivor_no_photo",
                violation_error_message="No photograph of a survivor is ever shown.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(("covers_words", True), ("covers_photo", True), _connector="OR"),
                name="consent_covers_something",
                violation_error_message="Say what it is for: the words, the photograph, or both.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(("until_on__gte", models.F("given_on"))),
                name="consent_ends_after_start",
                violation_error_message="It cannot end before it was given.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("evidence__isnull", False), models.Q(("evidence_note", ""), _negated=True), _connector="OR"
                ),
                name="consent_has_evidence",
                violation_error_message="Attach the evidence, or say where it is kept.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("given_by", ""), _negated=True), models.Q(("purpose", ""), _negated=True)),
                name="consent_says_who_what_for",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                    models.Q(("withdrawn_at__isnull", True), ("withdrawn_by__isnull", True)),
                    _connector="OR",
                ),
                name="consent_withdrawn_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="reportnotice",
            constraint=models.UniqueConstraint(fields=("report", "mark", "due_on"), name="report_notice_once"),
        ),
        migrations.AddConstraint(
            model_name="reportpaper",
            constraint=models.UniqueConstraint(fields=("report", "document"), name="report_paper_once"),
        ),
        migrations.AddConstraint(
            model_name="story",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("title", ""), _negated=True), models.Q(("text", ""), _negated=True)),
                name="story_has_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="story",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("photo__isnull", True),
                    models.Q(("nobody_recognisable", True), models.Q(("photo_shows", ""), _negated=True)),
                    _connector="OR",
                ),
                name="story_photo_shows_nobody",
                violation_error_message="Say what the photograph shows, and that nobody can be recognised on it.",
            ),
        ),
        migrations.AddConstraint(
            model_name="showing",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until_at__isnull", True)), fields=("story", "page"), name="showing_stands_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="showing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("until_at__isnull", False), ("until_by__isnull", False)),
                    models.Q(("until_at__isnull", True), ("until_by__isnull", True)),
                    _connector="OR",
                ),
                name="showing_until_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="showing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until_at__isnull", True), models.Q(("until_reason", ""), _negated=True), _connector="OR"
                ),
                name="showing_ended_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="showing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until_at__isnull", True), ("until_at__gte", models.F("since_at")), _connector="OR"
                ),
                name="showing_ends_after_start",
            ),
        ),
        InstallGuards("grants"),
    ]
