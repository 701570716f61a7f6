"""The reviewer's desk in a real browser: a whole review by keyboard alone, on a phone, and where the line drops."""

import io
import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from partners.models import Document
from partners.previews.actions import keep_pages, settle_pages
from partners.previews.drawing import draw_pages
from reviews.models import Citation, Review, Score
from tests.e2e.test_accessible import at_both_widths, come_as
from tests.factories.portal import FunderFactory
from tests.factories.reviews import WORKED, begun
from tests.partners.previews.test_drawing import pdf
from tests.partners.previews.test_textlayer import set_in_type
from tests.support.browser import PHONE
from vetting_portal.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = 3
PASSAGE = "no proof is needed to raise one"
LAPTOP = {"width": 1280, "height": 800}
# Says what it is, where not all of it is seen: some of it is outside the window, or under something else.
HIDDEN = """element => {
  const box = element.getBoundingClientRect(), inset = 3;
  const corners = [box.left + inset, box.right - inset].flatMap(
    (x) => [box.top + inset, box.bottom - inset].map((y) => [x, y]));
  const seen = ([x, y]) => {
    const top = document.elementFromPoint(x, y);
    return top !== null && element.contains(top);
  };
  const inside = box.width > 0 && box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight;
  return inside && corners.every(seen) ? "" : `${element.id || element.innerText} ${JSON.stringify(box)}`;
}"""
SAVED = re.compile(r"^Saved \d\d:\d\d$")


def begun_on(content: bytes) -> Review:
    """Return a review that begins, of papers that all are this PDF, drawn."""
    FunderFactory()
    made = begun()
    drawn = draw_pages(io.BytesIO(content), "application/pdf", last=PAGES)
    kept, by = keep_pages(drawn), User.objects.system("background")
    for document in Document.objects.filter(frozen_in__version__submission=made.submission).distinct():
        settle_pages(document=document, first=1, drawn=drawn, kept=kept, by=by)
    return made


@pytest.fixture
def review() -> Review:
    """A review that begins, of papers with three pages each, drawn."""
    return begun_on(pdf(PAGES))


def at_desk(page: Page, live_server: LiveServer, review: Review, query: str = "") -> None:
    """Be the reviewer, at the desk."""
    come_as(page.context, review.reviewer, live_server.url)
    page.goto(live_server.url + review.get_absolute_url() + query)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def why(page: Page) -> str:
    return page.locator("#id_justification").input_value()


def score_by_keyboard(page: Page, code: str, value: int) -> None:
    """Open a paper, turn its page, cite it, score, say why, go on: by keys alone."""
    expect(page.locator("h1")).to_contain_text(code)
    for _ in range(20):
        if page.locator("#cite").is_visible():
            break
        press(page, "t")
        page.wait_for_timeout(300)
    press(page, "l")
    expect(page.locator("#page-number")).to_have_value("2")
    press(page, "c")
    expect(page.get_by_text("on this page: 1")).to_be_visible()
    press(page, str(value), "w")
    page.keyboard.type(f"0 1 2 j c s: typed for {code}.")
    press(page, "Escape")
    expect(page.locator("#id_justification")).not_to_be_focused()
    press(page, "j")


def unseen(*wanted: Locator) -> list[str]:
    """Return what of these does not stand whole in the window, or is under something else at a corner."""
    return [text for one in wanted for element in one.all() if (text := element.evaluate(HIDDEN))]


def test_all_to_score_stands_above_the_fold_and_the_document_begins_in_the_upper_quarter(
    page: Page, live_server: LiveServer, review
):
    page.set_viewport_size(LAPTOP)
    for code in WORKED:
        at_desk(page, live_server, review, f"?criterion={code}")
        has_paper = page.locator("#documents option:checked").get_attribute("value") != "answers"
        scores, tools = page.locator(".scale > label"), page.locator("#documents, #page-number, #cite")
        expect(scores).to_have_count(5)
        expect(tools).to_have_count(3 if has_paper else 1)
        rest = page.locator(".pane.score h2, label[for=id_justification], #id_justification, #go-on")
        expect(rest).to_have_count(4)
        assert (code, unseen(scores, tools, rest)) == (code, [])
        sheet = page.locator(".evidence .page > img" if has_paper else ".evidence .sheet").bounding_box()
        assert sheet is not None
        assert (code, sheet["y"] < LAPTOP["height"] / 4) == (code, True)


def test_thirteen_criteria_are_scored_with_citations_by_keyboard_only(page: Page, live_server: LiveServer, review):
    at_desk(page, live_server, review)
    for code, value in WORKED.items():
        score_by_keyboard(page, code, value)
    expect(page.locator("h1")).to_contain_text("Look over and submit")
    press(page, "w")
    page.keyboard.type("Ask for unit costs.")
    expect(page.locator("#saved [data-is=saved]")).to_be_visible()
    press(page, "Escape", "s")
    expect(page.get_by_role("button", name="Submit your review")).to_be_focused()
    press(page, "Enter")
    expect(page.get_by_text("Your review is submitted.")).to_be_visible()

    assert Review.objects.get().state == Review.State.SUBMITTED
    assert Review.objects.get().advice == "Ask for unit costs."
    assert dict(Score.objects.values_list("criterion__code", "value")) == WORKED
    assert set(Score.objects.values_list("justification", flat=True)) == {
        f"0 1 2 j c s: typed for {code}." for code in WORKED
    }
    assert list(Citation.objects.values_list("page", flat=True)) == [2] * 13


