import shutil
from datetime import date
from pathlib import Path

import pytest

from reviews.screening.parsing import ANY, OTHER, PERSON, BrokenListError, ListedEntry, check_list, open_source
from tests.factories.reviews import EXAMPLE_LIST
from tests.support.rig import ROOT

CUTS = ROOT / "tests/data/sanctions"
UN = CUTS / "un/UN_consolidated.xml"


def entries(source: str, path: Path) -> dict[str, ListedEntry]:
    return {entry.number: entry for entry in open_source(source, path).entries()}


def names(entry: ListedEntry, *, weak: bool = False) -> list[str]:
    return [name.text for name in entry.names if name.is_weak is weak]


@pytest.fixture
def ofac(tmp_path: Path) -> Path:
    shutil.copytree(CUTS / "ofac", tmp_path / "ofac")
    return tmp_path / "ofac"


def change(path: Path, old: bytes, new: bytes) -> None:
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))


def test_ofac_files_are_joined_on_the_entry_number():
    found = entries("ofac-sdn", CUTS / "ofac")

    marzook = found["3754"]
    assert (marzook.kind, names(marzook)[0], marzook.born) == (PERSON, "ABU MARZOOK, Mousa Mohammed", "09 Feb 1951")
    assert names(marzook, weak=True) == ["ABU-'UMAR"]
    assert (found["36"].kind, names(found["36"])) == ("organisation", ["AEROCARIBBEAN AIRLINES", "AERO-CARIBBEAN"])
    assert found["36"].country == "Cuba"
    assert [entry.kind for entry in found.values()].count(OTHER) == 1


def test_ofac_remarks_run_over_into_the_comments_file():
    assert "hn'; Linked To: LAZARUS GROUP." in entries("ofac-sdn", CUTS / "ofac")["28263"].remarks


def test_ofac_ends_with_or_without_its_end_sign(ofac):
    before = entries("ofac-sdn", ofac)
    main = ofac / "sdn.csv"
    assert main.read_bytes().endswith(b"\x1a")
    main.write_bytes(main.read_bytes().rstrip(b"\x1a"))

    assert entries("ofac-sdn", ofac) == before


def test_ofac_folder_is_found_in_capitals_too(ofac):
    for path in list(ofac.iterdir()):
        path.rename(ofac / path.name.upper())

    assert len(entries("ofac-sdn", ofac)) == 16


def test_ofac_consolidated_has_names_of_its_own():
    assert len(entries("ofac-consolidated", CUTS / "ofac-consolidated")) == 7


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        ("sdn.csv", b'"AEROCARIBBEAN AIRLINES",', b"", "11 columns instead of 12"),
        ("sdn.csv", b"36,", b"A36,", "not an entry number"),
        ("sdn.csv", b"306,", b"36,", "stands there twice"),
        ("sdn.csv", b'"AEROCARIBBEAN AIRLINES"', b"-0- ", "has no name"),
        ("sdn.csv", b'"individual"', b'"robot"', "unknown type"),
        ("sdn.csv", b"AEROCARIBBEAN", b"A\xcbROCARIBBEAN", "not UTF-8"),
        ("sdn.csv", b"AEROCARIBBEAN", b"A\x00ROCARIBBEAN", "damaged"),
        ("alt.csv", b"36,", b"99999,", "speaks of entry 99999"),
        ("add.csv", b"36,", b"99999,", "speaks of entry 99999"),
        ("alt.csv", b'"AERO-CARIBBEAN"', b'"AERO-CARIBBEAN', "alt.csv"),
    ],
)
def test_broken_ofac_file_is_refused(ofac, file, old, new, reason):
    change(ofac / file, old, new)

    with pytest.raises(BrokenListError, match=reason):
        entries("ofac-sdn", ofac)


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.97])
def test_ofac_file_that_breaks_off_is_refused(ofac, kept):
    main = ofac / "sdn.csv"
    main.write_bytes(main.read_bytes()[: int(main.stat().st_size * kept)])

    with pytest.raises(BrokenListError):
        entries("ofac-sdn", ofac)


