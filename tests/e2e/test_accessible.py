"""The pages of the walk in a real browser, at two widths: axe finds no fault, and decides every contrast."""

import re
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from grants.wordings.actions import change_passage
from partners.checklists.actions import adopt_shipped_checklist
from tests.e2e.hands import apart, mailed
from tests.factories import wordings
from tests.factories.amendments import amendment_in, later
from tests.factories.grants import declare, directors_of, fresh, grant_in, officer_of, owner_of
from tests.factories.partners import SubmissionFactory
from tests.factories.portal import FunderFactory, UserFactory
from tests.factories.reviews import begun, invited
from tests.support.browser import PHONE, WIDE
from tests.support.scene import Scene, set_scene
from vetting_portal.actions import invite_staff
from vetting_portal.models import User

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DESK = {**WIDE, "height": 1600}  # nothing of a pane that scrolls is cut off in the middle
STEPS = ("send_back", "withdraw", "decline")
# What axe cannot decide inside drawings; their colours are the tokens, which are measured.
IN_DRAWINGS = (
    "Element content is too short to determine if it is actual text content",
    "background color could not be determined because element contains an image node",
)


def faults(page: Page) -> list[str]:
    """Return what axe finds, and each contrast it cannot decide, short texts inside drawings aside."""
    answer = Axe().run(page).response
    found = [f"{page.url} {rule['id']}: {node['html']}" for rule in answer["violations"] for node in rule["nodes"]]
    return found + [
        f"{page.url} {rule['id']} (undecided): {node['html']} {node['any'][0]['message']}"
        for rule in answer["incomplete"]
        if rule["id"] == "color-contrast"
        for node in rule["nodes"]
        if not any(words in str(node) for words in IN_DRAWINGS)
    ]


def pages_after(scene: Scene) -> dict[User | None, list[str]]:
    """Return the pages of a grant whose campaign is open, by who looks."""
    grant, submission, review = (scene.records[name] for name in ("Grant", "Submission", "Review"))
    hit, report, people = scene.records["ScreeningHit"], scene.records["Report"], scene.people
    return {
        None: [
            *("/", "/campaign/campaign/", "/verify/", "/checklist/", "/programmes/", "/accounts/login/"),
            "/campaign/campaign/widget/",
            "/campaign/campaign/receipt/",
        ],
        people["owner"]: [
            "/home/",
            reverse("partners:vault", args=[submission.organisation_id]),
            reverse("partners:passport", args=[submission.organisation_id]),
            scene.records["Document"].paper.get_absolute_url(),
            reverse("partners:document_translation", args=[scene.records["Document"].pk]),
            submission.get_absolute_url(),
            reverse("grants:partner_agreement", args=[grant.number]),
            report.get_absolute_url(),
            reverse("grants:report_story_add", args=[report.pk]),
            reverse("grants:report_papers", args=[report.pk]),
            reverse("grants:consents", args=[grant.number]),
            reverse("grants:consent_new", args=[grant.number]),
            reverse("grants:consent_withdraw", args=[scene.records["Consent"].pk]),
            reverse("grants:partner_payments"),
        ],
        people["reviewer"]: ["/reviews/", reverse("reviews:panel", args=[submission.pk]), review.get_absolute_url()],
        people["officer"]: [
            reverse("partners:document_verify", args=[scene.records["Document"].pk]),
            "/work/",
            "/work/others/",
            reverse("reviews:work", args=[submission.pk]),
            hit.get_absolute_url(),
            "/holds/",
            reverse("reviews:hold", args=[scene.records["Hold"].pk]),
            reverse("reviews:hold_step", args=[scene.records["Hold"].pk, "decision"]),
            reverse("partners:places"),
            reverse("partners:licence_add", args=[submission.organisation_id]),
            grant.get_absolute_url(),
            reverse("grants:ledger", args=[grant.number]),
            reverse("grants:outlook", args=[grant.number]),
            "/reports/",
            scene.records["Consent"].get_absolute_url(),
            reverse("grants:payments", args=[grant.number]),
            reverse("grants:payment_hold", args=[scene.records["Tranche"].pk]),
        ],
        people["finance"]: pages_of_finance(scene),
    }


def pages_of_finance(scene: Scene) -> list[str]:
    """Return the pages of who accounts for the money."""
    grant = scene.records["Grant"]
    return [
        "/finance/",
        "/exports/",
        reverse("grants:gifts_import", args=[grant.number]),
        reverse("grants:receipt_links", args=[scene.records["Gift"].pk]),
        reverse("grants:to_pay"),
        reverse("grants:bank_statements"),
        reverse("grants:bank_statement_new"),
        reverse("grants:bank_statement", args=[scene.records["BankLine"].statement_id]),
        reverse("grants:bank_line", args=[scene.records["BankLine"].pk]),
    ]


def pages_before() -> dict[User | None, list[str]]:
    """Return the pages of what is still to be done: a draft, an invitation to review, a grant to sign."""
    draft, review, grant = SubmissionFactory(), invited(), grant_in("awaiting_signature")
    first, second, *_ = directors_of(grant)
    declare(grant, second)
    return {
        draft.organisation.owners().get().user: [
            "/home/",
            reverse("partners:submission_section", args=[draft.number, 3]),
            reverse("partners:submission_papers", args=[draft.number]),
            reverse("partners:submission_send", args=[draft.number]),
        ],
        review.reviewer: [reverse("reviews:review_gate", args=[review.pk])],
        begun().reviewer: ["/reviews/"],
        first: ["/grants/to-sign/", reverse("grants:declare", args=[grant.number])],
        second: [reverse("grants:brief", args=[grant.number])],
        **pages_of_wording(),
    }


