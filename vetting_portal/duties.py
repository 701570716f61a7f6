"""What each person has to do: every app says in its ``duties`` module which kinds of duties there are.

A kind is found by the database: which records wait, who may act on them, since when. The pages of work, the boxes
"next", the e-mails and the reminders all read this one list. A kind's QuerySets say in SQL what the permission and
the blockers of its act say of one record; the tests compare the two over every record they have.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import BigIntegerField, Count, DateField, DateTimeField, F, Model, Q, QuerySet, TextField, Value
from django.db.models.expressions import Combinable, ExpressionWrapper
from django.db.models.functions import Cast
from django.db.models.lookups import LessThan
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from vetting_portal.models import Role, User
from vetting_portal.registry import from_apps, keyed
from vetting_portal.statements import DayBegins, Statement, Today, as_day, as_moment, keep

SHOWN_AT_ONCE = 50
FACTS = 4  # how many texts of its own a kind may load
TEXTS = ("title", "country", "reference")
OWN = tuple(f"fact_{place}" for place in range(FACTS))
COLUMNS = ("kind", "is_mine", "record", "since", "due", "sort_at", "submission", "organisation", *TEXTS, *OWN)

type Rows = QuerySet[Any]
type Said = "str | Callable[[OpenDuty], str]"
type Cut = Callable[[User, Rows], Rows | None]


@dataclass(frozen=True)
class Actor:
    """Who acts on a kind of duty: ``mine`` cuts to what a user can do now, ``others`` to what a user may know that
    others have to do. Each returns None where there can be nothing, so that no query runs. ``is_partner`` says that
    somebody of the partner acts: its home names what a member waits for from a colleague.
    """

    words: str
    mine: Cut
    others: Cut
    is_partner: bool = False


@dataclass(frozen=True)
class Case:
    """How a record leads to what it is about: paths of the ORM to the application, the organisation and their names.

    ``title`` and ``reference`` may be expressions. An empty path means that there is none. ``noun`` says what the
    reference is the number of: ``Application``.
    """

    noun: str = ""
    submission: str = ""
    organisation: str = ""
    title: str | Combinable = ""
    country: str = ""
    reference: str | Combinable = ""

    def referring(self, reference: str | Combinable, noun: str) -> "Case":
        """Return the same case with another number: a grant's instead of its application's."""
        return replace(self, reference=reference, noun=noun)


@dataclass(frozen=True, kw_only=True)
class DutyKind:
    """A kind of duty. ``key`` is stable and names its app: ``reviews.write_review``.

    ``is_reminded`` says that its app writes reminders of it: the weekly message about late work leaves it out then.
    ``note`` helps who begins: how long it takes, what to have at hand. It stands under the button of a box "next".
    Where ``verb`` or ``why`` say "your" or "we", ``…_for_others`` say it to those who read what others have to do.

    ``waiting`` returns the records that wait, whoever acts; ``why`` is a text or a function of the duty. ``due`` is the
    path of a date; without one the aim counts, in days from ``since``. ``facts`` are texts that the database loads for
    the functions, at most four. ``is_coming`` marks what nobody has to act on yet. ``record`` is the path of the number
    that its page is found by. ``in_charge`` is the path of the officer whose case it is: another officer may act on it
    and sees it as theirs. ``permission`` is what the act asks for, of the record or of its attribute ``asks``.
    """

    key: str
    group: str
    verb: str
    why: Said
    button: str
    url: "Callable[[OpenDuty], str]"
    waiting: Callable[[], Rows]
    actor: Actor
    case: Case
    record: str = "pk"
    since: str | Combinable
    due: str | Combinable = ""
    aim: int = 7
    facts: Mapping[str, str | Combinable] = field(default_factory=dict)
    is_coming: bool = False
    in_charge: str = ""
    permission: str = ""
    asks: str = ""
    note: str = ""
    verb_for_others: str = ""
    why_for_others: Said = ""
    is_reminded: bool = False


@dataclass(frozen=True)
class OpenDuty:
    """One thing that waits: what it is about, what to do and why, since when, until when, and whether it is mine."""

    kind: DutyKind
    is_mine: bool
    record: int
    since: datetime
    due: date
    has_date: bool
    submission: int | None
    organisation: int | None
    title: str
    country: str
    reference: str
    facts: Mapping[str, str]
    case_url: str = field(default="", compare=False)  # of its application's page, where a list asked for it

    @property
    def key(self) -> str:
        """The stable key of its kind."""
        return self.kind.key

    @property
    def verb(self) -> str:
        """What is to be done, as the imperative that stands in bold."""
        return self.kind.verb if self.is_mine else self.kind.verb_for_others or self.kind.verb

    @property
    def why(self) -> str:
        """Why it waits, in one line."""
        why = self.kind.why if self.is_mine else self.kind.why_for_others or self.kind.why
        return why if isinstance(why, str) else why(self)

    @property
    def sentence(self) -> str:
        """Why it waits, with its stop: as a box says it that has room for a sentence."""
        return self.why if self.why[-1:] in ".?!" else f"{self.why}."

    @property
    def note(self) -> str:
        """By when it is to be done, where a date is set, and what helps to begin."""
        if not self.has_date:
            return self.kind.note
        day = date_format(self.due, "l j F Y")
        when = f"This was due on {day}." if self.days_late else f"By {day}."
        return f"{when} {self.kind.note}".strip()

    @property
    def button(self) -> str:
        """The word on the button."""
        return self.kind.button

    @property
    def url(self) -> str:
        """The address of the page on which it is done."""
        return self.kind.url(self)

    @property
    def who(self) -> str:
        """Who acts, in words: ``a director``."""
        return self.kind.actor.words

    @property
    def aim(self) -> int:
        """For how many days it may wait."""
        return self.kind.aim

    @property
    def aim_shown(self) -> int:
        """How many days it may wait as the bar shows it: until its date, where it has one."""
        return max((self.due - self.since_on).days, 0)

    @property
    def since_on(self) -> date:
        """The day since which it waits, by the funder's calendar, as all days of the list are."""
        return timezone.localdate(self.since)

    @property
    def days(self) -> int:
        """For how many days it has waited."""
        return (timezone.localdate() - self.since_on).days

    @property
    def days_left(self) -> int:
        """How many days are left until it is due; negative when it is late."""
        return (self.due - timezone.localdate()).days

    @property
    def days_late(self) -> int:
        """For how many days it is past its date or our aim."""
        return max(-self.days_left, 0)


