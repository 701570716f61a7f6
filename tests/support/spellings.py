"""Other spellings of listed names, made by rule and seed: what people, scanners and other alphabets do to a name.

``EASY`` are the ways in which a careful person writes the same name; ``ROUGH`` go two steps further. Each rule takes a
name and a source of chance, and returns the name as written otherwise, or None where the rule has nothing to change.
"""

import re
import unicodedata
from collections.abc import Callable
from random import Random

type Rule = Callable[[str, Random], str | None]

LETTERS = "abcdefghijklmnopqrstuvwxyz"
LEAST_WORDS = 2


def in_usual_order(name: str) -> str:
    """Return ``Given Surname`` for ``SURNAME, Given``."""
    surname, _, given = name.partition(", ")
    return f"{given} {surname}" if given and "," not in given else name


def _changed(name: str, other: str) -> str | None:
    return other if other != name else None


def _swap(pairs: list[tuple[str, str]]) -> Rule:
    """Return the rule that writes one to three of these sounds in the other way, either way round."""
    both = pairs + [(to, what) for what, to in pairs if to]

    def rule(name: str, chance: Random) -> str | None:
        text = in_usual_order(name).lower()
        fitting = [(what, to) for what, to in both if re.search(what, text)]
        for what, to in chance.sample(fitting, min(len(fitting), chance.randint(1, 3))):
            text = re.sub(what, to.replace("\\b", ""), text, count=1)
        return _changed(in_usual_order(name).lower(), text) and text.title()

    return rule


arabic = _swap(
    [
        ("mohammed", "muhammad"), ("mohamed", "muhamad"), ("ahmed", "ahmad"), ("hussein", "husayn"),
        ("yusuf", "yousef"),
        ("\\bal-", "\\bel "), ("abdul ", "abd al-"), ("kh", "h"), ("q", "k"), ("ou", "u"), ("ee", "i"), ("aa", "a"),
        ("dh", "d"), ("sayyid", "seyed"), ("mustafa", "moustapha"), ("ibrahim", "ebrahim"), ("khalid", "khaled"),
        ("ay", "ai"), ("i\\b", "y"), ("ss", "s"),
    ]
)  # fmt: skip
slavic = _swap(
    [
        ("y\\b", "iy"), ("iy\\b", "i"), ("ev\\b", "eff"), ("ov\\b", "off"), ("kh", "h"), ("zh", "j"), ("ya", "ia"),
        ("yu", "iu"), ("ks", "x"), ("shch", "sch"), ("v", "w"), ("ts", "c"), ("ch", "tch"), ("sergey", "sergei"),
        ("yev", "ev"), ("aleksandr", "alexander"),
    ]
)  # fmt: skip
spanish = _swap(
    [
        ("z\\b", "s"),
        ("v", "b"),
        ("ll", "y"),
        ("j", "x"),
        ("\\bh", ""),
        ("qu", "k"),
        ("i", "y"),
        ("gue", "ge"),
        ("ss", "s"),
    ]
)
south_east_asian = _swap(
    [
        ("th", "t"), ("kh", "k"), ("ph", "p"), ("aw\\b", "o"), ("w", "v"), ("oo", "u"), ("ai", "ay"), ("hp", "p"),
        ("ch", "j"), ("ee", "i"), ("ht", "t"),
    ]
)  # fmt: skip


def _fault(word: str, chance: Random) -> str:
    """Return a word with one slip: a letter lost, doubled, changed, or two exchanged; never the first."""
    place = chance.randrange(1, len(word) - 1)
    kind = chance.randrange(4)
    if kind == 0:
        return word[:place] + word[place + 1 :]
    if kind == 1:
        return word[:place] + word[place] * 2 + word[place + 1 :]
    if kind == 2:
        return word[:place] + chance.choice(LETTERS) + word[place + 1 :]
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _faults(least: int, count: int) -> Rule:
    """Return the rule that makes one slip in each of ``count`` words of at least ``least`` letters."""

    def rule(name: str, chance: Random) -> str | None:
        words = in_usual_order(name).split()
        long = [place for place, word in enumerate(words) if len(word) >= least and word.isalpha()]
        if len(long) < count:
            return None
        for place in chance.sample(long, count):
            words[place] = _fault(words[place], chance)
        return _changed(in_usual_order(name), " ".join(words))

    return rule


def turned(name: str, chance: Random) -> str | None:
    """The words in another order."""
    words = in_usual_order(name).split()
    chance.shuffle(words)
    return _changed(name, " ".join(words))


def surname_last(name: str, chance: Random) -> str | None:
    """As people sign."""
    return _changed(name, in_usual_order(name).title())


def middle_initial(name: str, chance: Random) -> str | None:
    """A middle name as a letter."""
    words = in_usual_order(name).split()
    if len(words) <= LEAST_WORDS or not words[1].isalpha():
        return None
    return " ".join([words[0], f"{words[1][0]}.", *words[2:]])


def titled(name: str, chance: Random) -> str:
    """With a title in front."""
    return (
        f"{chance.choice(['Dr', 'Mr.', 'Mrs', 'Haji', 'Sheikh', 'Prof. Dr.', 'Gen.', 'H.E.'])} {in_usual_order(name)}"
    )


