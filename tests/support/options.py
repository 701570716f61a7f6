"""The options and markers of the test run: which database, and whether the long tests take part."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.rig import ROOT

# How long an example takes says what else the machine does, not whether a rule holds.
settings.register_profile("portal", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("portal")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("portal")
    group.addoption("--postgres", action="store_true", help="run on a PostgreSQL server started for this run")
    group.addoption("--long", action="store_true", help="run the tests marked long as well")
    group.addoption("--every-action", action="store_true", help="fail when an action of the portal was never run")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what this run was not asked for, and say how to ask; browsers come last.

    Playwright leaves an event loop running in the thread of the tests: whatever starts one of its own, as the seal
    does, must have been tried before.
    """
    with_browser = {item.path for item in items if "browser" in getattr(item, "fixturenames", ())}
    items.sort(key=lambda item: item.path in with_browser)
    skips = {}
    if not config.getoption("--postgres"):
        skips["postgres"] = pytest.mark.skip(reason="needs PostgreSQL: add --postgres")
    if not config.getoption("--long"):
        skips["long"] = pytest.mark.skip(reason="belongs to make test-long: add --long")
    for item in items:
        for marker, skip in skips.items():
            if item.get_closest_marker(marker):
                item.add_marker(skip)


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
