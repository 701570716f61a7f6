"""One life: people at pages, the steps they take, and what is asked of every answer they get."""

import io
import json
import re
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone
from PIL import Image

from grants.campaigns.models import Campaign
from grants.example.steps.gifts import gifts_file, stripe_message
from tests.lives.filling import CODE
from tests.lives.installation import plain_pdf
from tests.lives.pages import Field, Form, Page, path_of
from tests.lives.people import ANYBODY, CAST
from vetting_portal.clock import on_the_funders_clock
from vetting_portal.daily import open_rounds
from vetting_portal.models import AuditEntry, User
from vetting_portal.outbox import messages_written
from vetting_portal.tasks import drain, failed_for_good

CODE_LINE = re.compile(r"^\s*([A-Z0-9]{4}[- ]?[A-Z0-9]{2,4})\s*$", re.MULTILINE)
REDIRECTS, REFUSED, UNPROCESSABLE, TOTP_PERIOD = 10, 400, 422, 31
ALLOWED = {200, 204, 302, 303, 304, 400, 403, 404, 405, 409, 410, 413, 422}

type Move = tuple[str, str, str, str, int]  # record, event, from state, to state, who


class Fault(Exception):
    """What must never be, was: ``kind`` and ``where`` name it, so that the same one is told once."""

    def __init__(self, kind: str, where: str, story: str = "") -> None:
        self.kind, self.where, self.story = kind, where, story
        super().__init__(f"{kind} at {where}: {story}")


@dataclass
class Answer:
    """What a step came to: the status, the page or the bytes, and the transitions that the trail noted."""

    status: int = 0
    page: Page | None = None
    content: bytes = b""
    moves: list[Move] = field(default_factory=list)
    missed: str = ""

    @property
    def went(self) -> bool:
        """Whether the portal took it."""
        return 0 < self.status < REFUSED


def url_name(path: str) -> str:
    """Return the name of the address behind a path; empty where there is none."""
    return _name_of(path.partition("?")[0])


@lru_cache(maxsize=100_000)
def _name_of(path: str) -> str:
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""


def made_file(made_of: str) -> bytes:
    """Return the bytes of a file: ``pdf:7``, ``png:7``, ``csv:7`` (gifts) or ``bytes:…``."""
    kind, _, rest = made_of.partition(":")
    if kind == "pdf":
        return plain_pdf(f"Report {rest}\nWhat was sent shows it, and no more.")
    if kind == "png":
        target = io.BytesIO()
        Image.new("RGB", (64, 64), (int(rest) % 256, 90, 120)).save(target, "PNG")
        return target.getvalue()
    if kind == "csv":
        return gifts_file(5, timezone.now()).replace(b"EX-", f"L{rest}-".encode())
    return rest.encode()


class Person:
    """Somebody at the pages, in a session of their own."""

    def __init__(self, life: "Life", name: str) -> None:
        self.life, self.name = life, name
        self.email = CAST[name].email if name in CAST else ""
        self.client = Client(SERVER_NAME="localhost")
        self.shelf: dict[str, Page] = {}

    def sign_in(self) -> None:
        """Sign in; the second factor was shown."""
        if self.email and (user := User.objects.filter(email=self.email).first()):
            self.client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
            session = self.client.session
            session["second_factor"] = True
            session.save()

    def ask(self, method: str, path: str, data: Any = None, referer: str = "") -> tuple[Any, str]:
        """Send one request and follow where it leads; sign in where that is asked. Returns the answer and its path."""
        headers = {"referer": f"http://localhost{referer or path}"}
        response = self._once(method, path, data, headers)
        if self.email and response.headers.get("Location", "").startswith(settings.LOGIN_URL):
            self.sign_in()
            response = self._once(method, path, data, headers)
        for _ in range(REDIRECTS):
            if "Location" not in response.headers:
                return response, path
            path = path_of(response.headers["Location"]) or path
            response = self._once("get", path, None, headers)
        raise Fault("redirects without end", url_name(path), path)

    def _once(self, method: str, path: str, data: Any, headers: dict[str, str]) -> Any:
        self.life.asked += 1
        began = time.perf_counter()
        try:
            response = getattr(self.client, method)(path, data or {}, headers=headers)
            if response.streaming:
                response.read = b"".join(response.streaming_content)
        except Exception as error:
            if method == "get":
                self.life.steps.append({"do": "look", "who": self.name, "at": path})
            raise Fault("500", f"{method.upper()} {url_name(path)} {_where(error)}", traceback.format_exc()) from error
        self.life.seen(self, method, path, response, time.perf_counter() - began)
        return response

    def open(self, path: str) -> Answer:
        """Open an address; one that was opened since anything last happened is not asked for again."""
        opened = self.life.opened
        if (self.name, path) not in opened:
            response, there = self.ask("get", path)
            opened[self.name, path] = self.read(response, there)
        return opened[self.name, path]

    def read(self, response: Any, path: str) -> Answer:
        """Read an answer, and keep the page that it may have."""
        if response.streaming:
            return Answer(response.status_code, None, response.read)
        page = None
        if "html" in response.headers.get("Content-Type", ""):
            page = Page(f"http://localhost{path}", response.content.decode(), response.status_code)
            if response.status_code == 200:
                self.shelf[path.partition("#")[0]] = page
        return Answer(response.status_code, page, response.content)

    def code(self, asked_for: str) -> str:
        """Return the code that a field asks for: of the authenticator app, or from the newest mail to this person."""
        if "authenticator" in asked_for and self.name in CAST:
            self.life.clock.shift(TOTP_PERIOD)  # each code is good once
            counter = next(iter(yield_hotp_counters_from_time()))
            return format_hotp_value(hotp_value(str(CAST[self.name].totp_secret), counter))
        drain()
        for message in messages_written(self.email):
            if found := CODE_LINE.search(message.body):
                return found.group(1)
        return "000000"


