"""The version of the application that a score was given or confirmed on."""

import django.db.models.deletion
from django.db import migrations, models

from vetting_portal.guards import InstallGuards, LiftGuards


def given_on_what_was_seen(apps, schema_editor):
    """Take a score that is there as given on the version that its reviewer saw last."""
    alias = schema_editor.connection.alias
    reviews = apps.get_model("reviews", "Review").objects.using(alias)
    seen = reviews.filter(pk=models.OuterRef("review")).values("seen_version")
    apps.get_model("reviews", "Score").objects.using(alias).filter(edition__gte=1).update(
        given_on=models.Subquery(seen)
    )
    if schema_editor.connection.vendor == "postgresql":  # it alters no table while a check of its rows is to come
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):
    """The column, what stands in it for the scores that are there, then the check."""

    dependencies = [("partners", "0005_version_readings"), ("reviews", "0004_panel_messages")]

    operations = [
        LiftGuards("reviews"),
        migrations.AddField(
            model_name="score",
            name="given_on",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="partners.submissionversion",
            ),
        ),
        migrations.RunPython(given_on_what_was_seen, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name="score",
            constraint=models.CheckConstraint(
                condition=models.Q(("edition", 0), ("given_on__isnull", False), _connector="OR"),
                name="score_saved_on_a_version",
            ),
        ),
        InstallGuards("reviews"),
    ]
