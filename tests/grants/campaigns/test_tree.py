"""The tree over the lines: the published roots of RFC 6962, every path, and branches that are nodes of the whole."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.campaigns.tree import NoProof, leaf_hash, line_text, node_hash, path_of, root_hash, steps_of

# What implementations of Certificate Transparency are tried with: eight inputs, and the root over the first n of them.
INPUTS = ["", "\x00", "\x10", " !", "01", "@ABC", "PQRSTUVW", "`abcdefghijklmno"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [hashlib.sha256(bytes([number % 251, number // 251])).digest() for number in range(700)]


def as_the_standard_says(leaves: list[bytes]) -> bytes:
    """Return the root by the definition of RFC 6962, section 2.1: split at the largest power of two below n."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(as_the_standard_says(leaves[:split]), as_the_standard_says(leaves[split:]))


@pytest.mark.parametrize("count", range(1, 9))
def test_roots_are_the_published_ones(count: int) -> None:
    assert root_hash([leaf_hash(text) for text in INPUTS[:count]]).hex() == ROOTS[count - 1]


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert root_hash([]) == hashlib.sha256(b"").digest()


@given(count=st.integers(min_value=1, max_value=700), data=st.data())
def test_every_path_leads_to_the_root_of_the_standard(count: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(min_value=0, max_value=count - 1))
    leaves = LEAVES[:count]

    path = path_of(leaves, index)
    steps = steps_of(leaves[index], index=index, count=count, path=path)

    root = as_the_standard_says(leaves)
    assert root_hash(leaves) == root
    assert (steps[-1][2] if steps else leaves[index]) == root


@given(count=st.integers(min_value=1, max_value=700), data=st.data(), size=st.sampled_from([2, 16, 256]))
def test_branches_are_nodes_of_the_whole_tree(count: int, data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(min_value=0, max_value=count - 1))
    leaves = LEAVES[:count]
    cut = [leaves[start : start + size] for start in range(0, count, size)]
    branches = [root_hash(one) for one in cut]

    path = path_of(cut[index // size], index % size) + path_of(branches, index // size)

    assert root_hash(branches) == root_hash(leaves)
    assert path == path_of(leaves, index)


@given(count=st.integers(min_value=2, max_value=300), data=st.data())
def test_a_path_of_another_place_is_refused_or_leads_elsewhere(count: int, data: st.DataObject) -> None:
    index, other = data.draw(
        st.lists(st.integers(min_value=0, max_value=count - 1), min_size=2, max_size=2, unique=True)
    )
    leaves = LEAVES[:count]

    try:
        steps = steps_of(leaves[index], index=other, count=count, path=path_of(leaves, index))
    except NoProof:
        return
    assert steps[-1][2] != root_hash(leaves)


@pytest.mark.parametrize(("index", "path"), [(0, []), (0, LEAVES[:3]), (2, LEAVES[:1]), (-1, LEAVES[:1])])
def test_a_path_that_does_not_fit_is_refused(index: int, path: list[bytes]) -> None:
    with pytest.raises(NoProof):
        steps_of(LEAVES[0], index=index, count=2, path=path)


def test_a_line_is_plain_text() -> None:
    text = line_text(seq=17, gross=10_000, refunded=0, matched=9_950, salt="ab" * 32)

    assert text == f"match-line/1 seq=17 gross=10000 refunded=0 matched=9950 salt={'ab' * 32}"
    assert leaf_hash(text) == hashlib.sha256(b"\x00" + text.encode()).digest()
