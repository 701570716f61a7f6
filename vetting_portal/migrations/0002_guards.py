"""The trail's head, the system users, the cache table, and the triggers that guard the trail."""

from django.core.management import call_command
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from vetting_portal.guards import InstallGuards

SYSTEM_USERS = ("background", "command", "loader")


def forwards(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the head of an empty trail and the users that stand for tasks and commands."""
    alias = schema_editor.connection.alias
    apps.get_model("vetting_portal", "AuditHead").objects.using(alias).get_or_create(pk=1)
    users = apps.get_model("vetting_portal", "User").objects.using(alias)
    for name in SYSTEM_USERS:
        users.get_or_create(
            email=f"{name}@system.invalid",
            defaults={"name": f"Portal ({name})", "is_system": True, "password": "!"},
        )
    call_command("createcachetable", database=alias, verbosity=0)


class Migration(migrations.Migration):
    """Runs after the tables are made."""

    dependencies = [("vetting_portal", "0001_initial")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop), InstallGuards("vetting_portal")]
