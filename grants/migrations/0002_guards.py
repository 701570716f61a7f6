"""Publish the agreement texts that came with the portal, and make the triggers of grants."""

from django.db import migrations
from django.utils import timezone

from grants.wordings.shipped import base_of, shipped_content, shipped_rows
from vetting_portal.canonical import sha256_of
from vetting_portal.guards import InstallGuards

NAMES = ("2026-1", "2026-2", "2026-3")  # a text that comes later is published by a migration of its own


def publish(apps, schema_editor):
    """Add each shipped text as a published version, the oldest first; nobody stands behind them."""
    alias = schema_editor.connection.alias
    versions = apps.get_model("grants", "WordingVersion").objects.using(alias)
    passages = apps.get_model("grants", "Passage")
    now = timezone.now()
    for name in NAMES:
        if versions.filter(name=name).exists():
            continue
        content = shipped_content(name)
        made = versions.create(
            name=name,
            language=content["language"],
            placeholders=content["placeholders"],
            copied_from=versions.filter(name=base_of(name)).first(),
            is_shipped=True,
            created_at=now,
            published_at=now,
            content=content,
            sha256=sha256_of(content),
        )
        passages.objects.using(alias).bulk_create(passages(wording=made, **row) for row in shipped_rows(content))
    if schema_editor.connection.vendor == "postgresql":  # it makes no trigger while a check of its rows is to come
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):
    """The texts first: the triggers refuse passages of a version that is published."""

    dependencies = [("grants", "0001_initial")]

    operations = [migrations.RunPython(publish, migrations.RunPython.noop), InstallGuards("grants")]
