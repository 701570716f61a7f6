import pytest

from vetting_portal.canonical import canonical_json, sha256_of


def test_the_same_record_gives_the_same_bytes_whatever_its_order_and_composition():
    composed, decomposed = "Nguyễn", "Nguyễn"
    assert canonical_json({"b": 1, "a": composed}) == canonical_json({"a": decomposed, "b": 1})
    assert canonical_json({"a": "ไทย", "n": None}) == '{"a":"ไทย","n":null}'.encode()


def test_a_float_is_refused_wherever_it_stands():
    with pytest.raises(TypeError, match="float"):
        canonical_json({"a": [1, {"b": 0.1}]})


def test_another_record_has_another_hash():
    assert sha256_of({"a": 1}) != sha256_of({"a": "1"})
