"""The ground floor as a Django app; its permissions are read at start."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.module_loading import autodiscover_modules

from vetting_portal.checks import guards_are_there


class VettingPortalConfig(AppConfig):
    """Registers the rules of every app and the database check of the guards."""

    name = "vetting_portal"
    label = "vetting_portal"
    verbose_name = "Ground floor"

    def ready(self) -> None:
        """Read each app's ``rules`` module; register the start-up check."""
        autodiscover_modules("rules")
        register(guards_are_there, Tags.database)
