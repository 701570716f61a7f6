"""Files on their way: staged, tried, recorded in batches, resumed after a kill; with one bad line nothing."""

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from grants.campaigns.actions import record_gifts, refund_gift
from grants.campaigns.models import Gift
from grants.campaigns.simulation.stage import Stage
from grants.intake import invariants
from grants.intake.actions import discard_import, forget_old_faults, importing, set_columns, start_import
from grants.intake.actions.importing import ReadElsewhere, finish_reading, read_import, record_import
from grants.intake.mapping import OWN, ColumnMapping
from grants.intake.models import GiftImport, GiftSource, ImportFault, StagedGift
from tests.factories.campaigns import fresh, give, matched, opened, planned, row
from tests.factories.intake import HEAD, begun, gifts_file, imported, line
from vetting_portal.models import AuditEntry, StoredFile, User
from vetting_portal.tasks import drain
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.both


def breaches() -> list[str]:
    return [sentence for invariant in invariants.INVARIANTS for sentence in invariant()]


def faults(gift_import: GiftImport) -> list[tuple[int, str]]:
    return list(gift_import.faults.values_list("line", "reason"))


def test_a_file_is_staged_tried_and_recorded_in_order(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=15_000)
    give(campaign, "before", 100, by=stage.finance)

    read = imported(campaign, gifts_file(line("a"), line("b"), line("a")), by=stage.finance)
    before = (Gift.objects.count(), read.step, read.staged_count)
    started = start_import(gift_import=read, by=stage.finance)
    drain()
    done = GiftImport.objects.get(pk=started.pk)

    assert before == (1, "ready", 3)
    assert read.estimate["matched"] == 14_900
    assert (read.estimate["gifts"], read.estimate["repeated"], read.estimate["available"]) == (2, 1, 0)
    assert (done.step, done.recorded_count, done.repeated_count) == ("finished", 2, 1)
    assert matched(campaign) == [100, 10_000, 4_900]
    assert StagedGift.objects.count() == 0
    assert breaches() == []


def test_every_bad_line_is_listed_and_nothing_recorded(stage: Stage) -> None:
    campaign = opened(stage)
    give(campaign, "old", 5, by=stage.finance)
    content = gifts_file(
        line("a"), line("b", "-1.00"), line("old"), line("c", donor="=1+1"), line("a", "7.00"), line("d")
    )

    read = imported(campaign, content, by=stage.finance)

    assert (read.step, read.fault_count) == ("refused", 4)
    assert [number for number, _ in faults(read)] == [3, 4, 5, 6]
    assert "gross 0.05 before, 100.00 now" in faults(read)[1][1]
    assert faults(read)[3][1] == "The key a stands in line 2 with other contents."
    assert (Gift.objects.count(), StagedGift.objects.count()) == (1, 0)
    with pytest.raises(Refused, match="bad lines"):
        start_import(gift_import=read, by=stage.finance)
    assert breaches() == []


