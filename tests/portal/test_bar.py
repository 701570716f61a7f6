"""The bar: at most six sections for every role, what is under a section on its pages, and the way back to My work."""

from itertools import combinations

import pytest

from tests.factories.portal import FunderFactory, UserFactory
from tests.laws.visits import client_of
from tests.support.scene import Scene
from vetting_portal.models import Role
from vetting_portal.navigation import home_for, sections_for

pytestmark = pytest.mark.django_db

MOST = 6


def page(role: str, address: str = "/programmes/") -> str:
    """A page as somebody of a role sees it."""
    FunderFactory()
    user = UserFactory(roles=[role])
    return client_of(Scene({}, {"reader": user}), "reader").get(address).text


def test_no_combination_of_roles_has_more_than_six_sections():
    for many in range(1, len(Role.values) + 1):
        for roles in combinations(Role.values, many):
            sections = sections_for(UserFactory(roles=list(roles)))
            assert len(sections) <= MOST, (roles, [section.label for section in sections])


@pytest.mark.parametrize("role", Role.values)
def test_every_section_stands_in_the_bar_and_its_pages_under_it(role):
    text = page(role)
    bar = text[text.index('aria-label="Main"') : text.index("</nav>")]
    user = UserFactory(roles=[role])
    for section in sections_for(user):
        assert f">{section.label}</a>" in bar
    here = next((one for one in sections_for(user) if "/programmes/" in [item.url for item in one.items]), None)
    if here is not None:
        under = text[text.index('aria-label="In this section"') :]
        assert [f">{item.label}</a>" in under for item in here.items] == [True] * len(here.items)


@pytest.mark.parametrize("role", Role.values)
def test_home_is_my_work(role):
    assert home_for(UserFactory(roles=[role])) == "/work/"
