"""Asks a malware scanner (ClamAV's clamd) about a file; no answer is never a clean one."""

import re
from dataclasses import replace
from enum import StrEnum
from typing import BinaryIO

from clamav_client.clamd import ClamdError, ClamdNetworkSocket, ClamdUnixSocket

from vetting_portal.inspection.findings import Finding, Verdict

NONE = "none"
TIMEOUT = 60
_NETWORK = re.compile(r"(?:tcp://)?(?P<host>[A-Za-z0-9_.-]+|\[[0-9a-fA-F:]+\]):(?P<port>\d{1,5})")
INFECTED = "A malware scanner finds a virus in this file. Do not open it. Clean your computer, and send a clean copy."
NO_ANSWER = "The malware scanner does not answer. The file waits until it does; you need not send it again."


class Scan(StrEnum):
    """What a scanner says: ``skipped`` where none is configured."""

    CLEAN = "clean"
    INFECTED = "infected"
    UNAVAILABLE = "unavailable"
    SKIPPED = "skipped"


def client_for(scanner: str) -> ClamdNetworkSocket:
    """Return the client for an address: ``unix:///run/clamd.ctl``, a path, ``tcp://host:port`` or ``host:port``.

    Nothing is sent yet. Raises ValueError for anything else.
    """
    if scanner.startswith(("unix://", "/")):
        return ClamdUnixSocket(scanner, timeout=TIMEOUT)
    address = _NETWORK.fullmatch(scanner)
    if address is None:
        message = "SCANNER is neither none nor an address of clamd (host:port, or the path of its socket)."
        raise ValueError(message)
    return ClamdNetworkSocket(address["host"].strip("[]"), int(address["port"]), timeout=TIMEOUT)


def scan(file: BinaryIO, scanner: str) -> Scan:
    """Return what ``scanner`` (the setting SCANNER) says about ``file``. Raises ValueError for a wrong setting."""
    if scanner == NONE:
        return Scan.SKIPPED
    client = client_for(scanner)
    file.seek(0)
    try:
        answers = client.instream(file)
    except (ClamdError, OSError, UnicodeDecodeError):
        return Scan.UNAVAILABLE
    words = {status for status, _ in answers.values()}
    if "FOUND" in words:
        return Scan.INFECTED
    return Scan.CLEAN if words == {"OK"} else Scan.UNAVAILABLE


def after_scan(finding: Finding, answer: Scan) -> Finding:
    """Return the finding once the scanner has spoken. Only an accepted file can change by it."""
    if not finding.is_accepted or answer is Scan.SKIPPED:
        return finding
    if answer is Scan.CLEAN:
        return replace(finding, scanned=True)
    if answer is Scan.INFECTED:
        return Finding(Verdict.REJECTED, INFECTED, finding.media_type, scanned=True)
    return Finding(Verdict.QUARANTINED, NO_ANSWER, finding.media_type)
