# ruff: noqa: RUF001, SIM905 - the letters of other alphabets are the point here; tables read best as text.
"""Names in Arabic, Burmese, Thai, Lao, Khmer and Korean letters, written in Latin as such names usually are.

These scripts leave vowels out, put them around the consonant, or write a syllable as one sign: reading them letter by
letter, as a general table does, gives what nobody writes. The results are rough (RTGS for Thai, MLC's conventional
spelling for Burmese, McCune-Reischauer for Korean, without their finer points): matching folds sounds afterwards.
"""

import re
from collections.abc import Callable


def _table(text: str) -> dict[str, str]:
    """Read ``letters=sound`` pairs: each of the letters stands for the sound; ``-`` is silent."""
    pairs = (pair.split("=") for pair in text.split())
    return {letter: "" if sound == "-" else sound for letters, sound in pairs for letter in letters}


def _words(text: str) -> dict[str, str]:
    """Read ``word=word`` pairs."""
    return dict(pair.split("=") for pair in text.split())


# ------------------------------------------------------------------------------------------------ Arabic

_ARABIC = _table(
    "ب=b پ=p تطټ=t ث=th ج=j چ=ch ح=h خ=kh څ=ts دضډڈ=d ذزظ=z ځ=z رړڑ=r ژږ=zh سص=s شښ=sh ع=a غ=gh ف=f ڤ=v ق=q ك=k گګ=g "
    "ل=l م=m نڼں=n و=u ه=h ي=i ے=e ا=a ٹ=t"
)
_ARABIC_RUN = re.compile("[\u0600-\u06ff\u0750-\u077f\u200c]+")
# Words of names whose vowels are known; and titles, which then go as in Latin.
_ARABIC_WORDS = {
    "بن": "bin",
    "ابن": "ibn",
    "بنت": "bint",
    "عبد": "abd",
    "ابو": "abu",
    "ابي": "abu",
    "ام": "umm",
    "الله": "allah",
    "سيد": "sayyid",
    "السيد": "sayyid",
    "شيخ": "sheikh",
    "الشيخ": "sheikh",
    "حاج": "haji",
    "الحاج": "haji",
    "حاجي": "haji",
    "دكتور": "dr",
    "الدكتور": "dr",
    "ملا": "mullah",
    "مولوي": "mawlawi",
    "قاري": "qari",
    "مهندس": "eng",
}
_ARABIC_TITLES = frozenset({"مهندس", "ملا", "قاري", "حاجي"})  # with the article they are a name
_BEFORE_H = tuple("sktdzgp")
# The commonest given names, as most who bear them write them: no consonants can tell Muhammad from Mahmud.
_ARABIC_NAMES = _words(
    "محمد=muhammad محمود=mahmud احمد=ahmad حامد=hamid حميد=hameed حمد=hamad علي=ali حسن=hasan حسين=husayn محسن=muhsin "
    "عمر=umar عمرو=amr عثمان=uthman خالد=khalid خليل=khalil ابراهيم=ibrahim اسماعيل=ismail يوسف=yusuf يونس=yunus "
    "موسي=musa عيسي=isa داود=dawud سليمان=sulayman صالح=salih سالم=salim سليم=saleem سعيد=said سعد=saad سعود=saud "
    "مسعود=masud كريم=karim رحيم=rahim رحمن=rahman رحمان=rahman عزيز=aziz قادر=qadir جبار=jabbar مجيد=majid "
    "ماجد=majid رشيد=rashid راشد=rashid ناصر=nasir نصر=nasr منصور=mansur انور=anwar نور=nur جمال=jamal كمال=kamal "
    "كامل=kamil مصطفي=mustafa رضا=reza رضايي=rezai جواد=jawad جعفر=jafar كاظم=kazim قاسم=qasim هاشم=hashim طارق=tariq "
    "فيصل=faysal فاطمه=fatima مريم=maryam زينب=zaynab ليلي=layla عائشه=aisha خديجه=khadija سعاد=suad امين=amin "
    "امير=amir حبيب=habib لطيف=latif شريف=sharif حكيم=hakim وليد=walid زياد=ziyad عباس=abbas صلاح=salah جابر=jabir "
    "بشير=bashir بشار=bashar سمير=samir نبيل=nabil عادل=adil عامر=amir ياسر=yasir ياسين=yasin طاهر=tahir "
    "زكريا=zakariya يحيي=yahya"
)
KNOWN_VOWELS = frozenset(_ARABIC_NAMES.values())
_ARTICLE_AND = 4  # letters from which a word that begins with the article is taken for article and word


