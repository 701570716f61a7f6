"""Has documents set by the press: a process apart, so that one that hangs, breaks or eats memory ends alone."""

import contextlib
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from grants.agreements.press.framing import Cut, receive, send
from grants.agreements.press.sheets import (
    OUT_OF_MEMORY,
    Attached,
    RenderBlocked,
    Rendered,
    RenderFailed,
    Unsettable,
    date_of,
)
from vetting_portal.children import Child, Pool, python

__all__ = ["Attached", "RenderBlocked", "RenderFailed", "Rendered", "Unsettable", "render"]
SECONDS = 60  # a long agreement takes two; more is a fault
MOST_DOCUMENTS = 200  # then a press is replaced by a new one
AT_ONCE = 2
_places = threading.BoundedSemaphore(AT_ONCE)


class Press(Child):
    """A process that sets documents, one after the other."""

    command = python("grants.agreements.press")
    documents = 0

    @property
    def is_usable(self) -> bool:
        """It runs, is our own, and is not worn out."""
        return self.documents < MOST_DOCUMENTS and super().is_usable

    def print(self, html: str, attachments: Sequence[Attached] = (), *, any_font: bool = False) -> Rendered:
        """Return the PDF. Raises RenderBlocked, Unsettable, ValueError, and RenderFailed where the process does not
        answer in time or ends; it is then of no more use.
        """
        self.documents += 1
        late = threading.Event()

        def end() -> None:
            late.set()
            self.process.kill()

        clock = threading.Timer(SECONDS, end)
        clock.daemon = True
        clock.start()
        try:
            with self.owing():
                answer = self._ask({"any_font": any_font}, html, attachments)
        finally:
            clock.cancel()
        if answer is None:
            raise RenderFailed(self._why(late=late.is_set()))
        head, parts = answer
        if "blocked" in head:
            raise RenderBlocked(head["blocked"])
        if "unsettable" in head:
            raise Unsettable(head["unsettable"])
        if "fault" in head:
            raise RenderFailed(f"The press could not set the document: {head['fault']}")
        return Rendered(content=parts[0], pages=head["pages"])

    def _ask(
        self, how: dict[str, Any], html: str, attachments: Sequence[Attached]
    ) -> tuple[dict[str, Any], list[bytes]] | None:
        into, out = self.process.stdin, self.process.stdout
        if into is None or out is None:
            return None
        said = [
            {"name": one.name, "description": one.description, "relationship": one.relationship} for one in attachments
        ]
        try:
            send(into, {**how, "attachments": said}, [html.encode(), *(one.content for one in attachments)])
            return receive(out)
        except (OSError, Cut):
            return None

    def _why(self, *, late: bool) -> str:
        self.process.kill()
        ended = self.process.wait()
        if late:
            return f"The document was not ready after {SECONDS} seconds."
        return "The document needs too much memory." if ended == OUT_OF_MEMORY else "The press broke off."


presses = Pool(Press, most_idle=AT_ONCE)


@contextlib.contextmanager
def borrowed_press() -> Iterator[Press]:
    """Lend a warm press, or a new one; each is used by one thread at a time, and no more than two work at once."""
    with _places, presses.borrow() as press:
        yield press


def render(html: str, *, attachments: Sequence[Attached] = (), any_font: bool = False) -> Rendered:
    """Return the PDF of ``html``; its dates are those of the ``dcterms.created`` meta tag. Call it in no transaction.

    Raises RenderBlocked when anything tried to fetch, RenderFailed when the press took too long, needed too much memory
    or broke, ValueError when the HTML carries no date, and unless ``any_font`` of the machine will do, Unsettable when
    a character is in none of the fonts that the style sheet names.
    """
    date_of(html)
    with borrowed_press() as press:
        return press.print(html, attachments, any_font=any_font)
