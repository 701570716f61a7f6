"""What each app of the portal adds to what the apps below it offer.

An app says what it adds in a module of a known name: ``nav``, ``duties``, ``daily``, ``invariants``, ``triggers``,
``forgetting``. A lower app asks for it here by name and so never imports an upper one. The order is that of
INSTALLED_APPS, lowest first; ``docs/architecture.md`` lists the names.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from django.apps import AppConfig, apps
from django.core.exceptions import ImproperlyConfigured

FOLDERS = ("vetting_portal", "partners", "reviews", "grants")  # lowest first


def our_apps() -> Iterator[AppConfig]:
    """Yield the portal's own apps, lowest first: those in the four folders."""
    for config in apps.get_app_configs():
        if config.name.partition(".")[0] in FOLDERS:
            yield config


def module_of(config: AppConfig, name: str) -> ModuleType | None:
    """Return an app's module of that name, None where it has none. An error inside the module is not hidden."""
    path = f"{config.name}.{name}"
    return import_module(path) if find_spec(path) else None


def from_apps(name: str, *, module: str) -> Iterator[Any]:
    """Yield what each app has under ``name`` in its ``module``: ``about_erasure`` in ``forgetting``."""
    for config in our_apps():
        found = module_of(config, module)
        if found is not None and hasattr(found, name):
            yield getattr(found, name)


def keyed[Key: Hashable, Entry](entries: Iterable[Entry], key: Callable[[Entry], Key]) -> dict[Key, Entry]:
    """Return what the apps registered by its key.

    Raises ImproperlyConfigured where a key comes twice: the last one never wins silently.
    """
    found: dict[Key, Entry] = {}
    for entry in entries:
        if key(entry) in found:
            message = f"{key(entry)!r} is registered twice"
            raise ImproperlyConfigured(message)
        found[key(entry)] = entry
    return found