def accented(name: str, chance: Random) -> str | None:
    """With an accent on some vowels, written as signs of their own."""
    marks = {"a": "á", "e": "é", "i": "í", "o": "ö", "u": "ú"}
    text = "".join(marks.get(sign, sign) if chance.random() < 0.4 else sign for sign in in_usual_order(name).lower())
    return unicodedata.normalize("NFD", text)


def wide(name: str, chance: Random) -> str:
    """In the wide letters of East Asian keyboards."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in in_usual_order(name))


def middle_dropped(name: str, chance: Random) -> str | None:
    """Without one of the middle names."""
    words = in_usual_order(name).split()
    if len(words) <= LEAST_WORDS:
        return None
    del words[chance.randrange(1, len(words) - 1)]
    return " ".join(words)


def joined(name: str, chance: Random) -> str | None:
    """Two words written as one."""
    words = in_usual_order(name).split()
    if len(words) < LEAST_WORDS:
        return None
    place = chance.randrange(len(words) - 1)
    return " ".join([*words[:place], words[place] + words[place + 1].lower(), *words[place + 2 :]])


def split(name: str, chance: Random) -> str | None:
    """A long word written as two."""
    words = in_usual_order(name).split()
    long = [place for place, word in enumerate(words) if len(word) >= 7 and word.isalpha()]
    if not long:
        return None
    place = chance.choice(long)
    cut = chance.randint(3, len(words[place]) - 3)
    words[place] = f"{words[place][:cut]} {words[place][cut:]}"
    return " ".join(words)


def scanned(name: str, chance: Random) -> str | None:
    """As a scanner reads it."""
    text = in_usual_order(name).lower()
    pairs = [("o", "0"), ("l", "1"), ("i", "1"), ("s", "5"), ("m", "rn"), ("rn", "m"), ("e", "c")]
    for what, to in chance.sample(pairs, 2):
        text = text.replace(what, to, 1)
    return _changed(in_usual_order(name).lower(), text)


_FORM = re.compile(
    r",? \b(?:S\.?A\. DE C\.?V\.|CO(?:MPANY|\.)?,? (?:LTD|LIMITED)\.?|LTDA\.?|LIMITED|LTD\.?|LLC|L\.L\.C\.|INC\.?|"
    r"GMBH|S\.A\.|SA|SAL|SARL|S\.?R\.?L\.?|PJSC|OJSC|JSC|OOO|OAO|ZAO|CORP(?:ORATION)?\.?|COMPANY|CO\.?|EST\.?|FZE|FZCO|LLP)$",
    re.IGNORECASE,
)


def without_form(name: str, chance: Random) -> str | None:
    """Without its legal form."""
    return _changed(name, _FORM.sub("", name))


def other_form(name: str, chance: Random) -> str | None:
    """With another legal form, or the same written otherwise."""
    bare = _FORM.sub("", name)
    if bare == name:
        return None
    forms = ["Ltd", "L.T.D.", "Limited", "Co., Ltd.", "LLC", "S.A.", "Company Limited", "GmbH", "Pvt Ltd"]
    return f"{bare} {chance.choice(forms)}"


def abbreviated(name: str, chance: Random) -> str | None:
    """With the usual abbreviations of an organisation's words, or in full."""
    text = name.lower()
    for what, to in (("international", "intl"), ("foundation", "fdn"), ("trading", "trdg"), (" and ", " & "),
                     ("organization", "organisation"), ("center", "centre"), ("association", "assoc")):  # fmt: skip
        text = text.replace(what, to)
    return _changed(name.lower(), text)


def then(first: Rule, second: Rule) -> Rule:
    """Return the rule that does both."""

    def rule(name: str, chance: Random) -> str | None:
        text = first(name, chance)
        return second(text, chance) if text else None

    return rule


PEOPLE_EASY: dict[str, Rule] = {
    "order": turned, "surname last": surname_last, "middle initial": middle_initial, "title": titled,
    "accents": accented, "wide letters": wide, "one slip": _faults(6, 1),
}  # fmt: skip
BODIES_EASY: dict[str, Rule] = {
    "legal form left out": without_form, "other legal form": other_form, "abbreviated": abbreviated,
    "accents": accented, "one slip": _faults(7, 1),
}  # fmt: skip
PEOPLE_ROUGH: dict[str, Rule] = {
    "two slips": _faults(5, 2), "order and slip": then(turned, _faults(5, 1)),
    "middle dropped and slip": then(middle_dropped, _faults(5, 1)), "title and slip": then(titled, _faults(5, 1)),
    "joined": joined, "split": split, "scanned": scanned, "order and two slips": then(turned, _faults(4, 2)),
}  # fmt: skip
BODIES_ROUGH: dict[str, Rule] = {
    "legal form and slip": then(other_form, _faults(5, 1)), "order and slip": then(turned, _faults(5, 1)),
    "joined": joined, "split": split, "scanned": scanned, "no legal form and slip": then(without_form, _faults(5, 1)),
}  # fmt: skip
BY_LANGUAGE: dict[str, Rule] = {
    "arabic": arabic, "slavic": slavic, "spanish": spanish, "south-east asian": south_east_asian,
}  # fmt: skip
