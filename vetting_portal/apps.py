"""The ground floor as a Django app; its permissions are read at start."""

from django import forms
from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.module_loading import autodiscover_modules

from vetting_portal.checks import guards_are_there, scanner_has_an_address

# The library's own sentences, in the portal's voice; a form that says more wins.
WORDS: list[tuple[type[forms.Field], str, str]] = [
    (forms.Field, "required", "This is needed."),
    (forms.IntegerField, "invalid", "Give a whole number, for example 80."),
    (forms.ChoiceField, "invalid_choice", "Choose one of the list."),
    (forms.FileField, "empty", "The file is empty. Choose another one."),
]


class VettingPortalConfig(AppConfig):
    """Registers the rules of every app and the checks at start-up."""

    name = "vetting_portal"
    label = "vetting_portal"
    verbose_name = "Ground floor"

    def ready(self) -> None:
        """Read each app's ``rules`` module; register the start-up checks."""
        autodiscover_modules("rules")
        register(guards_are_there, Tags.database)
        register(scanner_has_an_address)
        for field, code, words in WORDS:
            field.default_error_messages[code] = words
