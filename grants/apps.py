"""The app of what is promised and paid: match funds, grants, agreements, campaigns, tranches, reports."""

from django.apps import AppConfig
from django.core.checks import Tags, register

from grants.sealing.checks import seal_certificate_lasts, seal_settings_can_work


class GrantsConfig(AppConfig):
    """What is promised and paid."""

    name = "grants"
    verbose_name = "Grants"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the start-up checks."""
        register(seal_settings_can_work)
        register(seal_certificate_lasts, Tags.database)