def test_pages_zoom_papers_and_citations_open_by_keys(page: Page, live_server: LiveServer, review):
    at_desk(page, live_server, review, "?criterion=C7")
    picture, number = page.locator(".page > img"), page.locator("#page-number")
    press(page, "l", "l")
    expect(number).to_have_value("3")
    press(page, "c")
    expect(page.locator("#citations li")).to_have_count(1)
    press(page, "g")
    page.keyboard.type("1")
    press(page, "Enter")
    expect(number).to_have_value("1")
    expect(picture).to_have_attribute("src", re.compile(r"/pages/1/"))  # the number is typed before its page is there
    press(page, "Escape", "+")
    expect(picture).to_have_attribute("sizes", "793px")
    press(page, "+")
    expect(picture).to_have_attribute("width", "1189")
    expect(picture).to_have_js_property("complete", value=True)
    assert picture.evaluate("image => image.currentSrc").endswith("/large/")
    press(page, "f")
    expect(page.locator("#zoom-out")).to_have_count(0)
    press(page, "t")
    expect(page.locator("#documents option:checked")).not_to_contain_text("Evidence 1 for C7")
    press(page, "o")
    expect(page.locator("#documents option:checked")).to_contain_text("Evidence 1 for C7")
    expect(number).to_have_value("3")
    press(page, "?")
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()
    press(page, "4")  # no key is obeyed behind the list of keys
    page.get_by_label("Use these keys").uncheck()
    press(page, "Escape", "3")
    expect(page.locator("[name=score]:checked")).to_have_count(0)


def select_by_mouse(page: Page, words: str) -> None:
    """Draw the mouse over these words on the picture of the page, from their first letter to their last."""
    ends = page.locator(".text-layer text", has_text=words).evaluate(
        """(line, words) => {
          const first = line.textContent.indexOf(words), at = line.getScreenCTM();
          const shown = (point) => new DOMPoint(point.x, point.y).matrixTransform(at);
          const [from, to] = [line.getStartPositionOfChar(first), line.getEndPositionOfChar(first + words.length - 1)];
          return [shown(from), shown(to)].map((point) => [point.x, point.y - 2]);
        }""",
        words,
    )
    (left, start_y), (right, end_y) = ends
    page.mouse.move(left + 1, start_y)
    page.mouse.down()
    page.mouse.move((left + right) / 2, start_y, steps=5)
    page.mouse.move(right - 1, end_y, steps=5)
    page.mouse.up()


def marked(page: Page) -> list[str]:
    """Return the words of the page that a mark stands behind, by where both are drawn."""
    return page.locator(".text-layer").evaluate(
        """layer => {
          const marks = [...layer.querySelectorAll("rect.cited")].map((mark) => mark.getBBox());
          const within = (box, mark) => Math.abs(box.y + box.height / 2 - mark.y - mark.height / 2) < mark.height / 2
            && box.x > mark.x - 1 && box.x < mark.x + mark.width - 1;
          const lines = [...layer.querySelectorAll("text:not(.cited-number)")];
          return marks.map((mark) => lines.map((line) => [...line.textContent.trimEnd()].filter(
            (_, at) => within(line.getExtentOfChar(at), mark)).join("")).join(""));
        }"""
    )


def test_a_passage_selected_with_the_mouse_is_cited_and_stays_marked(page: Page, live_server: LiveServer):
    html = f"<div>Anyone may raise a concern.</div><div>Before it, {PASSAGE} after it.</div>"
    review = begun_on(set_in_type(html))
    at_desk(page, live_server, review, "?criterion=C7")
    cite = page.locator("#cite")
    expect(cite).to_have_text("Cite page")
    select_by_mouse(page, PASSAGE)
    assert page.evaluate("`${getSelection()}`").strip() == PASSAGE
    expect(cite).to_have_text("Cite passage")
    cite.click()
    expect(page.get_by_text("on this page: 1")).to_be_visible()
    assert list(Citation.objects.values_list("score__criterion__code", "page", "passage")) == [("C7", 1, PASSAGE)]
    assert marked(page) == [PASSAGE]

    page.reload()
    assert marked(page) == [PASSAGE]
    expect(page.locator(".cited-number")).to_have_text("1")
    expect(page.locator("#citations li")).to_contain_text(PASSAGE)
    assert page.locator("rect.cited").evaluate("mark => getComputedStyle(mark).fill") == "rgb(255, 233, 168)"