def _arabic_word(word: str) -> str:
    if known := _ARABIC_WORDS.get(word) or _ARABIC_NAMES.get(word):
        return known
    if word.startswith("عبدال") and len(word) > len("عبدال"):
        return f"abd {_arabic_word(word.removeprefix('عبدال'))}" if word != "عبدالله" else "abd allah"
    if word.startswith("ال") and len(word) >= _ARTICLE_AND:
        return f"al {_arabic_word(word[2:]) if word[2:] not in _ARABIC_TITLES else _arabic_letters(word[2:])}"
    return _arabic_letters(word)


def _arabic_letters(word: str) -> str:
    """Return a word letter by letter: its long vowels, none of its short ones."""
    sounds: list[str] = []
    for place, letter in enumerate(word):
        following = word[place + 1 : place + 2]
        if (letter == "ح" or (letter == "ه" and following)) and sounds and sounds[-1] in _BEFORE_H:
            sounds.append("a")  # two letters, not the one sound that they would spell
        if letter in "وي" and (not place or following in {"ا", "و", "ي"}):
            sounds.append("w" if letter == "و" else "y")
        elif letter == "ه" and place and (not following or following == "\u200c"):
            sounds.append("a" if word[place - 1] not in "او" else "h")
        elif letter == "ع" and place:
            continue
        else:
            sounds.append(_ARABIC.get(letter, ""))
    return "".join(sounds)


def _arabic(run: str) -> str:
    return _arabic_word(run).replace("\u200c", "")


# ----------------------------------------------------------------------------------------------- Burmese

_BURMESE = _table("ကခ=k ဂဃ=g င=ng စဆ=s ဇဈ=z ညဉ=ny ဋဌတထ=t ဍဎဒဓ=d ဏန=n ပဖ=p ဗဘ=b မ=m ယ=y ရ=y လဠ=l ဝ=w သ=th ဟ=h အ=-")
_BURMESE_WHOLE = {"ဣ": "i", "ဤ": "i", "ဥ": "u", "ဦ": "u", "ဧ": "e", "ဩ": "aw", "ဪ": "aw", "၏": "i", "၌": "hnaik"}
_BURMESE_RIMES = {
    "": "a", "ာ": "a", "ါ": "a", "ိ": "i", "ီ": "i", "ု": "u", "ူ": "u", "ေ": "e", "ဲ": "e", "ော": "aw", "ေါ": "aw",
    "ော်": "aw", "ေါ်": "aw", "ို": "o", "ိုး": "oe", "ံ": "an", "ိံ": "ein", "ုံ": "on", "က်": "et", "ောက်": "auk", "ေါက်": "auk",
    "ိုက်": "aik", "င်": "in", "ောင်": "aung", "ေါင်": "aung", "ိုင်": "aing", "စ်": "it", "ည်": "i", "ဉ်": "in",
    "ဏ်": "an", "န်": "an", "မ်": "an", "ိန်": "ein", "ိမ်": "ein", "ုန်": "on", "ုမ်": "on", "တ်": "at", "ပ်": "at",
    "ိတ်": "eik", "ိပ်": "eik", "ုတ်": "ok", "ုပ်": "ok", "ယ်": "e", "ါန်": "an", "ာန်": "an", "ါတ်": "at", "ာတ်": "at",
}  # fmt: skip
_BURMESE_SYLLABLE = re.compile(
    "(?P<whole>[ဣ-ဪ၌၏])|(?P<onset>[က-အ])(?P<medials>[ျြွှ]*)(?P<rime>[ာ-ဲံ]*(?:[က-အ]်)?်?)(?P<high>း?)(?P<stack>္?)"
)
_BURMESE_RUN = re.compile("[\u1000-\u109f]+")
_BURMESE_TONES = str.maketrans("", "", "့")


def _burmese(run: str) -> str:
    """Return one word a syllable, as Burmese names are written."""
    syllables = []
    for found in _BURMESE_SYLLABLE.finditer(run.translate(_BURMESE_TONES)):
        if found["whole"]:
            syllables.append(_BURMESE_WHOLE.get(found["whole"], ""))
            continue
        medials, rime = found["medials"], found["rime"]
        onset = _BURMESE[found["onset"]]
        if "ျ" in medials or "ြ" in medials:
            onset = "sh" if "ှ" in medials and onset == "l" else onset + "y"
        if "ှ" in medials:
            onset = "sh" if found["onset"] == "ရ" else onset if onset.startswith("sh") else "h" + onset
        vowel = _BURMESE_RIMES.get(rime + found["high"]) or _BURMESE_RIMES.get(rime, "a")
        if "ွ" in medials:
            vowel = {"an": "un", "at": "ut"}.get(vowel, "w" + vowel)
        syllables.append(onset + vowel)
    return " ".join(filter(None, syllables))


# ------------------------------------------------------------------------------------------ Thai and Lao

