"""The options and markers of the test run: which database, and whether the long tests take part."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.rig import ROOT

# How long an example takes says what else the machine does, not whether a rule holds.
settings.register_profile("portal", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("portal")

OPENS = {"db", "transactional_db", "live_server", "django_db_setup"}  # the fixtures that open this run's database


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("portal")
    group.addoption("--postgres", action="store_true", help="run on a PostgreSQL server started for this run")
    group.addoption("--long", action="store_true", help="run the tests marked long as well")
    group.addoption("--not-twice", action="store_true", help="leave out what is the same on SQLite and PostgreSQL")
    group.addoption("--every-action", action="store_true", help="fail when an action of the portal was never run")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what this run was not asked for, and say how to ask; browsers come last, the long files of them first.

    Playwright leaves an event loop running in the thread of the tests: whatever starts one of its own, as the seal
    does, must have been tried before. A long file that begins last leaves one process at work and the others idle.
    """
    with_browser = {item.path for item in items if "browser" in getattr(item, "fixturenames", ())}
    long = {item.path for item in items if item.get_closest_marker("long")}
    items.sort(key=lambda item: item.path in with_browser and 1 + (item.path not in long))
    if config.getoption("--not-twice"):
        again = {item for item in items if _is_same_on_both(item)}
        config.hook.pytest_deselected(items=[*again])
        items[:] = [item for item in items if item not in again]
    skips = {}
    if not config.getoption("--postgres"):
        skips["postgres"] = pytest.mark.skip(reason="needs PostgreSQL: add --postgres")
    if not config.getoption("--long"):
        skips["long"] = pytest.mark.skip(reason="belongs to make test-long: add --long")
    for item in items:
        for marker, skip in skips.items():
            if item.get_closest_marker(marker):
                item.add_marker(skip)


def _is_same_on_both(item: pytest.Item) -> bool:
    """Whether a test of `make test` opens no database, or one of its own whatever this run's is."""
    opens = OPENS.intersection(getattr(item, "fixturenames", ())) or item.get_closest_marker("django_db")
    is_own = item.get_closest_marker("own_database") is not None
    return item.get_closest_marker("long") is None and (is_own or not opens)


@pytest.fixture(scope="session")
def project() -> Path:
    """The folder of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """The folder of real sanctions lists, names and schemas; without it the test says that it was skipped."""
    folder = os.environ.get("REFERENCE_DATA")
    if not folder:
        pytest.skip("REFERENCE_DATA is not set: it names the folder of the whole lists")
    return Path(folder)