def test_what_is_typed_while_the_page_works_is_text(page: Page, live_server: LiveServer, review):
    at_desk(page, live_server, review, "?criterion=C7")
    press(page, "c", "3", "w")
    page.keyboard.type("j c s 1")  # the citation is on its way
    assert (why(page), page.locator("[name=score]:checked").input_value()) == ("j c s 1", "3")
    expect(page.get_by_text("on this page: 1")).to_be_visible()
    press(page, "Escape", "l", "g", "3", "Enter")
    expect(page.locator("#page-number")).to_have_value("3")
    assert page.locator("[name=score]:checked").input_value() == "3"
    assert page.url.split("?")[0].endswith(review.get_absolute_url())


def test_desk_is_accessible_wide_and_on_a_phone(page: Page, live_server: LiveServer, review):
    at_desk(page, live_server, review, "?criterion=C8")
    found = at_both_widths(page)
    press(page, "c")
    expect(page.get_by_text("Cited as 1")).to_be_visible()  # the list of citations is in another tab
    for part in ("Criteria", "Score"):
        page.get_by_role("navigation", name="Parts of the desk").get_by_role("link", name=part).click()
        found += at_both_widths(page)
    page.goto(live_server.url + review.get_absolute_url() + "submit/")
    found += at_both_widths(page)
    page.goto(live_server.url + "/reviews/keys/")
    assert found + at_both_widths(page) == []


def test_on_a_phone_the_three_panes_are_tabs_with_and_without_javascript(
    browser: Browser, live_server: LiveServer, review
):
    for script in (True, False):
        context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, java_script_enabled=script)
        page = context.new_page()
        at_desk(page, live_server, review, "?criterion=C7")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        panes = [page.locator(f"#{name}") for name in ("list", "evidence", "score")]
        assert [pane.is_visible() for pane in panes] == ([False, True, False] if script else [True] * 3)
        page.get_by_role("navigation", name="Parts of the desk").get_by_role("link", name="Score").click()
        expect(page.get_by_role("group", name="Score")).to_be_in_viewport()
        page.get_by_role("radio", name=re.compile("^3")).check()
        page.get_by_label("Why this score").fill("From a phone.")
        page.get_by_role("button", name="Save and continue to C8").click()
        expect(page.locator("h1")).to_contain_text("C8")
        score = Score.objects.get(criterion__code="C7")
        assert (score.value, score.justification) == (3, "From a phone.")
        context.close()


def test_nothing_is_lost_where_the_line_drops(page: Page, live_server: LiveServer, review):
    at_desk(page, live_server, review, "?criterion=C7")
    page.locator("#id_justification").fill("Saved by itself.")
    expect(page.locator("#saved")).to_contain_text("Saved")
    expect(page.get_by_text(SAVED)).to_be_visible()
    page.context.set_offline(True)
    page.locator("#id_justification").fill("Typed while the line was down.")
    expect(page.get_by_text("Not saved: no connection. It is kept on this device.")).to_be_visible()
    press(page, "Escape", "j")  # stays, and says why
    expect(page.locator("h1")).to_contain_text("C7")
    page.context.set_offline(False)
    expect(page.get_by_text(SAVED)).to_be_visible()
    assert Score.objects.get().justification == "Typed while the line was down."

    page.route("**/autosave/", lambda route: route.abort())
    page.locator("#id_justification").fill("Typed before the browser was closed.")
    expect(page.get_by_text("It is kept on this device.")).to_be_visible()
    page.unroute("**/autosave/")
    page.reload()
    expect(page.locator("#id_justification")).to_have_value("Typed before the browser was closed.")
    expect(page.get_by_text(SAVED)).to_be_visible()
    page.wait_for_function("!Object.keys(localStorage).some((key) => key.startsWith('desk:'))")
    assert Score.objects.get().justification == "Typed before the browser was closed."


def test_two_windows_show_both_texts_and_keep_the_chosen_one(page: Page, live_server: LiveServer, review):
    at_desk(page, live_server, review, "?criterion=C7")
    other = page.context.new_page()
    other.goto(page.url)
    page.locator("#id_justification").fill("The first window.")
    expect(page.get_by_text(SAVED)).to_be_visible()
    other.locator("#id_justification").fill("The second window.")
    expect(other.get_by_role("alert")).to_contain_text("The first window.")
    assert why(other) == "The second window."
    assert Score.objects.get().justification == "The first window."
    other.locator("#id_justification").press("Escape")
    press(other, "m")
    expect(other.get_by_text(SAVED)).to_be_visible()
    assert Score.objects.get().justification == "The second window."

    page.locator("#id_justification").fill("The first window again.")
    expect(page.get_by_role("alert")).to_contain_text("The second window.")
    page.get_by_role("link", name="Take the other").click()
    assert why(page) == "The second window."
    page.locator("#id_justification").fill("Agreed.")
    expect(page.get_by_text(SAVED)).to_be_visible()
    page.wait_for_timeout(1600)
    assert Score.objects.get().justification == "Agreed."
