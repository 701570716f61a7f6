# ruff: noqa: RUF001, SIM905 - the letters of other alphabets are the point here; lists of words read best as text.
"""How a name of any script is reduced to tokens that can be compared: Latin letters, no titles, no legal forms."""

import re
import unicodedata
import warnings
from functools import lru_cache

from normality import latinize_text
from normality.transliteration import ICUWarning
from rapidfuzz.distance import DamerauLevenshtein

# ICU needs a C++ compiler to install; without it the library uses its own tables, and says so once.
warnings.filterwarnings("ignore", category=ICUWarning)

PERSON, ORGANISATION = "person", "organisation"
LEAST_NAMES = 2
LONG_WORD, TWO_FAULTS_FROM = 7, 8

HONORIFICS = frozenset(
    "mr mrs ms miss dr prof professor sir dame madam lord lady hon honourable excellency he hrh rev "
    "reverend father sister sheikh shaykh sheik shaikh haji hajji hajj hadji alhaji mullah mulla maulana "
    "mawlawi maulvi molla qari hafiz ustad ustaz imam ayatollah sayyid seyed emir gen general col colonel "
    "maj major capt captain lt lieutenant brig brigadier sgt sergeant admiral marshal commander khun nai "
    "nang nangsao daw thura senior minister president chairman don dona dato datuk tan sri jr sr eng "
    "engineer ing lic phd md esq".split()
)
# Titles that are also a name's own part in some languages: they go only from the front, and only when two tokens stay.
FRONT_HONORIFICS = frozenset("u ko ma nang saw sai sri he vice deputy".split())

LEGAL_FORMS = frozenset(
    "ltd limited llc llp lp plc inc incorporated corp corporation co company companies cia cie gmbh ag kg "
    "ohg mbh ev sa sas sarl srl spa sl slu sc scs ltda bv nv oy ab as aps asa oao ooo zao pao pjsc ojsc "
    "jsc cjsc pte pvt private pty bhd sdn kk yk ou sia uab doo dd ad eood ead oyj kft rt zrt sro fze fzco "
    "fzc wll saoc saog psc tbk pt cv rl lllp".split()
)
# Long words of legal forms, also known when a letter is wrong or doubled.
LONG_FORMS = (
    "limited",
    "company",
    "private",
    "liability",
    "incorporated",
    "corporation",
    "joint",
    "stock",
    "sociedad",
    "anonima",
    "variable",
    "capital",
)
FORM_PHRASES = tuple(
    re.compile(rf"\b{phrase}\b")
    for phrase in (
        r"sa de cv",
        r"s a de c v",
        r"s de rl de cv",
        r"sociedad anonima(?: de capital variable)?",
        r"sociedad limitada",
        r"(?:open |closed |public |private )?joint stock company",
        r"limited liability company",
        r"public limited company",
        r"gesellschaft mit beschrankter haftung",
        r"societe anonyme",
        r"obshchestvo s ogranichennoi otvetstvennostyu",
        r"bangkok representative office",
        r"representative office",
    )
)
# Words that organisations write in several ways, brought to one.
SAME_WORDS = {
    "fundtn": "foundation",
    "fndn": "foundation",
    "fdn": "foundation",
    "foundations": "foundation",
    "fundacion": "foundation",
    "fondation": "foundation",
    "soc": "society",
    "assoc": "association",
    "assn": "association",
    "asoc": "association",
    "trdg": "trading",
    "intl": "international",
    "int": "international",
    "org": "organization",
    "charities": "charitable",
    "organisation": "organization",
    "organizations": "organization",
    "centre": "center",
    "bros": "brothers",
    "mfg": "manufacturing",
    "govt": "government",
    "dept": "department",
    "dev": "development",
    "natl": "national",
    "univ": "university",
    "grp": "group",
    "relief": "relief",
    "releif": "relief",
}
STOP_WORDS = frozenset("the of and for in on de la del los las el y e et du des a an und der die das".split())
# The article and "son of" of Arabic names say nothing alone, and are written in many ways.
PARTICLES = frozenset("al el ul il as ash ad ar an at bin ben ibn bint bent abd".split()) - {"abd"}

CONFUSABLES = str.maketrans(
    "АаВвЕеКкМмНнОоРрСсТтУуХхІіЅѕЈјԁһΑαΒβΕεΗηΙιΚκΜΝνΟοΡρΤτΥυΧχ",
    "AaBbEeKkMmHhOoPpCcTtYyXxIiSsJjdhAaBbEeHhIiKkMNvOoPpTtYyXx",
)
ARABIC_VARIANTS = str.maketrans(
    {
        "ی": "ي",
        "ى": "ي",
        "ې": "ي",
        "ک": "ك",
        "ۀ": "ه",
        "ة": "ه",
        "ھ": "ه",
        "ہ": "ه",
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ٱ": "ا",
        "ؤ": "و",
        "ئ": "ي",
        "ء": None,
        "ـ": None,
    }
)
OCR_DIGITS = str.maketrans("015", "ois")

_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_OTHER_ALPHABET = re.compile(r"[Ͱ-ϿЀ-ӿԀ-ԯ]")
_TAIL = re.compile(r"\b(?:born|dob|passport holder|reg(?:istration)?\.? ?no)\b.*$", re.IGNORECASE)
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_APOSTROPHES = re.compile(r"[’'‘`´ʼʿʾ\"“”]")
_SPELLED = re.compile(r"\b(?:[a-z] ){1,5}[a-z]\b")
_WORD = re.compile(r"[a-z0-9]+")