_THAI = _table("กขฃคฅฆ=k ง=ng จฉชฌ=ch ซทรศษส=s ญย=y ฎด=d ฏตฐฑฒถธท=t ณน=n บ=b ปผพภ=p ฝฟ=f ม=m รฤ=r ลฬฦ=l ว=w หฮ=h อ=-")
_THAI_FINAL = _table("กขฃคฅฆ=k ง=ng จฉชซฌฎฏฐฑฒดตถทธศษส=t ญณนรลฬฤฦ=n บปผพฟภ=p ม=m ย=i ว=o หฮอฝ=-")
_C = "[ก-ฮ]"
# A leading ห only lifts the tone; two consonants begin a syllable together only where the second is ร, ล or ว.
_THAI_ONSET = f"(?:ห(?=[งญนมยรลว])|[กขคปผพตทสศจ](?=ร)|[กขคปผพ](?=ล)|[กขค](?=ว))?{_C}"
# Vowels around the consonant; what stands for the consonants is filled in below.
_THAI_VOWELS = (
    ("เ@ียะ?", "ia"),
    ("เ@ือะ?", "uea"),
    ("เ@าะ", "o"),
    ("เ@า", "ao"),
    ("เ@ิ", "oe"),
    ("เ@อ", "oe"),
    ("เ@็?", "e"),
    ("แ@[็ะ]?", "ae"),
    ("โ@ะ?", "o"),
    ("[ใไ]@ย?", "ai"),
    ("@ัวะ?", "ua"),
    ("@ัย", "ai"),
    ("@ั", "a"),
    ("@รร(?=[ก-ฮ])", "a"),
    ("@รร", "an"),
    ("@ำ", "am"),
    ("@[าะ]", "a"),
    ("@[ิี]", "i"),
    ("@[ึื]อ?", "ue"),
    ("@[ุู]", "u"),
    ("@็อ", "o"),
    ("@ว(?=[ก-ฮ])(?!รร)", "ua"),
    ("@อ", "o"),
)
_THAI_SYLLABLE = re.compile(
    "|".join(
        f"(?P<v{number}>{pattern.replace('@', f'(?P<c{number}>{_THAI_ONSET})')})(?P<f{number}>"
        f"(?:{_C}(?![ะ-ู็]|รร|อ(?!{_C})))?)"
        for number, (pattern, _) in enumerate(_THAI_VOWELS)
    )
    + f"|(?P<closed>{_C}{_C}(?![ะ-ู็]))|(?P<bare>{_C})"
)
_THAI_SILENT = re.compile(f"(?:[กดตท]ร|{_C}[ิุ]?)์|(?<=[ชตท])ร\\b")
_THAI_TONES = str.maketrans("", "", "่้๊๋ํฺ๎")
_THAI_VOCALIC = str.maketrans({"ฤ": "รึ", "ฦ": "ลึ"})
_THAI_RUN = re.compile("[\u0e00-\u0eff]+")
# Lao letters stand in the order of the Thai ones, 128 places on; five have no counterpart there.
_LAO: dict[int, int | str] = {code: code - 0x80 for code in range(0x0E80, 0x0EDC)} | {
    0x0EBB: "",
    0x0EBC: "ล",
    0x0EBD: "ีย",
    0x0EDC: "น",
    0x0EDD: "ม",
}


def _thai_onset(letters: str) -> str:
    """Return the sound of one or two consonants before a vowel."""
    if len(letters) > 1 and letters[0] == "ห" and letters[1] in "งญนมยรลว":
        letters = letters[1:]
    if letters in {"ทร", "สร", "ศร", "จร"}:
        return {"จ": "ch"}.get(letters[0], "s")
    return "".join(_THAI[letter] for letter in letters)


def _thai(run: str) -> str:
    text = _THAI_SILENT.sub("", run.translate(_LAO).translate(_THAI_TONES).translate(_THAI_VOCALIC))
    sounds = []
    for found in _THAI_SYLLABLE.finditer(text):
        if letters := found["closed"]:
            sounds.append(f"{_thai_onset(letters[0])}o{_THAI_FINAL[letters[1]]}")
        elif letter := found["bare"]:
            sounds.append(f"{_thai_onset(letter)}a" if found.end() < len(text) else _THAI_FINAL[letter])
        else:
            number = next(number for number in range(len(_THAI_VOWELS)) if found[f"v{number}"] is not None)
            final = found[f"f{number}"]
            vowel = _THAI_VOWELS[number][1]
            sounds.append(_thai_onset(found[f"c{number}"]) + vowel + (_THAI_FINAL[final] if final else ""))
    return "".join(sounds)


# ------------------------------------------------------------------------------------------------- Khmer

