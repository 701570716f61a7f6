"""What staff note about an application, and whom a note names."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Two tables."""

    dependencies = [
        ("grants", "0008_arrivals"),
        ("partners", "0005_version_readings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CaseNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.UUIDField(unique=True)),
                ("text", models.TextField()),
                ("written_at", models.DateTimeField()),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="notes", to="partners.submission"
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["submission", "-written_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="CaseMention",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "note",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="mentions", to="grants.casenote"
                    ),
                ),
            ],
            options={
                "ordering": ["note", "pk"],
            },
        ),
        migrations.AddIndex(
            model_name="casenote",
            index=models.Index(fields=["submission", "-written_at"], name="case_notes"),
        ),
        migrations.AddConstraint(
            model_name="casenote",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="case_note_says_something"
            ),
        ),
        migrations.AddIndex(
            model_name="casemention",
            index=models.Index(
                condition=models.Q(("read_at__isnull", True)), fields=["user", "note"], name="case_mention_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="casemention",
            constraint=models.UniqueConstraint(fields=("note", "user"), name="case_mention_once"),
        ),
    ]