def test_a_killed_recording_goes_on_where_it_was(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = opened(stage, cap_minor=30_000)
    monkeypatch.setattr(importing, "RECORD_BATCH", 3)
    content = gifts_file(*(line(f"g{number}", f"{number + 1}0.00") for number in range(10)))
    read = imported(campaign, content, by=stage.finance)
    started = start_import(gift_import=read, by=stage.finance, in_background=False)
    real = importing.record_gifts
    calls = []

    def dies(**inputs: Any) -> Any:
        done = real(**inputs)
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt  # the gifts are written, the transaction is not through
        return done

    monkeypatch.setattr(importing, "record_gifts", dies)
    with pytest.raises(KeyboardInterrupt):
        record_import(started, stage.finance)
    cut = GiftImport.objects.get(pk=started.pk)
    after_kill = (cut.step, cut.recorded_count, Gift.objects.count(), StagedGift.objects.count())
    monkeypatch.setattr(importing, "record_gifts", real)
    done = record_import(cut, stage.finance)

    assert after_kill == ("recording", 6, 6, 4)
    assert (done.step, done.recorded_count, done.repeated_count) == ("finished", 10, 0)
    assert list(campaign.gifts.order_by("seq").values_list("key", flat=True)) == [f"g{n}" for n in range(10)]
    assert fresh(campaign).matched_minor == 30_000
    assert breaches() == []


def test_a_killed_reading_is_read_from_the_first_line_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = opened(stage)
    monkeypatch.setattr(importing, "READ_BATCH", 2)
    content = gifts_file(*(line(f"g{number}") for number in range(5)))
    made = begun(campaign, content, by=stage.finance)
    importing.stage_rows(gift_import=made, rows=[row("half", 5, line=2)], by=stage.finance)

    read = read_import(made, io.BytesIO(content), stage.finance)

    assert (read.step, read.staged_count, read.staged.count()) == ("ready", 5, 5)


def test_of_two_readers_one_goes_on(stage: Stage) -> None:
    made = begun(opened(stage), gifts_file(line("a")), by=stage.finance)
    importing.stage_rows(gift_import=made, rows=[row("a", 5, line=2)], by=stage.finance)

    with pytest.raises(ReadElsewhere):
        importing.stage_rows(gift_import=made, rows=[row("a", 5, line=2)], by=stage.finance)
    ready = finish_reading(gift_import=made, estimate={}, by=stage.finance)
    with pytest.raises(ReadElsewhere):
        importing.note_faults(gift_import=ready, faults=[], by=stage.finance)

    assert StagedGift.objects.count() == 1


def test_a_key_that_comes_in_between_with_other_contents_stops_the_rest(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = opened(stage)
    monkeypatch.setattr(importing, "RECORD_BATCH", 2)
    read = imported(campaign, gifts_file(*(line(key) for key in "abcde")), by=stage.finance)
    started = start_import(gift_import=read, by=stage.finance, in_background=False)
    give(campaign, "d", 7, by=stage.finance)
    before = AuditEntry.objects.filter(event="gifts_recorded").count()

    stopped = record_import(started, stage.finance)

    assert (stopped.step, stopped.recorded_count, stopped.fault_count) == ("stopped", 2, 1)
    assert faults(stopped)[0][0] == 5
    assert sorted(Gift.objects.values_list("key", flat=True)) == ["a", "b", "d"]
    assert AuditEntry.objects.filter(event="gifts_recorded").count() == before + 1
    assert breaches() == []


def test_what_a_file_is_tried_to_bring_is_what_it_brings(stage: Stage) -> None:
    campaign = opened(stage, cap_minor=60_000, donor_cap_minor=12_000, gift_cap_minor=9_000)
    give(campaign, "first", 5_000, by=stage.finance, donor_name="R. Sato")
    lines = [line(f"g{n}", f"{n * 7 % 90 + 1}.00", donor=f"Donor {n % 9}") for n in range(60)]
    lines += [line("s1"), line("s2"), line("own", donor="Simulated partner")]

    read = imported(campaign, gifts_file(*lines), by=stage.finance)
    record_import(start_import(gift_import=read, by=stage.finance, in_background=False), stage.finance)
    now = fresh(campaign)

    assert now.matched_minor - 5_000 == read.estimate["matched"]
    assert (now.available_minor, now.gift_count) == (read.estimate["available"], read.estimate["gifts"] + 1)
    assert read.estimate["reasons"] == [{"reason": "From the funder, its staff or the partner itself.", "gifts": 1}]


def test_a_refund_that_waits_is_applied_once_its_gift_is_imported(stage: Stage) -> None:
    campaign = opened(stage)
    refund_gift(campaign=campaign, gift_key="a", amount_minor=4_000, refund_key="r", by=stage.finance)

    read = imported(campaign, gifts_file(line("a")), by=stage.finance)
    record_import(start_import(gift_import=read, by=stage.finance, in_background=False), stage.finance)

    assert read.estimate["waits"] is True
    assert Gift.objects.get().refunded_minor == 4_000


THEIRS = "Payment;When;Total\np1;2026-11-23 09:12;12,50\n"


def test_columns_are_named_once_for_a_source(stage: Stage) -> None:
    campaign = opened(stage)
    made = begun(campaign, THEIRS.encode(), by=stage.finance, source="cards", is_stored=True)
    columns = {"key": "Payment", "received_at": "When", "gross": "Total"}
    mapping = ColumnMapping(columns=columns, amounts="comma", time_zone="UTC", is_exact=False)

    with pytest.raises(ValidationError, match="no column Nothing"):
        set_columns(gift_import=made, mapping=ColumnMapping(columns={**columns, "fee": "Nothing"}), by=stage.finance)
    set_columns(gift_import=made, mapping=mapping, by=stage.finance)
    drain()
    second = begun(campaign, THEIRS.replace("p1", "p2").encode(), by=stage.finance, source="cards", is_stored=True)
    drain()

    assert (made.step, GiftImport.objects.get(pk=made.pk).step) == ("columns", "ready")
    assert GiftSource.objects.columns_of("cards") == mapping
    assert GiftSource.objects.columns_of("other") == OWN
    assert (GiftImport.objects.get(pk=second.pk).step, second.staged.get().gross_minor) == ("ready", 1_250)


def test_the_same_file_on_its_way_is_one_import(stage: Stage) -> None:
    campaign = opened(stage)
    first = begun(campaign, gifts_file(line("a")), by=stage.finance)

    assert begun(campaign, gifts_file(line("a")), by=stage.finance) == first
    assert begun(campaign, gifts_file(line("a")), by=stage.finance, source="other") != first
    discard_import(gift_import=first, by=stage.finance)
    assert begun(campaign, gifts_file(line("a")), by=stage.finance) != first


def test_an_import_that_is_given_up_leaves_no_donor(stage: Stage) -> None:
    read = imported(opened(stage), gifts_file(line("a")), by=stage.finance, is_stored=True)

    given_up = discard_import(gift_import=read, by=stage.finance)
    with pytest.raises(Refused):
        discard_import(gift_import=given_up, by=stage.finance)
    with pytest.raises(Refused):
        set_columns(gift_import=given_up, mapping=OWN, by=stage.finance)

    assert (given_up.step, StagedGift.objects.count(), StoredFile.objects.filter(media_type="text/csv").count()) == (
        "discarded", 0, 0,
    )  # fmt: skip


def test_what_was_wrong_is_forgotten_after_thirty_days(stage: Stage) -> None:
    read = imported(opened(stage), gifts_file(line("a", "x")), by=stage.finance, is_stored=True)
    system = User.objects.system("background")

    assert forget_old_faults(by=system) == 0
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert forget_old_faults(by=system) == 1
        assert forget_old_faults(by=system) == 0
    with pytest.raises(PermissionDenied):
        forget_old_faults(by=stage.finance)

    assert (ImportFault.objects.count(), GiftImport.objects.get(pk=read.pk).file) == (0, None)


def test_who_may_not_import_changes_nothing(stage: Stage) -> None:
    campaign = opened(stage)
    read = imported(campaign, gifts_file(line("a")), by=stage.finance)
    for refused in (
        lambda by: begun(campaign, gifts_file(line("b")), by=by),
        lambda by: set_columns(gift_import=read, mapping=OWN, by=by),
        lambda by: start_import(gift_import=read, by=by),
        lambda by: discard_import(gift_import=read, by=by),
        lambda by: importing.restart_reading(gift_import=read, by=by),
        lambda by: importing.stage_rows(gift_import=read, rows=[], by=by),
        lambda by: importing.note_faults(gift_import=read, faults=[], by=by),
        lambda by: importing.finish_reading(gift_import=read, estimate=None, by=by),
        lambda by: importing.record_batch(gift_import=read, by=by),
        lambda by: importing.stop_import(gift_import=read, faults=[], by=by),
    ):
        with pytest.raises(PermissionDenied):
            refused(stage.officer)
    with pytest.raises(Refused, match="not open"):
        begun(planned(stage), gifts_file(line("b")), by=stage.finance)


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, Any]:
    """Run a command with --json; returns its exit code and answer."""
    code = 0
    try:
        call_command(*args, "--json")
    except SystemExit as leaving:
        code = int(str(leaving.code))
    except CommandError as error:
        return error.returncode, str(error)
    return code, json.loads(capsys.readouterr().out)


def test_the_command_says_what_would_be_matched(
    stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign = opened(stage, cap_minor=12_000)
    file = tmp_path / "gifts.csv"
    file.write_bytes(gifts_file(line("a"), line("b")))

    code, answer = run(capsys, "import_gifts", campaign.slug, str(file), "--dry-run")
    call_command("import_gifts", campaign.slug, str(file), "--dry-run")
    said = capsys.readouterr().out

    assert (code, answer["recorded"], answer["errors"]) == (0, 0, [])
    assert (answer["would"]["gifts"], answer["would"]["matched"]) == (2, 12_000)
    assert "2 gifts would be recorded" in said
    assert (Gift.objects.count(), StagedGift.objects.count()) == (0, 0)
    assert run(capsys, "import_gifts", campaign.slug, str(file))[1]["recorded"] == 2


def test_the_command_goes_on_after_a_kill(
    stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = opened(stage)
    monkeypatch.setattr(importing, "RECORD_BATCH", 2)
    file = tmp_path / "gifts.csv"
    file.write_bytes(gifts_file(*(line(key) for key in "abcde")))
    by = User.objects.system("commands")
    started = start_import(gift_import=imported(campaign, file.read_bytes(), by=by), by=by, in_background=False)
    importing.record_batch(gift_import=started, by=by)

    assert run(capsys, "import_gifts", campaign.slug, str(file)) == (0, {"recorded": 5, "repeated": 0, "errors": []})
    assert run(capsys, "import_gifts", campaign.slug, str(file)) == (0, {"recorded": 0, "repeated": 5, "errors": []})


def test_the_command_refuses_a_file_without_its_columns(
    stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "gifts.csv"
    file.write_text(HEAD.replace("fee", "cost"))

    code, answer = run(capsys, "import_gifts", opened(stage).slug, str(file))

    assert code == 1
    assert answer["errors"] == [{"line": 1, "reason": "The first line has no column fee."}]
    assert GiftImport.objects.count() == 0


def test_many_lines_take_a_constant_number_of_statements_a_batch(stage: Stage) -> None:
    """A batch of a thousand is one transaction; the match of each is the same as of one list."""
    one, other = opened(stage, cap_minor=900_000), opened(stage, cap_minor=900_000)
    lines = [line(f"g{n}", f"{n % 17 + 1}.00", "0.00", donor=f"D{n % 50}") for n in range(2_100)]

    read = imported(one, gifts_file(*lines), by=stage.finance)
    done = record_import(start_import(gift_import=read, by=stage.finance, in_background=False), stage.finance)
    rows = [row(f"g{n}", (n % 17 + 1) * 100, donor_name=f"D{n % 50}") for n in range(2_100)]
    record_gifts(campaign=other, rows=rows, by=stage.finance)

    assert done.recorded_count == 2_100
    assert AuditEntry.objects.filter(event="gifts_recorded", facts__import=read.pk).count() == 3
    assert matched(one) == matched(other)
