"""The app of partners: what is asked and what is given."""

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    """Programmes, checklists, organisations, vault and submissions."""

    name = "partners"
    verbose_name = "Partners"
