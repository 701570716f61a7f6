"""The stored states are made once, however many want them at the same moment, and none is taken from its readers."""

import time
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

from tests.lives import states


def test_those_who_want_the_states_at_once_share_what_one_made(tmp_path):
    made = []

    def slowly(_installation, into, _log):
        made.append(into)
        time.sleep(0.2)
        (into / "state").mkdir()

    (tmp_path / "of-an-older-tree").mkdir()
    with mock.patch.object(states, "make_states", slowly), ThreadPoolExecutor(3) as three:
        given = set(three.map(lambda _who: states.stored_states(mock.Mock(), tmp_path), range(3)))

    assert len(made) == 1
    assert [(folder / "state").is_dir() for folder in given] == [True]
    assert not (tmp_path / "of-an-older-tree").exists()