_FOLDS = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"sch|shch|sh|sz", "s"),
        (r"tch|tsch|ch|cz", "c"),
        (r"zh|dzh|dj|dg", "j"),
        (r"kh", "h"),
        (r"gh", "g"),
        (r"ph", "f"),
        (r"th|tt", "t"),
        (r"dh", "d"),
        (r"ck|q|c(?=[aourlnt]|$)", "k"),
        (r"x", "ks"),
        (r"w", "v"),
        (r"(?<=[oe])ff?$", "v"),
        (r"ou|oo", "u"),
        (r"ee|ie|ey|ei|iy|ij|y|j(?=$)", "i"),
        (r"ai|ay|ae", "e"),
        (r"au", "o"),
        (r"(.)\1+", r"\1"),
        (r"(?<=[aeiou])h$", ""),
    )
)
_VOWELS = re.compile(r"[aeiou]")


def _visible(text: str) -> str:
    """Return ``text`` without what cannot be seen: format characters, the vowel marks of Arabic, accents; wide forms
    narrowed.
    """
    text = unicodedata.normalize("NFKC", text).translate(ARABIC_VARIANTS)
    # Accents go from Latin, Greek, Cyrillic and Arabic letters; in Thai, Burmese or Devanagari a mark is a letter.
    kept: list[str] = []
    for character in unicodedata.normalize("NFD", text):
        category = unicodedata.category(character)
        if category == "Cf" or (category == "Mn" and (character < "\u0700" or "\u1ab0" <= character <= "\u1dff")):
            continue
        kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept))


def _one_alphabet(word: str) -> str:
    """Return a word that mixes Latin with lookalikes of another alphabet in Latin letters alone."""
    if _LATIN.search(word) and _OTHER_ALPHABET.search(word):
        return word.translate(CONFUSABLES)
    return word


def latin(text: str) -> str:
    """Return ``text`` in small Latin letters, whatever script it came in."""
    words = [_one_alphabet(word) for word in _visible(text).split()]
    joined = " ".join(words)
    if not joined.isascii():
        joined = latinize_text(joined, ascii=True) or ""
    return joined.lower()


def _words(text: str) -> list[str]:
    """Return the words of a Latin name: apostrophes joined, spelled-out letters (``L.T.D.``) drawn together."""
    text = _APOSTROPHES.sub("", text).replace("&", " and ")
    text = " ".join(_WORD.findall(text))
    text = _SPELLED.sub(lambda found: found.group().replace(" ", ""), text)
    return [
        word.translate(OCR_DIGITS) if not word.isdigit() and any(sign.isdigit() for sign in word) else word
        for word in text.split()
    ]


def _person(words: list[str]) -> list[str]:
    kept = [word for word in words if word not in HONORIFICS]
    while len(kept) > LEAST_NAMES and kept[0] in FRONT_HONORIFICS:
        kept = kept[1:]
    kept = [word for word in kept if word not in PARTICLES] or kept
    return _joined_servants(kept)


def _joined_servants(words: list[str]) -> list[str]:
    """Write ``Abd al Karim``, ``Abdul Karim`` and ``Abdulkarim`` one way: the servant's name joined to what follows."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] in {"abd", "abdul", "abdel", "abdal", "abdol"}:
            joined[-1] = "abdul" + word
        else:
            joined.append(word)
    return joined


def _organisation(words: list[str]) -> list[str]:
    text = " ".join(words)
    for phrase in FORM_PHRASES:
        text = phrase.sub(" ", text)
    kept = [SAME_WORDS.get(word, word) for word in text.split()]
    without = [word for word in kept if not _is_form(word)]
    return without or kept or words


def _is_form(word: str) -> bool:
    """Whether a word says only what kind of body it is, or nothing."""
    if word in LEGAL_FORMS or word in STOP_WORDS or word in PARTICLES:
        return True
    allowed = 1 if len(word) < TWO_FAULTS_FROM else 2
    return len(word) >= LONG_WORD and any(
        DamerauLevenshtein.distance(word, form, score_cutoff=2) <= allowed
        for form in LONG_FORMS
        if len(form) >= LONG_WORD
    )


@lru_cache(maxsize=4096)
def tokens(name: str, kind: str) -> tuple[str, ...]:
    """Return the tokens of ``name`` that matching compares, in their order; never empty for a name with a letter in
    it.
    """
    text = _TAIL.sub("", _BRACKETS.sub(" ", name))
    if kind == PERSON and text.count(",") == 1:
        # SURNAME, Given: the given name first, as most people write it.
        surname, given = text.split(",")
        text = f"{given} {surname}"
    words = _words(latin(text)) or _words(latin(name))
    kept = _person(words) if kind == PERSON else _organisation(words)
    return tuple(kept or words)


@lru_cache(maxsize=200_000)
def fold(token: str) -> str:
    """Return a token as it sounds: one spelling for the ways in which the same sound is written in Latin letters."""
    for pattern, to in _FOLDS:
        token = pattern.sub(to, token)
    return token


@lru_cache(maxsize=200_000)
def skeleton(folded: str) -> str:
    """Return the first letter and the consonants after it: what transliterations agree on."""
    return folded[:1] + _VOWELS.sub("", folded[1:])