def _where(error: BaseException) -> str:
    """Return where an error was raised, in our own code."""
    frames = [one for one in traceback.extract_tb(error.__traceback__) if "site-packages" not in one.filename]
    frames = [one for one in frames if "/tests/" not in one.filename] or frames
    last = frames[-1] if frames else None
    place = f"{last.filename.rpartition('/')[2]}:{last.name}" if last else ""
    return f"{type(error).__name__} {place}"


class Life:
    """What happens to the records of one installation, a step at a time."""

    def __init__(self, state: str, clock: Any, coverage: Any = None) -> None:
        self.state, self.clock = state, clock
        self.people = {name: Person(self, name) for name in (*CAST, ANYBODY)}
        self.steps: list[dict[str, Any]] = []
        self.asked = 0
        self.opened: dict[tuple[str, str], Answer] = {}  # what was read since anything last happened
        self.coverage = coverage
        self.head = self._head()
        self.refused_form: Form | None = None
        self.before_us: tuple[str, Page] | None = None  # who sent something last, and the page that came back
        self.last_sent: tuple[Person, str, dict, str] | None = None
        self.counts: Counter[str] = Counter()

    @property
    def has_campaign(self) -> bool:
        """Whether there is a campaign to give to."""
        return Campaign.objects.exists()

    def many(self, method: str, person: str, name: str) -> int:
        """Return how often somebody of the person's role was answered at an address, in all lives so far."""
        return self.coverage.many(method, person, name) if self.coverage is not None else 0

    # --- what is asked of each answer -------------------------------------------------------------

    def seen(self, person: Person, method: str, path: str, response: Any, seconds: float) -> None:
        """Judge the status of an answer, and count it."""
        name = url_name(path)
        if self.coverage is not None:
            self.coverage.note_answer(person.name, method, name, response, seconds)
        if response.status_code not in ALLOWED:
            raise Fault(str(response.status_code), f"{method.upper()} {name}", f"{person.name} got it at {path}")
        if response.status_code == 404 and method == "get":
            self.counts["not found"] += 1

    @staticmethod
    def _head() -> int:
        return AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    def moves(self) -> list[Move]:
        """Return what the trail noted since the last step."""
        rows = AuditEntry.objects.filter(pk__gt=self.head).order_by("pk")
        found = [
            (f"{row.subject_type}:{row.subject_id}", row.event, row.from_state, row.to_state, row.actor_id)
            for row in rows
        ]
        self.head = self._head()
        return found

    def _changes(self, moves: list[Move]) -> list[Move]:
        """Return the changes of state, less what a seal does: that of the step before may be made during this one."""
        return [one for one in moves if one[2] != one[3] and one[1] != "enter_into_force"]

    # --- steps ------------------------------------------------------------------------------------

    def do(self, step: dict[str, Any]) -> Answer:
        """Take one step, write it down, and return what it came to. Raises Fault."""
        self.steps.append(step)
        self.refused_form = None
        self.opened.clear()
        answer = getattr(self, f"do_{step['do']}")(step)
        if step["do"] != "look":
            self.opened.clear()
        answer.moves = self.moves()
        if answer.status >= REFUSED and (kept := self._changes(answer.moves)):
            raise Fault("half a change", step.get("to", ""), f"answered {answer.status}, and yet {kept}")
        is_page = answer.page is not None and answer.status == 200
        self.before_us = (step["who"], answer.page) if is_page and step["do"] == "send" else None
        if self.coverage is not None:
            self.coverage.steps += 1
            self.coverage.note_moves(answer.moves)
        return answer

    def take(self, step: dict[str, Any]) -> Answer:
        """Take a step, and ask what must be true of its answer. Raises Fault."""
        answer = self.do(step)
        offered = step["do"] == "send" and not step.get("stale") and step.get("mode") == "valid"
        if offered and answer.status in {403, 404, 409}:
            words = answer.page.text[-1500:] if answer.page else ""
            raise Fault(f"offered, and refused with {answer.status}", url_name(step["to"]),
                        f"{step['who']} at {step['at']}: {words}")  # fmt: skip
        if self.refused_form is not None and answer.status == UNPROCESSABLE and answer.page:
            judge_what_was_typed(step, self.refused_form, answer.page, self.last_sent[2])
        return answer

    def do_look(self, step: dict[str, Any]) -> Answer:
        """Somebody opens a page."""
        return self.people[step["who"]].open(step["at"])

    def do_send(self, step: dict[str, Any]) -> Answer:
        """Somebody opens a page (or has it still: ``stale``), fills a form that stands there, and presses a button."""
        person = self.people[step["who"]]
        page = person.shelf.get(step["at"]) if step.get("stale") else None
        if page is None:
            page = person.open(step["at"]).page
        form = page.form(step["to"], step["button"]) if page else None
        if form is None:
            return Answer(missed=f"no form to {step['to']} at {step['at']}")
        data = self.data_of(person, form, step)
        self.last_sent = (person, step["to"], data, step["at"])
        self.refused_form = None if step.get("stale") else form
        return self.send(person, step["to"], data, step["at"])

    def data_of(self, person: Person, form: Form, step: dict[str, Any]) -> dict[str, Any]:
        """Return what a browser would send."""
        values = {name: one.current for name, one in form.fields.items()}
        values |= step["values"]
        button = next((one for one in form.buttons if one.label == step["button"]), None)
        if button and button.name:
            values[button.name] = [button.value]
        data: dict[str, Any] = {}
        for name, held in values.items():
            label = form.fields[name].label if name in form.fields else ""
            held = [person.code(label) if one == CODE else one for one in held]  # noqa: PLW2901
            if held:
                data[name] = held[0] if len(held) == 1 else held
        for name, (file_name, made_of) in step.get("files", {}).items():
            data[name] = SimpleUploadedFile(file_name or "x", made_file(made_of))
        return data

    def send(self, person: Person, to: str, data: dict[str, Any], at: str) -> Answer:
        """Send a form and read what comes back."""
        response, path = person.ask("post", to, data, referer=at)
        return person.read(response, path)

    def do_again(self, _step: dict[str, Any]) -> Answer:
        """The last form is sent once more, as it was."""
        if self.last_sent is None:
            return Answer(missed="nothing was sent yet")
        person, to, data, at = self.last_sent
        for value in data.values():
            if isinstance(value, SimpleUploadedFile):
                value.seek(0)
        return self.send(person, to, data, at)

    def do_try(self, step: dict[str, Any]) -> Answer:
        """Somebody else tries the same address."""
        response, path = self.people[step["who"]].ask(step["method"], step["to"], step.get("values") or None)
        return self.people[step["who"]].read(response, path)

    def do_work(self, _step: dict[str, Any]) -> Answer:
        """The background work that is due is done; a task that fails for good is a fault."""
        before = {one.pk for one in failed_for_good()}
        with on_the_funders_clock():
            open_rounds()
            drain()
        for failed in failed_for_good():
            if failed.pk not in before:
                raise Fault("a task failed for good", failed.task_path, failed.traceback)
        return Answer(status=200)

    def do_wait(self, step: dict[str, Any]) -> Answer:
        """Time goes on."""
        self.clock.shift(step["days"] * 86_400 + step.get("seconds", 0))
        return self.do_work(step)

    def do_stripe(self, step: dict[str, Any]) -> Answer:
        """The payment service tells something."""
        body, headers = stripe_message(step["kind"], **step["thing"])
        self.asked += 1
        client = self.people[ANYBODY].client
        try:
            response = client.post("/hooks/stripe/", body, content_type="application/json", headers=headers)
        except Exception as error:
            raise Fault("500", f"POST grants:stripe_hook {_where(error)}", traceback.format_exc()) from error
        self.seen(self.people[ANYBODY], "post", "/hooks/stripe/", response, 0)
        self.do_work(step)
        return Answer(status=response.status_code)

    def as_json(self) -> str:
        """Return the life as a plain example that can be lived again."""
        return json.dumps({"state": self.state, "steps": self.steps}, ensure_ascii=False, indent=1)


def _plain(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())


def judge_what_was_typed(step: dict[str, Any], form: Form, page: Page, data: dict[str, Any]) -> None:
    """Ask of a page that says what is wrong that everything typed stands in its form still. Raises Fault."""
    again = page.form(step["to"], step["button"]) or next(
        (one for one in page.offers if set(form.fields) <= set(one.fields)), None
    )
    if again is None:
        raise Fault("refused without its form", url_name(step["to"]), page.text[-800:])
    for name, one in form.fields.items():
        if one.kind in {"hidden", "file", "password"} or name not in data or name == "code":
            continue
        there = again.fields.get(name)
        sent = data[name] if isinstance(data[name], list) else [data[name]]
        if there is not None and not _holds(there, [_plain(str(value)) for value in sent]):
            raise Fault(
                "typed words are gone", f"{url_name(step['to'])} {name}", f"{sent!r:.300} ≠ {there.current!r:.300}"
            )


def _holds(there: Field, sent: list[str]) -> bool:
    if there.kind in {"checkbox", "radio", "select"}:
        known = {value for value, _ in there.options}
        return {value for value in sent if value in known} <= set(there.chosen)
    return _plain(there.value) == sent[0]