def pages_of_wording() -> dict[User | None, list[str]]:
    """Return the pages of a draft of the agreement's wording, one text of it changed."""
    officer = wordings.officer()
    draft = wordings.draft(officer)
    passage = change_passage(passage=wordings.passage(draft), text="{funder} pays {cap}.", by=officer)
    return {
        officer: [
            reverse("grants:wording_draft", args=[draft.name]),
            reverse("grants:wording_passage", args=[draft.name, passage.pk]),
            reverse("grants:wording_placeholders", args=[draft.name]),
            reverse("grants:wording_publish", args=[draft.name]),
        ]
    }


def pages_of_the_first_day() -> dict[User | None, list[str]]:
    """Return the pages that set an empty installation up: the steps, what is adopted, lists, an invitation."""
    administrator, officer = (UserFactory(roles=[role], totp=True) for role in ("administrator", "programme_officer"))
    draft = adopt_shipped_checklist(by=officer)
    invite_staff(email="new@example.org", roles=["finance_officer"], by=administrator)
    join = mailed("new@example.org", re.compile(r"(/staff/join/[\w-]+/)"))
    return {
        administrator: [
            reverse("grants:set_up"),
            reverse("portal:staff"),
            reverse("portal:funder"),
            reverse("reviews:list_import"),
            reverse("partners:checklist_publish", args=[draft.pk]),
        ],
        officer: [
            reverse("grants:set_up"),
            reverse("partners:checklist"),
            draft.get_draft_url(),
            reverse("partners:questions"),
            reverse("partners:programme_list"),
        ],
        None: [join, reverse("account_signup")],
    }


def pages_of_amendments() -> dict[User | None, list[str]]:
    """Return the pages of a grant that was amended once and is being amended again, and of who signs how."""
    grant = fresh(amendment_in("in_force").grant)
    director = directors_of(grant)[0]
    waiting = amendment_in("awaiting_signature", grant, **later(grant))
    step = {name: reverse(f"grants:amendment_{name}", args=[waiting.number]) for name in STEPS}
    return {
        officer_of(grant): [grant.get_absolute_url(), waiting.get_absolute_url(), step["send_back"], step["withdraw"]],
        director: ["/grants/to-sign/", waiting.get_absolute_url(), step["decline"], "/grants/absences/"],
        UserFactory(roles=["administrator"], totp=True): ["/grants/signing-policy/"],
        UserFactory(roles=["auditor"], totp=True): [
            *(grant.get_absolute_url(), grant.fund.get_absolute_url(), "/wordings/", "/wordings/2026-2/"),
            *("/overview/", "/trail/", "/grants/signing-policy/", "/grants/absences/"),
            *("/accounts/email/", "/accounts/password/change/"),
        ],
        owner_of(grant): [reverse("grants:partner_agreement", args=[grant.number])],
        None: [reverse("grants:verify_record", args=[grant.agreement.sealed_sha256])],
    }


def at_both_widths(page: Page) -> list[str]:
    """Return the faults of the page at hand on a desk and on a phone."""
    found = []
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        found += faults(page)
    return found


def come_as(context: BrowserContext, user: User | None, address: str) -> None:
    """Be somebody who has signed in, second factor and all; or nobody."""
    context.clear_cookies()
    if user is None:
        return
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    session = client.session
    session["second_factor"] = True
    session.save()
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": address}])


def look_at(page: Page, address: str, pages: dict[User | None, list[str]]) -> list[str]:
    """Return the faults of all pages, at both widths."""
    found = []
    for user, paths in pages.items():
        come_as(page.context, user, address)
        for path in paths:
            answer = page.goto(f"{address}{path}")
            assert answer is not None
            assert (answer.status, urlsplit(page.url).path) == (200, path) or path == "/home/"
            found += at_both_widths(page)
    return found


def test_pages_of_a_grant_in_force_are_accessible(page: Page, live_server: LiveServer):
    assert look_at(page, live_server.url, pages_after(apart(set_scene))) == []


def test_pages_of_what_is_to_be_done_are_accessible(page: Page, live_server: LiveServer):
    FunderFactory()
    assert look_at(page, live_server.url, pages_before()) == []


def test_pages_of_the_first_day_are_accessible(page: Page, live_server: LiveServer):
    FunderFactory(governing_law="")
    assert look_at(page, live_server.url, pages_of_the_first_day()) == []


def test_pages_of_amendments_are_accessible(page: Page, live_server: LiveServer):
    assert look_at(page, live_server.url, apart(pages_of_amendments)) == []


def test_page_where_somebody_signs_is_accessible(page: Page, live_server: LiveServer):
    FunderFactory()
    grant = grant_in("awaiting_signature")
    director = directors_of(grant)[0]
    declare(grant, director)
    come_as(page.context, director, live_server.url)
    page.goto(live_server.url + reverse("grants:brief", args=[grant.number]))
    page.get_by_role("button", name="Use a code by e-mail instead").click()
    page.get_by_role("heading", name="Confirm it is you").wait_for()
    assert at_both_widths(page) == []
    page.get_by_role("button", name="Sign", exact=True).click()
    page.get_by_role("alert").wait_for()
    assert at_both_widths(page) == []
