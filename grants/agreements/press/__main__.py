"""The press's own process: sets one document after the other until the other side closes."""

import gc
import sys
from typing import IO, Any

from grants.agreements.press.framing import receive, send
from grants.agreements.press.setting import set_pdf
from grants.agreements.press.sheets import OUT_OF_MEMORY, Attached, RenderBlocked, Rendered, Unsettable
from vetting_portal.inspection.limits import limit_self

MEMORY_BYTES = 1 << 30
BETWEEN_COLLECTIONS = 50_000  # new objects: a document makes millions, nearly all of which live until it is set
CPU_SECONDS = 3600  # for all its documents; each has its own time by the clock of who asks


def _set(head: dict[str, Any], parts: list[bytes]) -> Rendered:
    carried = [
        Attached(said["name"], content, said["description"], said["relationship"])
        for said, content in zip(head["attachments"], parts[1:], strict=True)
    ]
    return set_pdf(parts[0].decode(), attachments=carried, any_font=head["any_font"])


def _answer(out: IO[bytes], head: dict[str, Any], parts: list[bytes]) -> None:
    try:
        made = _set(head, parts)
    except RenderBlocked as blocked:
        send(out, {"blocked": str(blocked)}, [])
    except Unsettable as unsettable:
        send(out, {"unsettable": list(unsettable.characters)}, [])
    except MemoryError:
        raise
    except Exception as fault:  # noqa: BLE001 who asked says it
        send(out, {"fault": f"{type(fault).__name__}: {fault}"[:500]}, [])
    else:
        send(out, {"pages": made.pages}, [made.content])


def main() -> int:
    """Answer each frame; an end of the memory or a fault ends the process, and who asked says so."""
    limit_self(cpu_seconds=CPU_SECONDS, memory_bytes=MEMORY_BYTES)
    gc.freeze()
    gc.set_threshold(BETWEEN_COLLECTIONS)
    asked = receive(sys.stdin.buffer)
    while asked is not None:
        try:
            _answer(sys.stdout.buffer, *asked)
        except MemoryError:
            return OUT_OF_MEMORY
        gc.collect()  # the answer is on its way: nobody waits
        asked = receive(sys.stdin.buffer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