@cache
def duty_kinds() -> dict[str, DutyKind]:
    """Return every kind by its key, in the order in which the apps name them."""
    kinds = keyed((kind for kinds in from_apps("DUTIES", module="duties") for kind in kinds), lambda kind: kind.key)
    for kind in kinds.values():
        if len(kind.facts) > FACTS:
            message = f"{kind.key}: more than {FACTS} facts"
            raise ImproperlyConfigured(message)
    return kinds


def leads_to(name: str, *args: str, anchor: str = "") -> Callable[[OpenDuty], str]:
    """Return what gives the address of a page by its name; ``args`` name parts of the duty or its own facts."""

    def url(duty: OpenDuty) -> str:
        values = [duty.facts[arg] if arg in duty.facts else getattr(duty, arg) for arg in args]
        return reverse(name, args=values) + (f"#{anchor}" if anchor else "")

    return url


def nobody(user: User, rows: Rows) -> None:
    """Cut to nothing."""


def everything(user: User, rows: Rows) -> Rows:  # noqa: ARG001 a cut takes both
    """Cut nothing away."""
    return rows


def holders_of(*roles: str) -> Cut:
    """Return a cut that keeps everything for who holds one of the roles, and nothing for anybody else."""

    def cut(user: User, rows: Rows) -> Rows | None:
        return rows if user.role_keys & set(roles) else None

    return cut


