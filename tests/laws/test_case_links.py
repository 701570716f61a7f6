"""One page a case: whatever page about an application staff read, it leads to the application's page, and back."""

import re

import pytest
from django.test import Client

from tests.laws.addresses import address, patterns
from tests.laws.visits import client_of
from tests.support.scene import Scene

pytestmark = pytest.mark.django_db

STAFF = ("officer", "director", "finance", "auditor", "admin")
OUTSIDE = ("owner", "editor", "reviewer")
STRIP = 'aria-label="Parts of the application">'
TAB = re.compile(r'<a href="([^"]+)"')

# What leads to a record, yet is about no single application: settings, money of many grants, what everybody reads.
OF_NO_CASE = {
    "partners:checklist_version", "partners:checklist_compare", "partners:checklist_draft", "partners:criterion",
    "partners:place_end", "partners:programme", "partners:prescreen", "partners:programme_edit",
    "partners:programme_checklist", "partners:programme_publish", "portal:erase", "portal:languages",
    "portal:end_role", "reviews:round", "reviews:practice_read", "grants:bank_statement", "grants:bank_line",
    "grants:fund", "grants:fund_top_up", "grants:fund_restrict", "grants:pledge_new", "grants:wording",
    "grants:wording_preview", "grants:charge_assign", "grants:campaign", "grants:campaign_widget",
    "grants:receipt_ask", "grants:donor_forget", "mfa_edit_webauthn", "account_reset_password_from_key",
    # The hold of the scene is on an organisation that never applied.
    "reviews:hold", "reviews:hold_release", "reviews:hold_step", "reviews:hold_step_of_year",
}  # fmt: skip
# A step of a signature: nothing else stands on it, and its way back is the document that is signed.
OF_A_SIGNATURE = {"grants:sign", "grants:amendment_sign", "grants:ending_sign"}


def pages(scene: Scene) -> dict[str, str]:
    """Return the address of each page about one record, by its name."""
    found = {name: address(name, route, scene) for name, route in patterns() if "<" in route}
    return {name: path for name, path in found.items() if name not in OF_NO_CASE | OF_A_SIGNATURE}


def read(client: Client, path: str) -> str:
    """Return the page at an address; an empty text where there is none to read."""
    answer = client.get(path)
    if answer.streaming:
        list(answer.streaming_content)  # a file that is served is closed at its end
        return ""
    is_page = answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html")
    return answer.text if is_page else ""


def read_all(scene: Scene, client: Client) -> dict[str, str]:
    """Return the text of every page that a client opens, by its name."""
    return {name: text for name, path in pages(scene).items() if (text := read(client, path))}


@pytest.mark.parametrize("person", STAFF)
def test_every_page_about_an_application_leads_to_its_page_and_its_tabs_open(scene: Scene, person: str):
    client = client_of(scene, person)
    case = f'href="/cases/{scene.records["Submission"].number}/"'
    texts = read_all(scene, client)
    assert len(texts) > 15
    assert [name for name, text in texts.items() if case not in text] == []

    strips = {name: text.partition(STRIP)[2].partition("</nav>")[0] for name, text in texts.items() if STRIP in text}
    assert [name for name, strip in strips.items() if 'aria-current="page"' not in strip] == []
    offered = {href for strip in strips.values() for href in TAB.findall(strip)}
    assert len(offered) == (6 if person == "admin" else 7)
    assert {href: client.get(href, follow=True).status_code for href in offered} == dict.fromkeys(offered, 200)


@pytest.mark.parametrize("person", OUTSIDE)
def test_nobody_else_is_led_there(scene: Scene, person: str):
    texts = read_all(scene, client_of(scene, person))
    assert len(texts) > 5
    assert [name for name, text in texts.items() if 'href="/cases/' in text or STRIP in text] == []