def test_ofac_main_file_cut_between_lines_is_refused(ofac):
    main = ofac / "sdn.csv"
    main.write_bytes(b"".join(main.read_bytes().splitlines(keepends=True)[:4]))

    with pytest.raises(BrokenListError, match="A file is cut short"):
        entries("ofac-sdn", ofac)


@pytest.mark.parametrize("file", ["alt.csv", "add.csv"])
def test_ofac_aliases_or_addresses_cut_between_lines_are_refused(ofac, file):
    path = ofac / file
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:4]))

    with pytest.raises(BrokenListError, match="lacks the end sign"):
        entries("ofac-sdn", ofac)


def test_ofac_without_any_end_sign_is_read(ofac):
    before = entries("ofac-sdn", ofac)
    for path in ofac.iterdir():
        path.write_bytes(path.read_bytes().rstrip(b"\x1a"))

    assert entries("ofac-sdn", ofac) == before


@pytest.mark.parametrize("tail", [b"\x1a", b"\x00", b"<INDIVIDUAL>"])
def test_un_file_with_something_behind_its_end_is_refused(tmp_path, tail):
    path = tmp_path / "un.xml"
    path.write_bytes(UN.read_bytes() + tail)

    with pytest.raises(BrokenListError, match="not whole"):
        check_list("un", path)


@pytest.mark.parametrize("file", ["sdn.csv", "alt.csv", "add.csv"])
def test_ofac_folder_without_a_file_is_refused(ofac, file):
    (ofac / file).unlink()

    with pytest.raises(BrokenListError, match=f"lacks {file}"):
        open_source("ofac-sdn", ofac)


def test_ofac_wants_a_folder():
    with pytest.raises(BrokenListError, match="not a folder"):
        open_source("ofac-sdn", UN)


def test_ofac_remarks_that_go_on_nowhere_are_refused(ofac):
    (ofac / "sdn_comments.csv").unlink()

    with pytest.raises(BrokenListError, match="go on in the comments file"):
        entries("ofac-sdn", ofac)


def test_empty_ofac_file_is_refused(ofac):
    (ofac / "sdn.csv").write_bytes(b"")

    with pytest.raises(BrokenListError, match="is empty"):
        entries("ofac-sdn", ofac)


def test_utf16_is_refused_in_plain_words(ofac):
    main = ofac / "sdn.csv"
    main.write_bytes(main.read_text().encode("utf-16"))

    with pytest.raises(BrokenListError, match="UTF-16"):
        entries("ofac-sdn", ofac)


def test_un_names_aliases_and_scripts():
    found = entries("un", UN)

    azouz = found["QDi.371"]
    assert names(azouz) == ["ABD AL-BASET AZZOUZ", "Abdelbassed Azouz", "Abdul Baset Azouz"]
    assert names(azouz, weak=True) == ["AA"]
    assert (azouz.born, azouz.country, azouz.listed_on) == ("1966-02-07", "Libya", "2016-02-29")
    assert any(not name.isascii() for name in names(found["QDi.290"]))
    assert found["CDe.001"].kind == "organisation"


def test_un_alias_with_several_names_is_split():
    assert not any(";" in name.text for entry in entries("un", UN).values() for name in entry.names)


def test_un_carries_its_own_date():
    assert open_source("un", UN).published_on() == date(2026, 2, 27)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_un_file_that_breaks_off_is_refused(tmp_path, kept):
    broken = tmp_path / "un.xml"
    content = UN.read_bytes()
    broken.write_bytes(content[: int(len(content) * kept)])

    with pytest.raises(BrokenListError):
        check_list("un", broken)