# --- the list -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """Which duties a page wants: whose, of one group, late only, with words in their case, about one case only.

    ``is_own`` takes what another officer has in charge as theirs, though ``user`` may act on it too.
    """

    is_mine: bool = True
    is_own: bool = False
    is_coming: bool = False
    group: str = ""
    is_late: bool = False
    words: str = ""
    submission: int | None = None
    organisation: int | None = None
    keys: frozenset[str] = frozenset()


def _arms(user: User, wanted: Wanted) -> Iterator[tuple[DutyKind, Rows]]:
    """Yield each kind that can have something for ``user``, with the records that wait."""
    for kind in duty_kinds().values():
        if kind.is_coming != wanted.is_coming or (wanted.group and kind.group != wanted.group):
            continue
        if wanted.keys and kind.key not in wanted.keys:
            continue
        rows = _cut(kind, user, wanted)
        if rows is None or (rows := _about(kind, rows, wanted)) is None:
            continue
        if wanted.is_late:
            rows = rows.filter(late(kind))
        yield kind, _with_words(kind, rows, wanted.words)


def _cut(kind: DutyKind, user: User, wanted: Wanted) -> Rows | None:
    rows = kind.waiting()
    mine = kind.actor.mine(user, rows)
    if mine is not None and wanted.is_own and kind.in_charge and Role.PROGRAMME_OFFICER in user.role_keys:
        mine = mine.filter(Q(**{kind.in_charge: user}) | Q(**{f"{kind.in_charge}__isnull": True}))
    if wanted.is_mine:
        return mine
    others = kind.actor.others(user, rows)
    return others if others is None or mine is None else others.exclude(pk__in=mine.order_by().values("pk"))


def _about(kind: DutyKind, rows: Rows, wanted: Wanted) -> Rows | None:
    """Cut to what is about an application, or about its organisation as a whole."""
    if wanted.submission is None and wanted.organisation is None:
        return rows
    if kind.case.submission and wanted.submission is not None:
        return rows.filter(**{kind.case.submission: wanted.submission})
    if kind.case.organisation and wanted.organisation is not None:
        return rows.filter(**{kind.case.organisation: wanted.organisation})
    return None


def _with_words(kind: DutyKind, rows: Rows, words: str) -> Rows:
    if not words.strip():
        return rows
    paths = [path for path in (kind.case.title, kind.case.reference) if isinstance(path, str) and path]
    found = Q(pk__in=[])
    for path in paths:
        found |= Q(**{f"{path}__icontains": words.strip()})
    return rows.filter(found)


def late(kind: DutyKind) -> Q:
    """Return what makes a record of this kind late: its date is over, or it has waited longer than the aim."""
    if kind.due:
        return _compared(kind.due, Today())
    return _compared(kind.since, DayBegins(-timedelta(days=kind.aim)))


def _compared(what: str | Combinable, limit: Today | DayBegins) -> Q:
    """Return that a path or an expression is before a day or an instant."""
    if isinstance(what, str):
        return Q(**{f"{what}__lt": limit})
    return Q(LessThan(what, limit))


def counts(user: User, wanted: Wanted | None = None) -> dict[str, tuple[int, int]]:
    """Return for each kind that waits how many records do, and how many of them are late: one statement for all."""
    return counts_of(user, wanted or Wanted())[0]


def counts_of(user: User, first: Wanted, *more: Wanted) -> list[dict[str, tuple[int, int]]]:
    """Return the same for several lists, still in one statement; those after the first are about no one record."""
    found: list[dict[str, tuple[int, int]]] = [{} for _ in range(1 + len(more))]
    for place, key, many, behind in _asked(user, _counting, first, *more):
        found[place][key] = (many, behind)
    return found


def _counting(user: User, *lists: Wanted) -> Rows | None:
    arms = []
    for place, wanted in enumerate(lists):
        for kind, rows in _arms(user, wanted):
            list_, key = Cast(Value(place), BigIntegerField()), Cast(Value(kind.key), TextField())
            named = rows.order_by().annotate(duty_list=list_, duty_kind=key).values("duty_list", "duty_kind")
            many = named.annotate(duty_many=Count("pk"), duty_late=Count("pk", filter=late(kind)))
            arms.append(many.values_list("duty_list", "duty_kind", "duty_many", "duty_late"))
    return _united(arms)


def duties(user: User, wanted: Wanted | None = None, start: int = 0, end: int = SHOWN_AT_ONCE) -> list[OpenDuty]:
    """Return what ``wanted`` describes, the earliest date first, from place ``start`` to ``end``: one statement.

    Each kind hands in its own first ``end`` records by its own order, and the database merges them: nothing is cut
    before it was sorted, and no more than is shown is read.
    """
    return [_open_duty(row) for row in _asked(user, _listing, wanted or Wanted(), start, end)]


def _listing(user: User, wanted: Wanted, start: int, end: int) -> Rows | None:
    arms = [_arm(kind, rows, end, is_mine=wanted.is_mine) for kind, rows in _arms(user, wanted)]
    rows = _united(arms)
    return None if rows is None else rows.order_by("duty_sort_at", "duty_kind", "duty_record")[start:end]


def duties_about(user: User, record: Model) -> list[OpenDuty]:
    """Return what waits about one application, grant or organisation: what ``user`` can do first, then what ``user``
    may know that others have to do, each by date. One statement, whatever waits.
    """
    submission, organisation = _case_of(record)
    about = Wanted(submission=submission, organisation=organisation)
    return [_open_duty(row) for row in _asked(user, _listing_about, about)]


def _listing_about(user: User, about: Wanted) -> Rows | None:
    arms = [
        _arm(kind, rows, SHOWN_AT_ONCE, is_mine=wanted.is_mine)
        for wanted in (about, replace(about, is_mine=False))
        for kind, rows in _arms(user, wanted)
    ]
    rows = _united(arms)
    order = ("-duty_is_mine", "duty_sort_at", "duty_kind", "duty_record")
    return None if rows is None else rows.order_by(*order)[:SHOWN_AT_ONCE]


def coming_about(user: User, record: Model) -> list[OpenDuty]:
    """Return what is coming up about one application, grant or organisation, by date."""
    submission, organisation = _case_of(record)
    return duties(user, Wanted(is_coming=True, submission=submission, organisation=organisation))


def _case_of(record: Any) -> tuple[int | None, int | None]:
    """Return the primary keys of the application and of the organisation that a record belongs to."""
    label = record._meta.label
    if label == "partners.Organisation":
        return None, record.pk
    if label == "partners.Submission":
        return record.pk, record.organisation_id
    return record.submission.pk, record.submission.organisation_id


def _united(arms: list[Rows]) -> Rows | None:
    """Return the rows of all arms in one statement, in no order; None where there is no arm."""
    if not arms:
        return None
    first, *rest = arms
    return first.union(*rest, all=True).order_by() if rest else first


# --- built once, run for everybody of the same roles ----------------------------------------------

THE_USER, THE_SUBMISSION, THE_ORGANISATION = (-(2**40) - place for place in range(3))  # the key of no record
KEPT = 96  # statements of some 100 kB each: eight roles by what pages ask


def _asked(user: User, build: Callable[..., Rows | None], wanted: Wanted, *more: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a statement, which is built once for everybody of the same roles."""
    shape = replace(
        wanted,
        submission=None if wanted.submission is None else THE_SUBMISSION,
        organisation=None if wanted.organisation is None else THE_ORGANISATION,
    )
    values = {THE_USER: user.pk, THE_SUBMISSION: wanted.submission, THE_ORGANISATION: wanted.organisation}
    like, here = (user.role_keys, user.is_active), (connection.vendor, timezone.get_current_timezone_name())
    if wanted.words.strip():  # as many as people type: not worth keeping
        return _statement.__wrapped__(here, like, build, shape, more).run(values)
    return _statement(here, like, build, shape, more).run(values)


