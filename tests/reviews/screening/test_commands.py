"""``import_sanctions`` and ``screen``: their exit codes, their JSON, and what a bad list gets."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from reviews.models import SanctionsList
from tests.factories.reviews import EXAMPLE_LIST
from tests.support.rig import ROOT

pytestmark = pytest.mark.django_db
CUTS = ROOT / "tests/data/sanctions"


def run(*arguments: str) -> int:
    """Run a command and return its exit code."""
    try:
        call_command(*arguments)
    except SystemExit as left:
        return int(left.code or 0)
    except CommandError as error:
        return error.returncode
    return 0


def imported(source: str = "opensanctions", path=EXAMPLE_LIST, published: str = "today") -> int:
    day = timezone.localdate().isoformat() if published == "today" else published
    return run("import_sanctions", "--source", source, str(path), *(["--published", day] if day else []))


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("ofac-sdn", CUTS / "ofac"),
        ("ofac-consolidated", CUTS / "ofac-consolidated"),
        ("un", CUTS / "un/UN_consolidated.xml"),
        ("opensanctions", EXAMPLE_LIST),
    ],
)
def test_each_source_is_imported(source, path, capsys):
    code = imported(source, path)

    current = SanctionsList.objects.get()
    assert (code, current.source, current.is_current, current.is_stale) == (0, source, True, False)
    assert f"{current.entry_count} entries" in capsys.readouterr().out


def test_import_says_when_the_list_is_stale(capsys):
    assert imported(published="2020-01-01") == 0

    assert "Stale: " in capsys.readouterr().out


@pytest.mark.parametrize("published", ["", "2020-01-01"])
def test_screen_fails_closed_on_a_stale_list(published, capsys):
    imported(published=published)

    assert run("screen", "Nobody Here") == 2
    assert run("screen", "Nobody Here", "--allow-stale") == 0


def test_screen_without_a_list_is_an_error():
    assert run("screen", "Nobody Here") == 2
    assert run("screen", "Nobody Here", "--allow-stale") == 2


def test_a_broken_list_is_refused_and_the_old_one_stays(tmp_path):
    imported()
    broken = tmp_path / "targets.simple.csv"
    broken.write_bytes(EXAMPLE_LIST.read_bytes()[:-10])

    assert imported(path=broken) == 2
    assert imported(path=tmp_path / "none.csv") == 2
    assert SanctionsList.objects.current().get().entry_count == 8


def test_a_bad_date_is_refused():
    assert imported(published="yesterday") == 2
    assert imported(published=(timezone.localdate() + timedelta(days=2)).isoformat()) == 2
    assert not SanctionsList.objects.exists()


def test_screen_prints_one_answer_a_name_in_order(capsys):
    imported()
    capsys.readouterr()

    code = run("screen", "Anong Prasert", "Pim Rattanakul", "--json")

    answers = json.loads(capsys.readouterr().out)
    assert code == 1
    assert [answer["name"] for answer in answers] == ["Anong Prasert", "Pim Rattanakul"]
    assert answers[0]["hits"] == []
    hit = answers[1]["hits"][0]
    assert (hit["source"], hit["entry"]) == ("opensanctions", "EX-20417")
    assert 80 <= hit["score"] <= 100
    assert set(hit) == {"source", "entry", "name", "score"}


def test_screen_takes_names_and_kinds_from_a_file(tmp_path, capsys):
    imported()
    names = tmp_path / "names.txt"
    names.write_text("Pimchai Rattanakun\tperson\nPimchai Rattanakun\torganisation\n\nFictitious Gemstones Trading\n")
    capsys.readouterr()

    run("screen", "--from", str(names), "--json")

    assert [len(answer["hits"]) for answer in json.loads(capsys.readouterr().out)] == [1, 0, 1]


def test_screen_kind_holds_for_names_without_one(capsys):
    imported()

    assert run("screen", "Pimchai Rattanakun", "--kind", "organisation") == 0
    assert run("screen", "Pimchai Rattanakun", "--kind", "person") == 1
    assert "EX-20417" in capsys.readouterr().out


def test_screen_puts_the_country_first_among_equals(tmp_path, capsys):
    path = tmp_path / "two.csv"
    header = "id,schema,name,aliases,birth_date,countries,sanctions,dataset\n"
    path.write_text(header + "1,Person,Ivan Petrov,,,us,x,y\n2,Person,Ivan Petrov,,,la,x,y\n")
    imported(path=path)
    capsys.readouterr()

    run("screen", "Ivan Petrov", "--country", "la", "--json")

    assert [hit["entry"] for hit in json.loads(capsys.readouterr().out)[0]["hits"]] == ["2", "1"]


def test_screen_names_reference_numbers_of_the_un(capsys):
    imported("un", CUTS / "un/UN_consolidated.xml")
    capsys.readouterr()

    run("screen", "Abd El Baset Azuz", "--json")

    assert json.loads(capsys.readouterr().out)[0]["hits"][0]["entry"] == "QDi.371"


@pytest.mark.parametrize("arguments", [(), ("--from", "/nowhere/names.txt")])
def test_screen_without_a_name_is_an_error(arguments):
    imported()

    assert run("screen", *arguments) == 2


def test_screen_refuses_an_unknown_kind_in_a_file(tmp_path):
    imported()
    names = tmp_path / "names.txt"
    names.write_text("Somebody\trobot\n")

    assert run("screen", "--from", str(names)) == 2


def test_screen_takes_a_file_line_by_line_and_no_other_sign_for_a_line_end(tmp_path, capsys):
    imported()
    names = tmp_path / "names.txt"
    names.write_bytes("\ufeffPimchai\u2028Rattanakun\r\nAnong\u0085Prasert\tperson\r\n".encode())
    capsys.readouterr()

    run("screen", "--from", str(names), "--json")

    answers = json.loads(capsys.readouterr().out)
    assert [len(answer["hits"]) for answer in answers] == [1, 0]
