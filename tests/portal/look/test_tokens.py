"""The colours keep the contrast that the direction asks for: 4.5 for text, 3.0 for parts of the interface."""

import re

import pytest

from vetting_portal.stylesheets import joined

TOKENS = dict(re.findall(r"--([a-z0-9-]+): (#[0-9A-F]{3,6});", joined()))
GROUNDS = ["ground", "surface", "sunken"]


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted([luminance(TOKENS[one]), luminance(TOKENS[other])])
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("text", ["ink", "ink-2", "act", "match-ink", "ok", "info", "warn", "stop"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_text_is_readable_on_every_ground(text: str, ground: str):
    assert contrast(text, ground) >= 4.5


@pytest.mark.parametrize("name", ["act", "ok", "info", "warn", "stop"])
def test_state_is_readable_on_its_own_soft_ground(name: str):
    assert contrast(name, f"{name}-soft") >= 4.5
    assert contrast("ink-2", f"{name}-soft") >= 4.5


@pytest.mark.parametrize("part", ["edge", "match", "act"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_edges_can_be_seen_on_every_ground(part: str, ground: str):
    assert contrast(part, ground) >= 3.0


def test_words_on_the_main_button_are_readable():
    assert contrast("on-act", "act") >= 4.5
    assert contrast("on-act", "act-hover") >= 4.5
