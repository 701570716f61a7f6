"""People at a browser of their own: they follow links, press buttons, choose and type by the words they see.

With LOOK_AT_PAGES set to a folder, a picture of each page that a test names is left there.
"""

import os
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.db import connections
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Response, WebError, expect

from grants.example.people import PASSWORD
from grants.example.steps.signing_in import CODE
from vetting_portal.tasks import drain

PATIENCE = 45_000  # milliseconds: a busy machine answers late, and is right all the same
PERIOD = 30  # seconds of a step of an authenticator
TIGHT = 4  # seconds before the end of a step in which a code could come too late
FORBIDDEN = 400

expect.set_options(timeout=PATIENCE)


def starting(words: str) -> re.Pattern[str]:
    """Names that start with ``words``: a hint may stand behind them."""
    return re.compile(rf"^\s*{re.escape(words)}")


def label(words: str) -> re.Pattern[str]:
    """The label of a field, whether or not it says that it is optional."""
    return re.compile(rf"^\s*{re.escape(words)}(\s+optional)?\s*$")


def apart[Made](make: Callable[[], Made]) -> Made:
    """Do something in a thread without a browser, as sealing needs it: the library has a loop of its own."""

    def whole() -> Made:
        try:
            return make()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as other:
        return other.submit(whole).result()


def work() -> None:
    """Do what a worker of the portal would do now."""
    apart(drain)


def mailed(address: str, pattern: re.Pattern[str]) -> str:
    """Return what fits ``pattern`` in the newest mail to ``address``, once the background work is done."""
    work()
    for message in reversed(mail.outbox):
        if address in message.to and (found := pattern.search(message.body)):
            return found.group(1)
    raise AssertionError(f"No mail to {address} has it: {[(one.to, one.subject) for one in mail.outbox]}")


def mailed_code(address: str) -> str:
    """Return the code in the newest mail to ``address``."""
    return mailed(address, CODE)


class Hand:
    """One person. What the browser complains about, and every answer above 400, is kept as a fault."""

    def __init__(self, context: BrowserContext, address: str, name: str) -> None:
        context.set_default_timeout(PATIENCE)
        self.address = address
        self.name = name
        self.faults: list[str] = []
        self.checks: list[Callable[[Hand], None]] = []
        self.used_step = 0
        context.on("console", self._hear)
        context.on("weberror", self._note_error)
        context.on("response", self._note_answer)
        self.page: Page = context.new_page()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"{self.name} at {self.page.url}: {message.text}")

    def _note_error(self, error: WebError) -> None:
        self.faults.append(f"{self.name} at {self.page.url}: {error.error}")

    def _note_answer(self, response: Response) -> None:
        if response.status >= FORBIDDEN:
            self.faults.append(f"{self.name} got {response.status} at {response.url}")

    # --- moving ---------------------------------------------------------------------------------------

    def visit(self, path: str = "/") -> None:
        """Type the portal's address."""
        self.page.goto(f"{self.address}{path}", wait_until="load")
        self._arrive()

    @contextmanager
    def moving(self) -> Iterator[None]:
        """Wait until the next page is there."""
        with self.page.expect_navigation(wait_until="load", timeout=PATIENCE):
            yield
        self._arrive()

    def _arrive(self) -> None:
        for check in self.checks:
            check(self)

    def follow(self, words: str | re.Pattern[str], *, within: Locator | None = None) -> None:
        """Follow the first link with these words; it may stand in the phone's menu."""
        exact = isinstance(words, str)
        link = (within or self.page).get_by_role("link", name=words, exact=exact).first
        menu = self.page.get_by_text("Menu", exact=True)
        if within is None and menu.is_visible() and not link.is_visible():
            menu.click()
        with self.moving():
            link.click()

    def unfold(self) -> None:
        """Open what is folded on the page."""
        for fold in self.page.locator("details.more:not([open]) > summary").all()[::-1]:
            if fold.is_visible():
                fold.click()

    def press(self, words: str, *, within: Locator | None = None) -> None:
        """Press the button with these words; it sends a form."""
        button = (within or self.page).get_by_role("button", name=words, exact=True)
        with self.moving():
            button.click()

    def download(self, words: str | re.Pattern[str]) -> bytes:
        """Follow a link that leads to a file, and return the file."""
        with self.page.expect_download(timeout=PATIENCE) as arriving:
            self.page.get_by_role("link", name=words).first.click()
        return Path(arriving.value.path()).read_bytes()

    # --- filling --------------------------------------------------------------------------------------

    def field(self, words: str, place: int = 0) -> Locator:
        """Return the field with this label; where several have it, the one at ``place``."""
        return self.page.get_by_label(label(words)).nth(place)

    def type(self, words: str, text: str, place: int = 0) -> None:
        """Type ``text`` into the field with this label."""
        self.field(words, place).fill(text)

    def pick(self, words: str, option: str) -> None:
        """Pick an option of a list by its words."""
        self.field(words).select_option(label=option)

    def choose(self, question: str, option: str) -> None:
        """Choose one of several answers to a question."""
        group = self.page.get_by_role("group", name=starting(question))
        group.get_by_role("radio", name=starting(option)).check()

    def tick(self, words: str) -> None:
        """Tick a box."""
        self.page.get_by_role("checkbox", name=starting(words)).check()

    def hand_in(self, words: str, name: str, content: bytes, media_type: str = "application/pdf") -> None:
        """Choose a file of this device."""
        self.field(words).set_input_files({"name": name, "mimeType": media_type, "buffer": content})

    # --- seeing ---------------------------------------------------------------------------------------

    def sees(self, words: str | re.Pattern[str]) -> None:
        """Wait until the words stand on the page."""
        expect(self.page.get_by_text(words).filter(visible=True).first).to_be_visible()

    def reads(self, heading: str | re.Pattern[str]) -> None:
        """Wait until the page has this heading."""
        expect(self.page.get_by_role("heading", name=heading).first).to_be_visible()

    def shows(self, name: str) -> None:
        """Leave a picture of the page, where pictures are wanted."""
        if folder := os.environ.get("LOOK_AT_PAGES"):
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    # --- who it is ------------------------------------------------------------------------------------

    def code(self, secret: str) -> str:
        """Return the code that an authenticator shows, one that was not used and does not end at once."""
        now = time.time()
        ends = (int(now) // PERIOD + 1) * PERIOD
        if int(now) // PERIOD == self.used_step or ends - now < TIGHT:
            self.page.wait_for_timeout((ends - now) * 1000 + 200)
        self.used_step = int(time.time()) // PERIOD
        return format_hotp_value(hotp_value(secret, self.used_step))

    def sign_in(self, email: str, secret: str = "", password: str = PASSWORD) -> None:
        """Sign in from the front page; staff with the second factor."""
        self.visit()
        self.follow("Sign in")
        self.type("E-mail address", email)
        self.type("Password", password)
        self.press("Sign in")
        if secret:
            self.type("Six digits", self.code(secret))
            self.press("Sign in")
