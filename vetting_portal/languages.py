"""Languages as people write them (``Thai and English``, ``ไทย``), kept as codes, shown as English names (CLDR)."""

import re

from babel import Locale

CODE_LENGTH = 2
EVERYBODY = "en"  # the portal is in English: everybody on the staff reads it
MOST = 3  # languages that one paper is in
_ENGLISH = {code: str(name) for code, name in Locale("en").languages.items() if code.isalpha() and code.islower()}
# What speakers write themselves, and names that English has two of.
_OWN = {
    "ไทย": "th", "ภาษาไทย": "th", "ລາວ": "lo", "ខ្មែរ": "km", "មြန်မာ": "my", "မြန်မာ": "my", "myanmar": "my",
    "tiếng việt": "vi", "bahasa indonesia": "id", "bahasa melayu": "ms", "tagalog": "tl", "中文": "zh",
    "mandarin": "zh",
    "العربية": "ar", "فارسی": "fa", "farsi": "fa", "dari": "fa", "اردو": "ur", "हिन्दी": "hi", "नेपाली": "ne",
    "বাংলা": "bn", "bangla": "bn", "தமிழ்": "ta", "සිංහල": "si", "français": "fr", "español": "es", "português": "pt",
    "kiswahili": "sw", "አማርኛ": "am", "af-soomaali": "so", "kinyarwanda": "rw", "українська": "uk", "русский": "ru",
    "türkçe": "tr", "kurdî": "ku", "kreyòl": "ht",
}  # fmt: skip
_BY_NAME = {**{name.casefold(): code for code, name in _ENGLISH.items()}, **_OWN}
_BETWEEN = re.compile(r"\s*(?:[,;/&+]|\band\b)\s*", re.IGNORECASE)


def names() -> dict[str, str]:
    """Return the English name of each language by its code of two letters, for a choice."""
    return {code: name for code, name in sorted(_ENGLISH.items()) if len(code) == CODE_LENGTH}


def language_code(text: str) -> str:
    """Return the code of a language that is told by code or name; empty where there is none."""
    told = text.strip().casefold()
    return told if told in _ENGLISH else _BY_NAME.get(told, "")


def language_name(code: str) -> str:
    """Return the English name of a language; what is no code stays as it is."""
    return _ENGLISH.get(code, code)


def read_languages(text: str) -> str:
    """Return the codes of the languages that ``text`` names, with commas, at most three; "" for an empty text.

    Raises ValueError with the words that name no language.
    """
    names = [name for name in _BETWEEN.split(text.strip()) if name]
    codes = []
    for name in names[: MOST + 1]:
        code = language_code(name)
        if not code:
            raise ValueError(name)
        codes.append(code)
    if len(codes) > MOST:
        raise ValueError(text.strip())
    return ",".join(dict.fromkeys(codes))


def language_words(codes: str) -> str:
    """Return codes as English names: ``th,en`` is ``Thai and English``."""
    names = [_ENGLISH.get(code, code) for code in codes.split(",") if code]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
