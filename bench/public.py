"""The campaign page with 100,000 gifts, as a stranger's first visit, against the bare page on the same server."""

import http.client
import re
from collections.abc import Iterator

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.lists import fetching, served, signed_in
from bench.rows import Row, against_floor, at_most, in_turn
from grants.campaigns.actions import plan_campaign
from grants.campaigns.models import Campaign, Donor, Gift
from grants.campaigns.simulation.stage import WORDS
from grants.payments.actions import open_campaign
from partners.models import Submission
from tests.factories.grants import grant_in, officer_of
from tests.factories.partners import SubmissionFactory
from tests.factories.portal import UserFactory

GIFTS, GROSS, FEE = 100_000, 10_000, 320
ROUNDS = 60
BOUND, QUERIES, KILOBYTES = 4, 10, 60
FLOOR_ROWS = 50
PARTS = re.compile(rb'(?:href|src)="(/static/[^"#]+)')


def fill() -> Campaign:
    """Open a campaign by its own actions, and put the gifts in as an import leaves them: on its row and as rows."""
    SubmissionFactory.create_batch(max(0, FLOOR_ROWS - Submission.objects.count()))  # the bare page lists fifty
    grant = grant_in("in_force")
    officer = officer_of(grant)
    campaign = plan_campaign(grant=grant, slug="bench", words=WORDS, by=officer)
    campaign = open_campaign(campaign=campaign, by=officer)
    donor, now = Donor.objects.create(campaign=campaign), timezone.now()
    matched = min(campaign.cap_minor, GIFTS * GROSS)
    Gift.objects.bulk_create(
        (
            Gift(
                campaign=campaign,
                source="bench",
                key=f"gift-{seq}",
                seq=seq,
                position=seq,
                donor=donor,
                received_at=now,
                currency=campaign.currency,
                gross_minor=GROSS,
                fee_minor=FEE,
                entitled_minor=GROSS,
                matched_minor=max(0, min(GROSS, matched - (seq - 1) * GROSS)),
                recorded_at=now,
                recorded_by=officer,
            )
            for seq in range(1, GIFTS + 1)
        ),
        batch_size=5000,
    )
    campaign.gross_minor, campaign.fees_minor, campaign.matched_minor = GIFTS * GROSS, GIFTS * FEE, matched
    campaign.gift_count = campaign.last_position = GIFTS
    campaign.save()
    return campaign


def sent(port: int, path: str) -> bytes:
    """Return what the server sends for one address to a browser that takes gzip, headers aside."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    line.request("GET", path, headers={"Host": "localhost", "Accept-Encoding": "gzip"})
    answer = line.getresponse()
    body = answer.read()
    assert answer.status == http.HTTPStatus.OK, f"{path}: {answer.status}"
    assert answer.getheader("Set-Cookie") is None, f"{path} sets a cookie"
    return body


def rows() -> Iterator[Row]:
    """Measure time and queries of the page, and everything that a first visit loads."""
    call_command("collectstatic", interactive=False, verbosity=0)
    path = fill().public_path
    client = Client(headers={"host": "localhost"})
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == http.HTTPStatus.OK
    counted = len(queries)  # the next request forgets them
    officer = signed_in(UserFactory(roles=["programme_officer"], totp=True))
    officer.get("/work/")  # the first page of a session notes the second factor in it
    cookie = f"{settings.SESSION_COOKIE_NAME}={officer.cookies[settings.SESSION_COOKIE_NAME].value}"
    with served() as port:
        page, floor = fetching(port, path, ""), fetching(port, "/floor/", cookie)
        for warm in (page, floor) * 3:
            warm()
        value, least = in_turn([page] * ROUNDS, [floor] * ROUNDS)
        html = sent(port, path)
        whole = len(html) + sum(len(sent(port, part.decode())) for part in set(PARTS.findall(html)))
    yield against_floor("the campaign page with 100,000 gifts", value, least, unit="ms", bound=BOUND)
    yield at_most("the campaign page: queries", counted, unit="queries", bound=QUERIES)
    yield at_most("the campaign page: all of a first visit", round(whole / 1024, 1), unit="KB", bound=KILOBYTES)
