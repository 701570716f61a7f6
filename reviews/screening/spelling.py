# ruff: noqa: RUF001, SIM905 - the letters of other alphabets are the point here; lists of words read best as text.
"""How a name of any script is reduced to tokens that can be compared: Latin letters, no titles, no legal forms."""

import re
import unicodedata
import warnings
from functools import lru_cache

from normality import latinize_text
from normality.transliteration import ICUWarning
from rapidfuzz.distance import OSA

from reviews.screening.scripts import spoken

# ICU needs a C++ compiler to install; without it the library uses its own tables, and says so once.
warnings.filterwarnings("ignore", category=ICUWarning)

PERSON, ORGANISATION = "person", "organisation"
LEAST_NAMES = 2
LONG_WORD, TWO_FAULTS_FROM = 7, 8
SHORTEST_FAULTY_FORM = 6  # letters of a legal form with a fault in it (compay, limitd)
MANY_FORM_WORDS = 3  # so many words like those of a long legal form are one, faults, order and all

HONORIFICS = frozenset(
    "mr mrs ms miss dr prof professor sir dame madam lord lady hon honourable excellency he hrh rev "
    "reverend father sister sheikh shaykh sheik shaikh haji hajy hajji hajj hadji alhaji mullah mulla maulana "
    "mawlawi maulvi molla qari hafiz ustad ustaz imam ayatollah sayyid seyed emir gen general col colonel "
    "maj major capt captain lt lieutenant brig brigadier sgt sergeant admiral marshal commander khun nai "
    "nang nangsao daw senior minister president chairman don dona dato datuk sri jr sr eng "
    "engineer ing lic phd md esq mp gral cnel tte sra srta licenciado licenciada ingeniero doctor doctora profesor "
    "comisionado monsieur madame mme mlle colonel maitre herr frau senhor senhora signor signora oknha samdech "
    "atty engr shri smt bapak".split()
)
# Titles that are also a name's own part in some languages: they go only from the front, and only when two tokens stay.
FRONT_HONORIFICS = frozenset("u oo ko ma nang saw sai sri he vice deputy thura tan".split())

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
FORM_WORDS = "open closed public private joint stock company limited liability".split()
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
    "munniti": "foundation",
    "samakom": "association",
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
PARTICLES = frozenset("al el ul il as ash ad adh ar an at az bin ben ibn bint bent abd".split()) - {"abd"}

CONFUSABLES = str.maketrans(
    "АаВвЕеКкМмНнОоРрСсТтУуХхІіЅѕЈјԁһΑαΒβΕεΗηΙιΚκΜΝνΟοΡρΤτΥυΧχ",
    "AaBbEeKkMmHhOoPpCcTtYyXxIiSsJjdhAaBbEeHhIiKkMNvOoPpTtYyXx",
)
SMALL_CAPITALS = str.maketrans("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz")
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
        (r"schtsch|shtch|shch", "s"),
        (r"tsch", "C"),
        (r"sch|sh|sz", "s"),
        (r"tch|ch|cz", "C"),
        (r"zh|dzh|dj|dg", "j"),
        (r"kh", "h"),
        (r"gh", "g"),
        (r"ph", "f"),
        (r"th|tt", "t"),
        (r"dh", "d"),
        (r"ck|q|c(?=[aourlnt]|$)", "k"),
        (r"c(?=[eiy])", "s"),
        (r"z$", "s"),
        (r"x", "ks"),
        (r"w", "v"),
        (r"(?<=[oe])ff?$", "v"),
        (r"ou|oo", "u"),
        (r"ee|ie|ey|ei|iy|ij|y|j(?=$)", "i"),
        (r"ai|ay|ae", "e"),
        (r"au|av$|av(?=[bcdfghjklmnpqrstvxz])", "o"),
        (r"(.)\1+", r"\1"),
        (r"(?<=[aeiou])h$", ""),
    )
)
_VOWELS = re.compile(r"[aeiou]")
_VOWEL_LETTERS = frozenset("aeiou")
_ASPIRATES = re.compile(r"([kptg])h|(?<![a-z])h(?=[kptslmnw])")
_LOOSE = (
    (re.compile(r"^x|hs"), "s"),
    (re.compile(r"eo"), "o"),
    (re.compile(r"(?<=[aeiou])x(?=[aeiouy])"), "j"),
    (re.compile(r"^q(?!u)|zh|ch|ts|tz|dj|c(?=[hi])"), "j"),
)
# Families of Korea whose first letter each romanisation, and each half of the country, writes otherwise.
_KOREAN_FAMILIES = dict(
    zip("lee yi rhee yoo ryu ryoo noh roh ro lim rim".split(), "ri ri ri yu yu yu no no no im im".split(), strict=True)
)
_PATRONYMIC = re.compile("(?:[oe]viC|[oei]vna|iCna)$")
_UNVOICED = str.maketrans("gdb", "ktp")
_SCANNED = str.maketrans("le", "ic")
_BARE_SCRIPT = re.compile("[\u0590-\u06ff]")


