"""How the people of the walk get in: an account by a code, staff by an authenticator."""

import re

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

from grants.example.people import PASSWORD, ExamplePerson
from grants.example.visitor import PageError, Visitor
from grants.example.walk import Walk
from vetting_portal.outbox import messages_written
from vetting_portal.tasks import drain

SECOND_FACTOR = "/accounts/2fa/authenticate/"
CODE = re.compile(r"^\s*([A-Z0-9]{4}[- ]?[A-Z0-9]{2,4})\s*$", re.MULTILINE)


def mailed_code(address: str) -> str:
    """Return the code in the newest mail to ``address``, once the background work is done."""
    drain()
    for message in messages_written(address):
        if found := CODE.search(message.body):
            return found.group(1)
    problem = f"No code was written to {address}."
    raise PageError(problem)


def mailed_link(address: str, pattern: str) -> str:
    """Return the path in the newest mail to ``address`` that fits ``pattern``."""
    drain()
    for message in messages_written(address):
        if found := re.search(pattern, message.body):
            return found.group(0)
    problem = f"No link like {pattern} was written to {address}."
    raise PageError(problem)


def sign_up(walk: Walk, person: ExamplePerson) -> Visitor:
    """Make an account for somebody of a partner, and confirm its address by the code that was mailed."""
    visitor = walk.visitor(person.email, person.name)
    visitor.open("/accounts/signup/")
    visitor.send(to="/accounts/signup/", name=person.name, email=person.email, password1=PASSWORD)
    visitor.send(code=mailed_code(person.email))
    return visitor


def sign_in(walk: Walk, person: ExamplePerson) -> Visitor:
    """Sign a member of staff in, once in a walk; later steps go on in the same session."""
    if person.email in walk.visitors:
        return walk.visitors[person.email]
    visitor = walk.visitor(person.email, person.name)
    visitor.open("/accounts/login/")
    visitor.send(to="/accounts/login/", login=person.email, password=PASSWORD)
    secret = person.totp_secret or ""
    for _ in range(2):  # a code may end while it is on its way: then the next one
        code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
        visitor.send(to=SECOND_FACTOR, code=code)
        if not visitor.has_form(SECOND_FACTOR):
            break
    return visitor