@pytest.mark.parametrize(
    "content",
    [
        b"<OTHER/>",
        b"no xml",
        b'<!DOCTYPE l [<!ENTITY a "b">]><CONSOLIDATED_LIST dateGenerated="2026-01-01">&a;</CONSOLIDATED_LIST>',
        b'<CONSOLIDATED_LIST dateGenerated="yesterday"/>',
        b'<CONSOLIDATED_LIST dateGenerated="2026-01-01"></CONSOLIDATED_LIST>',
        b"<CONSOLIDATED_LIST><INDIVIDUAL><FIRST_NAME>A</FIRST_NAME></INDIVIDUAL></CONSOLIDATED_LIST>",
        b"<CONSOLIDATED_LIST><ENTITY><REFERENCE_NUMBER>X</REFERENCE_NUMBER></ENTITY></CONSOLIDATED_LIST>",
    ],
)
def test_what_is_not_the_un_list_is_refused(tmp_path, content):
    path = tmp_path / "un.xml"
    path.write_bytes(content)

    with pytest.raises(BrokenListError):
        check_list("un", path)


@pytest.mark.parametrize("lost", ["INDIVIDUALS", "ENTITIES"])
def test_un_list_without_its_people_or_its_organisations_is_refused(tmp_path, lost):
    path = tmp_path / "un.xml"
    head, _, rest = UN.read_text().partition(f"<{lost}>")
    path.write_text(head + rest.partition(f"</{lost}>")[2])

    with pytest.raises(BrokenListError, match="The UN lists both"):
        check_list("un", path)


def test_un_entry_that_stands_twice_is_refused(tmp_path):
    path = tmp_path / "un.xml"
    path.write_text(UN.read_text().replace("QDi.372", "QDi.371"))

    with pytest.raises(BrokenListError, match="stands there twice"):
        check_list("un", path)


def test_opensanctions_columns_names_and_kinds():
    found = entries("opensanctions", EXAMPLE_LIST)

    made_up = found["EX-20417"]
    assert (made_up.kind, made_up.country, made_up.born) == (PERSON, "TH", "1958")
    assert "พิมชัย รัตนกุล" in names(made_up)
    assert found["EX-30002"].kind == "organisation"


def test_every_entry_of_the_example_list_says_that_it_is_made_up():
    assert all("Made-up list" in entry.programme for entry in entries("opensanctions", EXAMPLE_LIST).values())


HEADER = b"id,schema,name,aliases,birth_date,countries,sanctions,dataset\n"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (HEADER, "holds no entry"),
        (b"id,name\n1,A\n", "lacks the columns schema"),
        (HEADER + b"1,Person,A,,,,x\n", "7 columns instead of 8"),
        (HEADER + b"1,Person,A,,,,x,y", "breaks off"),
        (HEADER + b"1,Person,A,,,,x,y\n\x1a", "breaks off"),
        ((HEADER + b"1,Person,A,,,,x,y\n").decode().encode("utf-16"), "not UTF-8"),
        (HEADER + b'1,Person,"A,,,,x,y\n', "not whole"),
        (HEADER + b"1,Person,A,,,,x,y\n1,Person,B,,,,x,y\n", "twice"),
        (HEADER + b"1,Person,,,,,x,y\n", "no name"),
        (HEADER + b"1,Person,\xe9,,,,x,y\n", "not UTF-8"),
    ],
)
def test_broken_opensanctions_file_is_refused(tmp_path, content, reason):
    path = tmp_path / "targets.simple.csv"
    path.write_bytes(content)

    with pytest.raises(BrokenListError, match=reason):
        check_list("opensanctions", path)


def test_legal_entity_may_be_either(tmp_path):
    path = tmp_path / "targets.simple.csv"
    path.write_bytes(HEADER + b"1,LegalEntity,A,,,,x,y\n2,Vessel,B,,,,x,y\n")

    assert [entry.kind for entry in entries("opensanctions", path).values()] == [ANY, OTHER]


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(BrokenListError, match="not a file"):
        open_source("un", tmp_path / "none.xml")


def test_hash_is_over_every_file(ofac):
    before = check_list("ofac-sdn", ofac).sha256
    change(ofac / "add.csv", b"Havana", b"Habana")

    assert check_list("ofac-sdn", ofac).sha256 != before
