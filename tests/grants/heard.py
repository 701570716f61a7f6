"""What people are asked to do and what is written to them, as the tests of several rooms read it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from django_tasks_db.models import DBTaskResult

from vetting_portal.duties import Wanted, duties
from vetting_portal.mail import send_mail_task
from vetting_portal.models import User

EVERY = 500


class Message(NamedTuple):
    """A message that waits to be sent."""

    to: str
    subject: str
    body: str


def asked(*people: User) -> set[str]:
    """Return the keys of what these people can do now; of what anybody can, where nobody is named."""
    everybody = people or User.objects.filter(is_active=True)
    return {duty.key for person in everybody for duty in duties(person, Wanted(), 0, EVERY)}


def whys(person: User, *, is_mine: bool = True) -> dict[str, str]:
    """Return why each thing waits, by its key: of what somebody can do, or knows that others have to do."""
    return {duty.key: duty.why for duty in duties(person, Wanted(is_mine=is_mine), 0, EVERY)}


@contextmanager
def listening() -> Iterator[list[Message]]:
    """Give a list that holds, once the block is left, what was written meanwhile."""
    before, told = set(DBTaskResult.objects.values_list("pk", flat=True)), []
    yield told
    tasks = DBTaskResult.objects.filter(task_path=send_mail_task.module_path).exclude(pk__in=before)
    told += [Message(*task.args_kwargs["args"]) for task in tasks.order_by("enqueued_at")]
