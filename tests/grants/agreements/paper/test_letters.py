"""What the documents are set in: typographic letters, nothing printed over something else, nothing left to fill in."""

import re
import subprocess

import pytest
from django.template.defaultfilters import striptags
from django.utils import timezone

from grants.agreements.briefing import brief_content, read_for_brief
from grants.agreements.briefing.paper import brief_html, brief_pdf
from grants.agreements.closings import closing_html
from grants.agreements.completions import completion_html
from grants.agreements.documents import agreement_html, granted_words, signed_html
from grants.agreements.models import Grant
from grants.agreements.statements import statement_html
from grants.campaigns.actions import close_campaign, refund_gift
from grants.endings.actions import finish_grant
from tests.factories import amendments, endings, grants, payments
from tests.grants.agreements.paper.sheets import content_of, printed, text_of
from vetting_portal.money import figures

pytestmark = pytest.mark.django_db
# A straight quote between letters or before one, and a hyphen that stands for a minus.
STRAIGHT = re.compile(r"['\"]|(?<=[\s(])-(?=\d)")


def statement_of(grant):
    """Return the statement of match of a grant in force, its campaign closed without a gift."""
    campaign = amendments.campaign_of(grant)
    close_campaign(campaign=campaign, by=grants.finance())
    return grants.statement_of(grants.fresh(grant))


def text(html):
    """Return what is read of an HTML, entities resolved by hand: the letters count."""
    body = html[html.index("<body") :]
    return striptags(re.sub(r"<svg.*?</svg>", "", body, flags=re.DOTALL)).replace("&#x27;", "'").replace("&quot;", '"')


def agreement_of(grant):
    """Return the sealed agreement's HTML."""
    sealed = grant.agreement
    signatures = list(sealed.signatures.order_by("ordinal"))
    return agreement_html(sealed.terms.content, "0", signatures=signatures, sealed_at=sealed.sealed_at)


def amendment_of(grant):
    """Return the HTML of an amendment that waits for signatures."""
    return signed_html("amendment", amendments.amendment_in("awaiting_signature", grant).terms.content, "0")


def brief_of(grant):
    """Return the HTML of the brief."""
    content = brief_content(read_for_brief(grant))
    return brief_html(content, funder="One Fund", example=False, density="roomy", longest=600)


def closing_of(grant):
    """Return the HTML of the closing letter of a grant whose one gift went back after it was paid: less than nothing
    is unpaid.
    """
    campaign = payments.payable(grant)
    payments.paid(campaign)
    refund_gift(campaign=payments.fresh(campaign), gift_key="first", by=grants.finance())
    return closing_html(endings.ended(grants.fresh(grant)).letter, sealed_at=timezone.now())


def completion_of(grant):
    """Return the HTML of the completion letter of a grant whose three payments were made and shown as spent."""
    campaign = payments.payable(grant)
    payments.spent(campaign, payments.all_paid(campaign))
    grants.statement_of(grants.fresh(grant))
    finish_grant(grant=grants.fresh(grant), by=grants.officer_of(grant))
    return completion_html(grants.fresh(grant).completion_letter, sealed_at=timezone.now())


