import io
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from tests.portal.inspection import made_offices, made_pdfs
from vetting_portal.inspection import Finding, Verdict, inspect_in_subprocess, sandbox
from vetting_portal.inspection import __main__ as child
from vetting_portal.inspection.sandbox import Inspector, check_upload


@pytest.fixture
def inspector():
    with Inspector() as one:
        yield one


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "0123456789abcdef"
    path.write_bytes(made_pdfs.by_hand())
    return path


def test_inspect_in_subprocess_accepts_path(report):
    assert inspect_in_subprocess(report, name="a.pdf") == Finding(Verdict.ACCEPTED, None, "application/pdf")


def test_inspect_in_subprocess_accepts_open_file():
    assert inspect_in_subprocess(io.BytesIO(made_offices.docx()), name="a.docx").is_accepted


def test_inspect_in_subprocess_rejects_with_the_same_words():
    finding = inspect_in_subprocess(io.BytesIO(made_pdfs.encrypted("x")), name="a.pdf")
    assert finding.verdict is Verdict.REJECTED
    assert finding.reason == "This PDF asks for a password. Save it without a password and send it again."


def test_inspect_in_subprocess_raises_for_missing_file(tmp_path):
    with pytest.raises(OSError, match="No such file"):
        inspect_in_subprocess(tmp_path / "none.pdf", name="none.pdf")


def test_inspector_takes_names_of_any_kind(inspector, report):
    assert inspector.inspect(report, name="หนังสือ.pdf").is_accepted
    assert inspector.inspect(report, name="a\nb.pdf").verdict is Verdict.REJECTED
    assert inspector.inspect(report, name="a\udcff.pdf").verdict is Verdict.REJECTED


def test_inspector_goes_on_after_a_refusal(inspector, report, tmp_path):
    bad = tmp_path / "bad"
    bad.write_bytes(b"MZ")
    assert [inspector.inspect(path, name="a.pdf").verdict for path in (bad, report, bad, report)] == [
        Verdict.REJECTED,
        Verdict.ACCEPTED,
        Verdict.REJECTED,
        Verdict.ACCEPTED,
    ]


def test_inspector_gone_means_quarantined(inspector, report):
    inspector.process.kill()
    inspector.process.wait()
    assert inspector.inspect(report, name="a.pdf").verdict is Verdict.QUARANTINED
    assert inspect_in_subprocess(report, name="a.pdf", inspector=inspector).is_accepted


def test_inspector_sees_nothing_of_the_environment(inspector, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "secret-of-the-portal")
    with Inspector() as other:
        seen = Path(f"/proc/{other.process.pid}/environ").read_bytes()
    assert b"secret-of-the-portal" not in seen
    assert b"DATA_DIR" not in Path(f"/proc/{inspector.process.pid}/environ").read_bytes()


def test_inspector_ends_when_closed():
    with Inspector() as one:
        process = one.process
    assert process.returncode == 0


def test_inspect_in_subprocess_works_from_threads(report):
    findings: list[Finding] = []
    threads = [
        threading.Thread(target=lambda: findings.append(inspect_in_subprocess(report, name="a.pdf"))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [finding.verdict for finding in findings] == [Verdict.ACCEPTED] * 6


def answer_of(monkeypatch, report: Path, does) -> Finding:
    """What the loop answers when its child, in place of inspecting, does something else."""
    monkeypatch.setattr(child, "inspect_file", does)
    return child._answer(str(report), "a.pdf")


def test_child_out_of_time_is_rejected(monkeypatch, report):
    monkeypatch.setattr(child, "CPU_SECONDS", 1)

    def spin(*_, **__):
        while True:
            pass

    finding = answer_of(monkeypatch, report, spin)
    assert finding == Finding(Verdict.REJECTED, child.TOO_LONG, "application/pdf")


def test_child_that_sleeps_is_quarantined(monkeypatch, report):
    monkeypatch.setattr(child, "WALL_SECONDS", 0.3)
    finding = answer_of(monkeypatch, report, lambda *_, **__: time.sleep(30))
    assert finding == Finding(Verdict.QUARANTINED, child.NOT_CHECKED, "application/pdf")


def test_child_out_of_memory_is_rejected(monkeypatch, report):
    finding = answer_of(monkeypatch, report, lambda *_, **__: bytearray(4_000_000_000))
    assert finding == Finding(Verdict.REJECTED, child.TOO_HEAVY, "application/pdf")


def test_child_that_crashes_is_rejected(monkeypatch, report):
    def crash(*_, **__):
        signal.signal(signal.SIGSEGV, signal.SIG_DFL)  # without the traceback that pytest's handler would print
        os.kill(os.getpid(), signal.SIGSEGV)

    finding = answer_of(monkeypatch, report, crash)
    assert finding == Finding(Verdict.REJECTED, child.BROKEN, "application/pdf")


def test_child_that_fails_is_quarantined(monkeypatch, report):
    finding = answer_of(monkeypatch, report, lambda *_, **__: 1 / 0)
    assert finding == Finding(Verdict.QUARANTINED, child.NOT_CHECKED, "application/pdf")


def test_child_writes_no_file(monkeypatch, report, tmp_path):
    def write(*_, **__):
        (tmp_path / "left").write_bytes(b"x" * 10)

    assert not answer_of(monkeypatch, report, write).is_accepted
    assert not (tmp_path / "left").exists() or (tmp_path / "left").read_bytes() == b""


def test_check_upload_without_scanner_says_not_scanned(report):
    assert check_upload(report, name="a.pdf", scanner="none") == Finding(
        Verdict.ACCEPTED, None, "application/pdf", scanned=False
    )


def test_check_upload_with_silent_scanner_is_quarantined(report):
    finding = check_upload(report, name="a.pdf", scanner="/nowhere/clamd.ctl")
    assert finding.verdict is Verdict.QUARANTINED
    assert "does not answer" in (finding.reason or "")


def test_check_upload_does_not_scan_what_is_rejected_anyway(tmp_path):
    bad = tmp_path / "bad"
    bad.write_bytes(b"MZ")
    assert check_upload(bad, name="a.pdf", scanner="/nowhere/clamd.ctl").verdict is Verdict.REJECTED


def test_check_upload_reads_more_than_the_limit_of_nothing(tmp_path):
    """A file that is far too large is refused after one byte more than the limit."""

    class Endless(io.RawIOBase):
        read_so_far = 0

        def readable(self) -> bool:
            return True

        def seekable(self) -> bool:
            return True

        def seek(self, *_) -> int:
            return 0

        def read(self, size: int = -1, /) -> bytes:
            self.read_so_far += size
            return bytes(size)

    endless = Endless()
    finding = check_upload(endless, name="a.pdf", scanner="none")
    assert finding.verdict is Verdict.REJECTED
    assert endless.read_so_far == 25_000_001


def test_inspector_whose_answer_nobody_took_is_not_lent_again(report, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    sandbox.inspectors.close()
    with monkeypatch.context() as patched:
        patched.setattr(sandbox.select, "poll", interrupted)
        with pytest.raises(KeyboardInterrupt):
            inspect_in_subprocess(report, name="a.pdf")
    assert sandbox.inspectors.idle == []
    assert inspect_in_subprocess(report, name="a.pdf").is_accepted
