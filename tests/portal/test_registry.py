"""What the apps register is gathered lowest app first, and never twice under one key."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from vetting_portal import navigation, registry
from vetting_portal.registry import from_apps, keyed, module_of, our_apps


def test_the_apps_are_asked_from_the_lowest_up():
    folders = [config.name.partition(".")[0] for config in our_apps()]

    assert folders == sorted(folders, key=registry.FOLDERS.index)
    assert set(folders) == set(registry.FOLDERS)


def test_an_app_without_the_module_adds_nothing():
    assert [module_of(config, "no_such_module") for config in our_apps()] == [None] * len(list(our_apps()))
    assert list(from_apps("NOBODY_HAS_THIS", module="nav")) == []


def test_a_key_that_two_apps_register_stops_the_start(monkeypatch):
    twice = ((navigation.Known("a.A"),), (navigation.Known("a.A"),))
    monkeypatch.setattr(navigation, "from_apps", lambda *_args, **_named: twice)

    with pytest.raises(ImproperlyConfigured, match=r"'a\.A' is registered twice"):
        navigation.known_kinds.__wrapped__()


def test_what_is_registered_keeps_its_order():
    assert list(keyed(["b", "a"], lambda entry: entry)) == ["b", "a"]