_KHMER = _table("កខគឃ=k ង=ng ចឆជឈ=ch ញ=nh ដឌ=d ឋឍតថទធ=t ណន=n បពផភ=p ម=m យ=y រ=r ល=l វ=v ឝឞស=s ហ=h ឡ=l អ=-")
_KHMER_SECOND = frozenset("គឃងជឈញឌឍទធនពភមយរលវ")
_KHMER_VOWELS = {
    "ា": ("a", "ea"), "ិ": ("e", "i"), "ី": ("ei", "i"), "ឹ": ("oe", "ue"), "ឺ": ("eu", "ue"), "ុ": ("o", "u"),
    "ូ": ("o", "u"), "ួ": ("uo", "uo"), "ើ": ("ae", "eu"), "ឿ": ("oea", "oea"), "ៀ": ("ie", "ie"), "េ": ("e", "e"),
    "ែ": ("e", "e"), "ៃ": ("ai", "ey"), "ោ": ("ao", "o"), "ៅ": ("au", "ov"), "ំ": ("am", "um"), "ះ": ("ah", "eah"),
    "ុំ": ("om", "um"), "ាំ": ("am", "oam"),
}  # fmt: skip
_KHMER_SYLLABLE = re.compile("(?P<base>[ក-អ])(?P<shift>[៉៊]?)(?P<under>(?:្[ក-អ])*)(?P<lift>[៉៊]?)(?P<vowel>[ា-ះ]*)")
_KHMER_SHORT = re.compile(f"([{''.join(sorted(_KHMER_SECOND))}])([ក-អ])់")  # a bantak makes the vowel before it short
_KHMER_RUN = re.compile("[\u1780-\u17ff]+")
_KHMER_SIGNS = str.maketrans("", "", "់៌៍៎៏័៑៝")


def _khmer(run: str) -> str:
    sounds = ""
    text = _KHMER_SHORT.sub("\\1ុ\\2", run).translate(_KHMER_SIGNS)
    for found in _KHMER_SYLLABLE.finditer(text):
        base = found["base"]
        is_second = base in _KHMER_SECOND
        shift = found["shift"] or found["lift"]
        if shift == "៊":
            is_second = base != "ប"
        elif shift == "៉":
            is_second = False
        onset = "b" if base == "ប" and (found["vowel"] or found["under"]) and shift != "៉" else _KHMER[base]
        onset += "".join(_KHMER[letter] for letter in found["under"] if letter != "្")
        if vowel := found["vowel"]:
            sounds += onset + _KHMER_VOWELS.get(vowel, ("a", "ea"))[is_second]
        elif sounds and sounds[-1] in "aeiou" and not found["under"]:
            sounds += onset  # a consonant after a vowel closes the syllable
        else:
            sounds += onset + ("o" if is_second else "a")
    return sounds


# ----------------------------------------------------------------------------------- Serbian, Macedonian

_SERBIAN = str.maketrans(_words("ђ=dj ћ=c џ=dz љ=lj њ=nj ј=j Ђ=Dj Ћ=C Џ=Dz Љ=Lj Њ=Nj Ј=J"))

# ------------------------------------------------------------------------------------------------ Korean

_KOREAN_FIRST = "k kk n t tt r m p pp s ss - j jj ch k t p h".split()
_KOREAN_VOWEL = "a ae ya yae o e yo ye o wa wae oe yo u wo we wi yu u ui i".split()
_KOREAN_LAST = "- k k k n n n t l k m l l l p l m p p t t ng t t k t p t".split()
_KOREAN_RUN = re.compile("[\uac00-\ud7a3]+")
_KOREAN_FAMILY = {"이": "ri", "리": "ri", "박": "pak", "최": "choe"}


def _korean(run: str) -> str:
    """Return one word a syllable: family name first, as Korean names are written."""
    syllables = []
    for place, sign in enumerate(run):
        if not place and len(run) > 1 and sign in _KOREAN_FAMILY:
            syllables.append(_KOREAN_FAMILY[sign])
            continue
        number = ord(sign) - 0xAC00
        sounds = (_KOREAN_FIRST[number // 588], _KOREAN_VOWEL[number % 588 // 28], _KOREAN_LAST[number % 28])
        syllables.append("".join(sound for sound in sounds if sound != "-"))
    return " ".join(syllables)


_SCRIPTS: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    (_ARABIC_RUN, _arabic),
    (_BURMESE_RUN, _burmese),
    (_THAI_RUN, _thai),
    (_KHMER_RUN, _khmer),
    (_KOREAN_RUN, _korean),
)


def spoken(text: str) -> str:
    """Return ``text`` with every run of these scripts in Latin letters; the rest stays as it is."""
    for pattern, write in _SCRIPTS:
        text = pattern.sub(lambda found, write=write: f" {write(found.group())} ", text)  # type: ignore[misc]
    return text.translate(_SERBIAN)
