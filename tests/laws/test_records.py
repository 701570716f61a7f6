"""What every record keeps to: no relation to a higher app, stamps in pairs, money in whole minor units."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models

from tests.laws.source import APPS
from tests.support.rig import ROOT

# An entry that is nothing but a moment is "at" it; Django names the last sign-in itself.
NAMED_OTHERWISE = {"at", "waiting_since", "last_login"}


def ours() -> Iterator[type[models.Model]]:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label in APPS:
            yield model


def test_no_relation_points_to_a_higher_app():
    found = []
    for model in ours():
        height = APPS.index(model._meta.app_label)
        for field in model._meta.get_fields():
            target = field.related_model if field.is_relation and not field.auto_created else None
            if target in {None, "self"}:
                continue
            label = target.split(".")[0] if isinstance(target, str) else target._meta.app_label
            if label in APPS and APPS.index(label) > height:
                found.append(f"{model.__name__}.{field.name} -> {label}")
    assert found == []


def test_money_is_whole_minor_units():
    """SQLite sums decimals as floats; integers it sums exactly."""
    found = []
    for model in ours():
        for field in model._meta.get_fields():
            if isinstance(field, models.FloatField | models.DecimalField):
                found.append(f"{model.__name__}.{field.name} is no integer")
            if field.name.endswith("_minor") and not isinstance(field, models.BigIntegerField):
                found.append(f"{model.__name__}.{field.name} is no BigIntegerField")
    assert found == []


def test_every_amount_of_money_has_a_currency_near():
    """The ISO 4217 code stands on the record itself or on the one that it belongs to."""
    found = []
    for model in ours():
        names = {field.name for field in model._meta.get_fields()}
        if not any(name.endswith("_minor") for name in names):
            continue
        owners = [field.related_model for field in model._meta.get_fields() if field.many_to_one or field.one_to_one]
        near = names | {field.name for owner in owners if owner is not None for field in owner._meta.get_fields()}
        if not any(name.endswith("currency") for name in near):
            found.append(model.__name__)
    assert found == []


def test_instants_and_days_are_named_apart():
    found = []
    for model in ours():
        for field in model._meta.get_fields():
            named = field.name in NAMED_OTHERWISE or field.name.endswith("_at")
            if isinstance(field, models.DateTimeField) and not named:
                found.append(f"{model.__name__}.{field.name} is an instant: …_at")
            is_day = isinstance(field, models.DateField) and not isinstance(field, models.DateTimeField)
            if is_day and not field.name.endswith("_on"):
                found.append(f"{model.__name__}.{field.name} is a day: …_on")
    assert found == []


def test_every_constraint_is_named_by_what_it_says():
    names = [constraint.name for model in ours() for constraint in model._meta.constraints]
    assert len(names) == len(set(names))
    assert [name for name in names if not name.islower()] == []


@pytest.mark.django_db
def test_migrations_say_what_the_models_say():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_migrations_are_named_by_intent():
    mine = [path.stem for app in APPS for path in (ROOT / app / "migrations").glob("0*.py")]
    assert [name for name in mine if "_auto_" in name or "_alter_" in name] == []
