"""Practice reviews and their scores, apart from every record of a real application."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    """Two new tables; no table that is there changes."""

    dependencies = [
        ("partners", "0005_version_readings"),
        ("reviews", "0005_confirmed_scores"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PracticeAttempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("application_key", models.CharField(max_length=40)),
                ("started_at", models.DateTimeField()),
                ("submitted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "checklist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.checklistversion",
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="practice_attempts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "practice review",
                "ordering": ["-started_at", "-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(("submitted_at__isnull", True)),
                        fields=("reviewer",),
                        name="practice_one_open_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=Q(
                            ("submitted_at__isnull", True),
                            ("submitted_at__gte", F("started_at")),
                            _connector="OR",
                        ),
                        name="practice_submitted_after_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PracticeScore",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("value", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("not_applicable", models.BooleanField(default=False)),
                ("justification", models.TextField(blank=True, max_length=4000)),
                ("edition", models.PositiveIntegerField(default=1)),
                ("saved_at", models.DateTimeField()),
                (
                    "attempt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scores",
                        to="reviews.practiceattempt",
                    ),
                ),
                (
                    "criterion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.criterion"
                    ),
                ),
            ],
            options={
                "ordering": ["attempt", "criterion__position"],
                "constraints": [
                    models.UniqueConstraint(fields=("attempt", "criterion"), name="practice_score_once"),
                    models.CheckConstraint(
                        condition=Q(("value__isnull", True), ("value__lte", 4), _connector="OR"),
                        name="practice_score_on_scale",
                    ),
                    models.CheckConstraint(
                        condition=Q(("not_applicable", False), ("value__isnull", True), _connector="OR"),
                        name="practice_score_or_not_applicable",
                    ),
                    models.CheckConstraint(condition=Q(("edition__gte", 1)), name="practice_score_was_saved"),
                ],
            },
        ),
    ]
