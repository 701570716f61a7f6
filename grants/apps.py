"""The app of what is promised and paid: match funds, grants, agreements, campaigns, tranches, reports."""

from django.apps import AppConfig


class GrantsConfig(AppConfig):
    """What is promised and paid."""

    name = "grants"
    verbose_name = "Grants"
    default_auto_field = "django.db.models.BigAutoField"
