"""Long statements that are built once and run for many people: to build one takes far longer than to run it.

What differs from run to run stands in its parameters as a mark: who asks, which record, and the moment of the run.
"""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import DateField, DateTimeField, Expression, F, Field, Func, QuerySet
from django.utils import timezone

_keeping: ContextVar[bool] = ContextVar("keeping", default=False)


class _Clock(Expression):
    """A value of the clock, ``after`` so long a time, in a filter that may be kept; in one that is not, it is read when
    the statement is built.
    """

    kind: type[Field[Any, Any]] = DateTimeField

    def __init__(self, after: timedelta = timedelta()) -> None:
        super().__init__(output_field=self.kind())
        self.after = after

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:  # noqa: ARG002 Django's signature
        """Return a parameter: in a statement that is kept this expression itself, as the mark, else the value."""
        return "%s", (self if _keeping.get() else self.read(),)

    def read(self) -> Any:
        """Return the value now, as the database takes it."""
        return connection.ops.adapt_datetimefield_value(timezone.now() + self.after)


class ThisMoment(_Clock):
    """The moment at which the statement runs."""


class Today(_Clock):
    """The day on which the statement runs, by the clocks of the funder."""

    kind = DateField

    def read(self) -> Any:
        """Return the day now, as the database takes it."""
        return connection.ops.adapt_datefield_value(timezone.localdate() + self.after)


class DayBegins(_Clock):
    """The first moment of the day on which the statement runs, by the clocks of the funder."""

    def read(self) -> Any:
        """Return the moment now, as the database takes it."""
        day = timezone.localdate() + self.after
        begins = datetime.combine(day, time(), tzinfo=timezone.get_current_timezone())
        return connection.ops.adapt_datetimefield_value(begins)


class TodayIn(Func):
    """The day on which the statement runs, by the clocks of the time zone that a column names."""

    output_field = DateField()

    def __init__(self, zone: str) -> None:
        super().__init__(ThisMoment(), F(zone))

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """Return a call of the function that Django gives to SQLite."""
        return self.as_sql(compiler, connection, template="django_datetime_cast_date(%(expressions)s, 'UTC')", **more)

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """Return the moment moved to the zone, and cut to its day."""
        shape = {"template": "(%(expressions)s)::date", "arg_joiner": " AT TIME ZONE "}
        return self.as_sql(compiler, connection, **shape, **more)


@dataclass(frozen=True)
class Statement:
    """The text of a statement and its parameters; no text where it can never find anything."""

    sql: str
    params: tuple[Any, ...]

    def run(self, values: Mapping[Any, Any]) -> list[tuple[Any, ...]]:
        """Run it now, with ``values`` in place of their marks, and return the rows as the database writes them."""
        if not self.sql:
            return []
        given = [
            param.read()
            if isinstance(param, _Clock)
            else (values.get(param, param) if isinstance(param, int) else param)
            for param in self.params
        ]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, given)
            return list(cursor.fetchall())


def keep(build: Callable[[], QuerySet[Any, Any] | None]) -> Statement:
    """Return what ``build`` asks of the database as a statement to be run later; None asks nothing."""
    token = _keeping.set(True)
    try:
        rows = build()
        if rows is None:
            return Statement("", ())
        sql, params = rows.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return Statement("", ())
    finally:
        _keeping.reset(token)
    return Statement(sql, tuple(params))


def as_moment(value: Any) -> datetime:
    """Return a moment as a row holds it: SQLite writes it as text in UTC."""
    found = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return found if timezone.is_aware(found) else found.replace(tzinfo=UTC)


def as_day(value: Any) -> date | None:
    """Return a day as a row holds it: SQLite writes it as text. None stays None."""
    if value is None or isinstance(value, date):
        return value
    return date.fromisoformat(value[:10])