def _visible(text: str) -> str:
    """Return ``text`` without what cannot be seen: format characters, the vowel marks of Arabic, accents; wide forms
    narrowed.
    """
    text = (
        unicodedata.normalize("NFKC", text).translate(SMALL_CAPITALS).translate(ARABIC_VARIANTS).replace("ه\u200c", "ا")
    )
    # Accents go from Latin, Greek, Cyrillic and Arabic letters; in Thai, Burmese or Devanagari a mark is a letter.
    kept: list[str] = []
    for character in unicodedata.normalize("NFD", text):
        category = unicodedata.category(character)
        if category == "Cf" or (category == "Mn" and (character < "\u0700" or "\u1ab0" <= character <= "\u1dff")):
            continue
        kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept))


def _is_mixed(word: str) -> bool:
    return bool(_LATIN.search(word) and _OTHER_ALPHABET.search(word))


def _one_alphabet(words: list[str]) -> list[str]:
    """Return words with the lookalikes of another alphabet in Latin letters: in a word that mixes the two, and then in
    a word beside it that is made of lookalikes alone.
    """
    if not any(map(_is_mixed, words)):
        return words
    read = ((word, word.translate(CONFUSABLES)) for word in words)
    return [plain if _is_mixed(word) or not _OTHER_ALPHABET.search(plain) else word for word, plain in read]


def latin(text: str) -> str:
    """Return ``text`` in small Latin letters, whatever script it came in."""
    joined = " ".join(_one_alphabet(_visible(text).split()))
    if not joined.isascii():
        joined = " ".join(spoken(joined).split())
    if not joined.isascii():
        joined = latinize_text(joined, ascii=True) or ""
    return joined.lower()


def _words(text: str, kind: str = ORGANISATION) -> list[str]:
    """Return the words of a Latin name: apostrophes joined; spelled-out letters (``L.T.D.``) drawn together, but not
    the initials of a person.
    """
    text = _APOSTROPHES.sub("", text).replace("&", " and ")
    text = " ".join(_WORD.findall(text))
    if kind == ORGANISATION:
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
    if sum(map(_is_like_form, kept)) >= MANY_FORM_WORDS:
        kept = [word for word in kept if not _is_like_form(word)] or kept
    without = [word for word in kept if not _is_form(word)]
    return without or kept or words


@lru_cache(maxsize=20_000)
def _is_like_form(word: str) -> bool:
    """Whether a word is one of a long legal form, perhaps with a fault."""
    return any(OSA.distance(word, form, score_cutoff=1) <= 1 for form in FORM_WORDS)


@lru_cache(maxsize=20_000)
def _is_form(word: str) -> bool:
    """Whether a word says only what kind of body it is, or nothing."""
    if word in LEGAL_FORMS or word in STOP_WORDS or word in PARTICLES:
        return True
    allowed = 1 if len(word) < TWO_FAULTS_FROM else 2
    return len(word) >= SHORTEST_FAULTY_FORM and any(
        OSA.distance(word, form, score_cutoff=2) <= allowed for form in LONG_FORMS if len(form) >= LONG_WORD
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
    words = _words(latin(text), kind) or _words(latin(name), kind)
    kept = _person(words) if kind == PERSON else _organisation(words)
    return tuple(kept or words)


def plain_words(name: str) -> tuple[str, ...]:
    """Return the words of ``name`` in Latin letters as they stand: titles and legal forms with them."""
    return tuple(_words(latin(name)))


def is_bare(name: str) -> bool:
    """Whether ``name`` comes in a script that leaves vowels out (Arabic, Hebrew)."""
    return not name.isascii() and bool(_BARE_SCRIPT.search(name))


def _folded(word: str) -> str:
    for pattern, to in _FOLDS:
        word = pattern.sub(to, word)
    return word


@lru_cache(maxsize=100_000)
def fold(word: str) -> str:
    """Return a word as it sounds: one spelling for the ways in which the same sound is written in Latin letters."""
    return _folded(word)


@lru_cache(maxsize=100_000)
def plain_fold(word: str) -> str:
    """Return a word as it sounds where an aspirate is a plain letter: Thai, Burmese, Khmer, Hindi (Khin, Kin)."""
    plain = _ASPIRATES.sub(r"\1", word)
    return fold(word) if plain == word else _folded(plain)


@lru_cache(maxsize=100_000)
def loose_fold(word: str) -> str:
    """Return a word without the difference of voice, which romanisations of Chinese, Korean and Thai draw each in its
    own way (Pak, Bak; Chang, Zhang, Jang; Hsu, Xu).
    """
    word = _KOREAN_FAMILIES.get(word, word)
    for pattern, to in _LOOSE:
        word = pattern.sub(to, word)
    return plain_fold(word).translate(_UNVOICED)


def scan_fold(word: str) -> str:
    """Return a word with one letter for those that scanners take for one another."""
    return word.replace("rn", "m").replace("vv", "w").replace("cl", "d").translate(_SCANNED)


def skeleton(folded: str) -> str:
    """Return the consonants of a folded word, and that it begins with a vowel: what transliterations agree on."""
    bones = _VOWELS.sub("", folded)
    return "a" + bones if folded[:1] in _VOWEL_LETTERS else bones


@lru_cache(maxsize=100_000)
def is_patronymic(word: str) -> bool:
    """Whether a word is what Russians and Ukrainians say after the given name, and often leave out: Petrovich."""
    return bool(_PATRONYMIC.search(fold(word)))


def bare_bones(bones: str) -> str:
    """Return consonants with one for those that Arabs and Persians read otherwise: Rida, Reza."""
    return bones.replace("z", "d")