@lru_cache(maxsize=KEPT)
def _statement(
    here: tuple[str, str],  # noqa: ARG001 the database, and the zone in which the statement cuts moments into days
    like: tuple[frozenset[str], bool],
    build: Callable[..., Rows | None],
    shape: Wanted,
    more: tuple[Any, ...],
) -> Statement:
    """Return a statement with marks in place of the user, the records and the moment."""
    somebody = User(pk=THE_USER, is_active=like[1])
    somebody.role_keys = like[0]
    return keep(lambda: build(somebody, shape, *more))


def _arm(kind: DutyKind, rows: Rows, end: int, *, is_mine: bool) -> Rows:
    """Return the first records of a kind as rows of the one shape that all kinds share."""
    order = kind.due or kind.since
    if not isinstance(order, str):
        rows, order = rows.alias(duty_order=order), "duty_order"
    chosen = rows.order_by(order, "pk").values("pk")[:end]
    due = _of(kind.due, DateField()) if kind.due else Cast(Value(None), DateField())
    since = _of(kind.since, DateTimeField())
    wait = timedelta(days=kind.aim)
    sort_at = Cast(due, DateTimeField()) if kind.due else ExpressionWrapper(since + wait, DateTimeField())
    case = kind.case
    loaded: dict[str, Any] = {
        "kind": Cast(Value(kind.key), TextField()),
        "is_mine": Cast(Value(1 if is_mine else 0), BigIntegerField()),
        "record": Cast(F(kind.record), BigIntegerField()),
        "since": since,
        "due": due,
        "sort_at": sort_at,
        "submission": _of(case.submission, BigIntegerField()),
        "organisation": _of(case.organisation, BigIntegerField()),
        **{name: _of(getattr(case, name), TextField()) for name in TEXTS},
    }
    facts = [*kind.facts.values(), *[""] * (FACTS - len(kind.facts))]
    loaded |= {f"fact_{place}": _of(fact, TextField()) for place, fact in enumerate(facts)}
    shown = rows.model._base_manager.filter(pk__in=chosen).order_by()
    return shown.annotate(**{f"duty_{name}": loaded[name] for name in COLUMNS}).values_list(
        *(f"duty_{name}" for name in COLUMNS)
    )


def _of(what: str | Combinable, field_: Any) -> Any:
    """Return a path or an expression as a value of one type, so that the rows of all kinds fit each other."""
    if isinstance(what, str):
        what = F(what) if what else Value("" if isinstance(field_, TextField) else None)
    return Cast(what, field_)


def _open_duty(row: tuple[Any, ...]) -> OpenDuty:
    found = dict(zip(COLUMNS, row, strict=True))
    kind = duty_kinds()[found["kind"]]
    since, set_on = as_moment(found["since"]), as_day(found["due"])
    due = set_on or timezone.localdate(since) + timedelta(days=kind.aim)
    return OpenDuty(
        kind=kind,
        is_mine=bool(found["is_mine"]),
        record=found["record"],
        since=since,
        due=due,
        has_date=set_on is not None,
        submission=found["submission"],
        organisation=found["organisation"],
        facts={name: found[f"fact_{place}"] or "" for place, name in enumerate(kind.facts)},
        **{name: found[name] or "" for name in TEXTS},
    )
