"""Keep what the reviewers of an application write to each other."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from vetting_portal.guards import InstallGuards


class Migration(migrations.Migration):
    """Then the trigger that keeps them as they were written."""

    dependencies = [
        ("partners", "0004_text_layer"),
        ("reviews", "0003_quoted_citations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PanelMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(max_length=4000)),
                ("written_at", models.DateTimeField()),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="panel_messages",
                        to="partners.submission",
                    ),
                ),
            ],
            options={
                "ordering": ["submission", "written_at", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="panel_message_says_something"
                    )
                ],
            },
        ),
        InstallGuards("reviews"),
    ]
