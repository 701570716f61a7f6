"""The rig itself: tests that commit leave nothing behind, and no test reaches a network."""

import ast
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer
from pytest_socket import SocketConnectBlockedError

from tests.laws.source import APPS, Function, modules
from tests.support.races import run_together
from tests.support.storage import S3Server


def _leave_a_row() -> int:
    Session.objects.create(session_key="left", session_data="", expire_date=timezone.now())
    return Session.objects.count()


@pytest.mark.both
@pytest.mark.parametrize("turn", [1, 2])
@pytest.mark.django_db(transaction=True)
def test_committing_test_starts_from_the_template(turn):
    assert _leave_a_row() == 1


@pytest.mark.both
@pytest.mark.parametrize("turn", [1, 2])
def test_live_server_shares_the_database_and_leaves_nothing(turn, live_server: LiveServer):
    assert _leave_a_row() == 1
    with urllib.request.urlopen(f"{live_server.url}/accounts/login/") as answer:  # noqa: S310
        assert answer.status == 200


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_contenders_have_connections_of_their_own():
    outcomes = run_together(*[lambda: connection.ensure_connection() or connection.connection] * 2)

    assert [outcome.error for outcome in outcomes] == [None, None]
    assert outcomes[0].result is not outcomes[1].result


@pytest.mark.django_db
def test_database_is_the_one_that_was_asked_for(request):
    assert connection.vendor == ("postgresql" if request.config.getoption("--postgres") else "sqlite")


def test_no_test_reaches_a_network():
    with pytest.raises(SocketConnectBlockedError):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


def test_s3_server_refuses_an_unsigned_request(s3: S3Server, s3_bucket: str):
    s3.client().put_object(Bucket=s3_bucket, Key="paper", Body=b"private")

    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(f"{s3.endpoint_url}/{s3_bucket}/paper")  # noqa: S310

    assert refusal.value.code == 403
    assert s3.client().get_object(Bucket=s3_bucket, Key="paper")["Body"].read() == b"private"


@pytest.mark.browser
def test_browser_shows_a_page_of_the_live_server(live_server: LiveServer, page):
    page.goto(f"{live_server.url}/accounts/login/")

    assert page.locator("input[name=login]").count() == 1
    assert Client().get("/accounts/login/").status_code == 200


CLOCK = {"now", "today", "utcnow", "localdate", "localtime", "time"}
CLOCKS = {"timezone", "datetime", "date", "dt", "time"}


def _at_import(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is evaluated when a module is imported: everything but the bodies of functions."""
    if isinstance(node, ast.Lambda):
        return
    yield node
    for name, value in ast.iter_fields(node):
        if name == "body" and isinstance(node, Function):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _at_import(child)


def test_no_module_reads_the_clock_when_it_is_imported():
    """What a process or a run of tests knew at its start is wrong after midnight."""
    read = [
        module.at(node)
        for module in modules(*APPS, "tests", "bench", "tools")
        for node in _at_import(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCK
        if isinstance(node.func.value, ast.Name) and node.func.value.id in CLOCKS
    ]

    assert read == []