DOCUMENTS = {
    "agreement": (agreement_of, "the Partner"),
    "amendment": (amendment_of, "Amendment"),
    "statement": (lambda grant: statement_html(statement_of(grant), sealed_at=timezone.now()), "Match window"),
    "brief": (brief_of, "Key risks"),
    "closing letter": (closing_of, "USD −1,000.00"),
    "completion letter": (completion_of, "You received"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_document_has_a_straight_quote_or_a_hyphen_for_a_minus(in_force, name):
    make, says = DOCUMENTS[name]
    told = text(make(in_force))
    assert STRAIGHT.findall(told) == []
    assert says in " ".join(told.split())


def test_a_letter_speaks_of_no_less_than_nothing_where_gifts_went_back_after_they_were_paid(in_force):
    told = " ".join(text(closing_of(in_force)).split())
    assert "−1,000.00 is not paid" not in told
    assert "Nothing more. Gifts were refunded after they were paid to you: we paid USD 1,000.00 more than" in told
    assert told.count("−1,000.00") == 1  # in the table, which adds up


def test_an_instant_in_the_west_has_a_minus():
    content = content_of(time_zone="America/Los_Angeles")
    content["funder"]["time_zone"] = "America/Los_Angeles"
    html = agreement_html(content, "0", sealed_at=timezone.now())
    assert re.search(r"\d\d:\d\d:\d\d −0[78]:00", text(html))


def test_a_file_to_sign_has_no_figure_to_fill_in_and_names_addresses_for_notices():
    content = content_of()
    told = " ".join(text(agreement_html(content, "0")).split())
    assert "igures at closing" not in told
    assert "to be filled in" not in told
    grant = Grant.objects.get(number=content["number"])
    assert f"Notices by e-mail: {grants.owner_of(grant).email}" in told
    assert content["partner"]["address"] in told


def test_schedules_share_pages_where_they_fit(tmp_path):
    pages = text_of(printed(content_of()), tmp_path)
    heads = [re.findall(r"^\s*Schedule ([A-H])$", page, re.MULTILINE) for page in pages]
    assert [head for page in heads for head in page] == list("ABCDEFGH")
    assert sum(bool(page) for page in heads) <= 3


def test_the_statement_names_the_parties_and_the_period(in_force):
    statement = statement_of(in_force)
    told = " ".join(text(statement_html(statement, sealed_at=in_force.agreement.sealed_at)).split())
    assert f"{in_force.submission.organisation.legal_name} (the Partner)" in told
    assert "Match windowFrom " in told


def test_the_statement_adds_up_the_budget_and_names_the_place_of_its_times(in_force):
    statement = statement_of(in_force)
    told = " ".join(text(statement_html(statement, sealed_at=in_force.agreement.sealed_at)).split())
    budget = statement.content["budget"]
    for name in ("agreed_minor", "scaled_minor"):
        assert figures(sum(row[name] for row in budget), "USD") in told.partition("Total")[2]
    assert "America/" not in told.partition("Schedule C")[0]


def test_letters_name_what_is_added_for_card_fees_only_where_it_was_voted():
    content = content_of()
    assert granted_words(content) == "gifts after card fees and refunds, and their match"
    content["money"]["fee_top_up_minor"] = 5_000
    assert granted_words(content).endswith("what is added for card fees")


def test_the_rule_of_the_match_is_not_torn_apart(tmp_path):
    pages = text_of(printed(content_of()), tmp_path)
    rule = next(page for page in pages if re.search(r"^\s*Schedule C$", page, re.MULTILINE))
    assert "The rule" in rule
    assert "Committed from" in rule


def boxes_of(pdf, folder):
    """Return each word of a PDF with its box, without the mark that lies behind the text of an example."""
    path = folder / "brief.pdf"
    path.write_bytes(pdf)
    told = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, text=True, check=True).stdout
    page, found = 0, []
    for line in told.splitlines():
        page += "<page " in line
        if word := re.match(r'\s*<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*)</word>', line):
            found.append((page, *(float(word[place]) for place in range(1, 5)), word[5]))
    return found


def overlaps(words):
    """Return pairs of words that cover each other: more than a point across and a third of a line in height."""
    found = []
    for place, (page, left, top, right, bottom, word) in enumerate(words):
        for other_page, x0, y0, x1, y1, other in words[place + 1 :]:
            across, down = min(right, x1) - max(left, x0), min(bottom, y1) - max(top, y0)
            if page == other_page and across > 1 and down > min(bottom - top, y1 - y0) / 3:
                found.append((word, other))
    return found


@pytest.mark.parametrize("longest", [1, 4])
def test_the_brief_prints_nothing_over_anything_else(waiting, tmp_path, longest):
    content = brief_content(read_for_brief(grants.fresh(waiting)))
    long = "one of several people and papers that came since, " * longest
    content["partner"]["name"] = "Foundation for the People of the Northern Provinces " * longest
    for gate in content["gates"]:
        gate["text"] = long
    content["last"] = {
        "number": "2025-001", "url": "/", "state": "completed", "approved_on": "2025-03-01",
        "rows": [{"what": what, "then": "3", "now": long, "same": False} for what in ("People", "Papers", "Score")],
    }  # fmt: skip
    for step in content["conflicts"]["steps"]:
        step["name"] = "Somebody with a long name indeed " * longest
    made = brief_pdf(content, funder="A Fund With a Long Name for the Good of All " * longest, example=False)
    words = boxes_of(made.content, tmp_path)
    assert len(words) > 100
    assert overlaps(words) == []
    assert max(right for _, _, _, right, _, _ in words) <= (210 - 16) * 72 / 25.4 + 1
