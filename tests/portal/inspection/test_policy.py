from pathlib import Path

from vetting_portal.inspection.policy import KINDS, LIMITS, MAX_BYTES, policy_table


def test_policy_table_stands_in_the_documentation(project: Path):
    assert policy_table() in (project / "docs" / "uploads.md").read_text()


def test_policy_is_the_one_of_the_design():
    assert MAX_BYTES == 25_000_000
    assert [kind.endings[0] for kind in KINDS] == ["pdf", "jpg", "png", "heic", "docx", "xlsx", "odt", "ods"]
    assert len({limit.what for limit in LIMITS}) == len(LIMITS)
