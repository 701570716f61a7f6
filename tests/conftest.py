"""The tests' own installation: a temporary DATA_DIR, and SQLite or a PostgreSQL server started for the run.

It is made before Django's settings are read, so other test modules may import models at their top.
"""

from tests.support import rig

rig.start()

pytest_plugins = [
    "tests.support.options",
    "tests.support.databases",
    "tests.support.worlds",
    "tests.support.storage",
    "tests.support.keeping",
    "tests.support.clockwork",
    "tests.support.browser",
    "tests.support.scene",
    "tests.support.trail",
]
