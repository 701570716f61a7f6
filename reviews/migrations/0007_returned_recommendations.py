"""Why a director returned a recommendation, when and who."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Three columns, empty for what was returned before: of that the trail alone tells why."""

    dependencies = [
        ("partners", "0005_version_readings"),
        ("reviews", "0006_practice_reviews"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="recommendation",
            name="returned_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="recommendation",
            name="returned_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="recommendation",
            name="returned_reason",
            field=models.TextField(blank=True),
        ),
        migrations.AddConstraint(
            model_name="recommendation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("returned_at__isnull", False), ("returned_by__isnull", False)),
                    models.Q(("returned_at__isnull", True), ("returned_by__isnull", True)),
                    _connector="OR",
                ),
                name="recommendation_returned_pair",
            ),
        ),
    ]
