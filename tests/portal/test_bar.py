"""The bar: a few links at a desk, the rest under one word, and always the way back to where one works from."""

import pytest

from tests.factories.portal import FunderFactory, UserFactory
from tests.laws.visits import client_of
from tests.support.scene import Scene
from vetting_portal.navigation import home_for, nav_for

pytestmark = pytest.mark.django_db


def bar(role: str) -> tuple[str, list[str]]:
    """The page of the programmes as somebody of a role sees it, and what stands in their bar."""
    FunderFactory()
    user = UserFactory(roles=[role])
    text = client_of(Scene({}, {"reader": user}), "reader").get("/programmes/").text
    return text[text.index('aria-label="Main"') : text.index("</nav>")], [item.label for item in nav_for(user)]


@pytest.mark.parametrize("role", ["auditor", "director", "programme_officer"])
def test_more_than_nine_links_are_eight_and_the_rest_under_one_word(role):
    shown, labels = bar(role)
    at_once, _, rest = shown.partition("<summary>")

    assert len(labels) > 9
    assert [f">{label}</a>" in at_once for label in labels] == [True] * 8 + [False] * (len(labels) - 8)
    assert [f">{label}</a>" in rest for label in labels] == [False] * 8 + [True] * (len(labels) - 8)
    assert "More: Programmes" in rest


def test_few_links_stand_side_by_side():
    shown, labels = bar("reviewer")
    assert len(labels) <= 9
    assert "<summary>" not in shown


def test_the_trail_comes_early_for_who_checks_it():
    assert bar("auditor")[1].index("Audit") < 3


def test_home_is_the_first_link():
    assert home_for(UserFactory(roles=["auditor"])) == "/overview/"
