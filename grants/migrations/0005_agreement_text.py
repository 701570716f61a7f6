"""The agreement text 2026-3: entry into force, notices, endings, liability, governing law and courts."""

from django.db import migrations
from django.utils import timezone

from grants.wordings.shipped import base_of, shipped_content, shipped_rows
from vetting_portal.canonical import sha256_of
from vetting_portal.guards import InstallGuards, LiftGuards

NAME = "2026-3"


def publish(apps, schema_editor):
    """Add it as a published version, where its name is free. Where the funder uses a text of its own that one stays in
    use: the new one is then dated as the shipped version before it, to be compared with and copied.
    """
    alias = schema_editor.connection.alias
    versions = apps.get_model("grants", "WordingVersion").objects.using(alias)
    passages = apps.get_model("grants", "Passage")
    if versions.filter(name=NAME).exists():
        return
    content, now = shipped_content(NAME), timezone.now()
    base = versions.filter(name=base_of(NAME), is_shipped=True).first()
    has_own = versions.filter(published_at__isnull=False, is_shipped=False).exists()
    made = versions.create(
        name=NAME,
        language=content["language"],
        placeholders=content["placeholders"],
        copied_from=base,
        is_shipped=True,
        created_at=now,
        published_at=base.published_at if has_own and base else now,
        content=content,
        sha256=sha256_of(content),
    )
    if schema_editor.connection.vendor == "postgresql":  # which keeps its triggers; the last operation makes it again
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")
        schema_editor.execute("DROP TRIGGER IF EXISTS passage_kept ON grants_passage")
    passages.objects.using(alias).bulk_create(passages(wording=made, **row) for row in shipped_rows(content))
    if schema_editor.connection.vendor == "postgresql":  # it makes no trigger while a check of its rows is to come
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):
    """Triggers are lifted meanwhile: they refuse passages of a version that is published."""

    dependencies = [("grants", "0004_the_match"), ("vetting_portal", "0004_funder_law")]

    operations = [
        LiftGuards("grants"),
        migrations.RunPython(publish, migrations.RunPython.noop),
        InstallGuards("grants"),
    ]
