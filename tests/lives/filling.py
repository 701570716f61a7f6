"""Fills any form: with what fits its fields, with what is odd but allowed, and with what is wrong."""

import datetime as dt
import random
import re
from collections.abc import Callable, Sequence

from django.utils import timezone

from grants.example.steps.campaign import words
from tests.lives.pages import Field, Form

CODE = "{code}"  # stands for the code in the newest mail to the person
WORDS = (
    "The training was held in three villages, and each of the forty women who came has a named person to call when she "
    "needs one. What was bought is listed with its receipt."
)
ODD_TEXTS = (
    "มูลนิธิเพื่อผู้หญิง จังหวัดเชียงใหม่ " * 4,
    "مؤسسة المياه النظيفة في شمال البلاد تعمل مع كل قرية على حدة وتكتب ما تفعله",
    "👩🏽‍🌾 the garden 🌱 grows, and everybody of the village has a share in what it gives 🎉",
    "   Much   space    around each  of the words that somebody wrote   here on a    telephone   ",
    "long " * 700,
    "O’Brien & Søns <Ltd> “quoted”; --drop table; {{ braces }} %s \\n and ten words besides",
    "line one\r\nline two\r\n\r\nline four, after an empty one, with enough words to be ten of them",
    "०१२३ ١٢٣ digits of other scripts, and a zero width\u200bspace, in more than ten words here",
    "\uff21 \uff57\uff49\uff44\uff45 name, 中文名称和更多的字 한국어 Ελληνικά кириллица and more words, to be ten",
)
WRONG_TEXTS = ("", " ", "\x00nul", "x" * 20_000, "\u202e\u2066", "-", "None")
WRONG_NUMBERS = ("", "-1", "1e9", "NaN", "٣٤", "12,34,56", "99999999999999999999", "1.005", "abc", "0")
ODD_NUMBERS = ("0", "0.01", "999999.99", "1,000.00", " 25.50 ")
WRONG_DATES = ("", "2027-02-29", "31/12/2027", "0001-01-01", "9999-12-31", "tomorrow", "2027-13-01")
ODD_DATES = ("2028-02-29", "1900-01-01", "2099-12-31")
RISKY = re.compile(
    r"withdraw|decline|terminate|revoke|discard|lapse|_end|refuse|reject|forget|remove|cancel|end_|send_back|recus|"
    r"step_aside|delete|suspend|hold|void|reset|change_password|email|mfa|deactivate"
)
MONEY = re.compile(r"amount|goal|cap|gross|fee|income|request|limit|price|received_minor|charges|sum")


def sentence(rng: random.Random) -> str:
    """Return a few words that mean something, of at least ten."""
    read = "We spoke with the referee and read each receipt; all of it agrees with the accounts that were sent."
    return rng.choice((WORDS, f"{WORDS} ({rng.randrange(10_000)})", read))


def near(rng: random.Random, name: str) -> dt.date:
    """Return a day that fits the name of a field: a due date lies ahead, a payment behind."""
    today = timezone.localdate()
    if re.search(r"due|until|closes|ends|expires|by_on|back", name):
        return today + dt.timedelta(days=rng.choice((1, 7, 14, 30, 200)))
    if re.search(r"opens|since|starts|from", name):
        return today
    if "born" in name:
        return dt.date(1970 + rng.randrange(30), rng.randint(1, 12), rng.randint(1, 28))
    if "founded" in name:
        return dt.date(2012, 2, 29)
    return today - dt.timedelta(days=rng.choice((0, 0, 1, 3, 20)))


def file_for(rng: random.Random, one: Field, mode: str) -> tuple[str, str]:
    """Return the name of a file and what it is made of (see ``made_file``)."""
    accepts = one.attrs.get("accept", "")
    if "csv" in accepts or "csv" in one.label.lower():
        return ("gifts.csv", f"csv:{rng.randrange(10_000)}" if mode != "wrong" else "bytes:no,table\n1")
    if mode == "wrong":
        return rng.choice((("empty.pdf", "bytes:"), ("run.exe", "bytes:MZ"), ("page.pdf", "bytes:<html>"),
                           ("a" * 240 + ".pdf", "pdf:1")))  # fmt: skip
    if "image" in accepts and "pdf" not in accepts:
        return ("photo.png", f"png:{rng.randrange(256)}")
    if mode == "odd":
        return rng.choice((("รายงานประจำปี 2569.pdf", f"pdf:{rng.randrange(10**6)}"),
                           ("../../report (final) (2).PDF", f"pdf:{rng.randrange(10**6)}"),
                           ("photo.png", f"png:{rng.randrange(256)}")))  # fmt: skip
    return ("report.pdf", f"pdf:{rng.randrange(10**6)}")


def _number(rng: random.Random, one: Field, mode: str) -> str:
    if mode == "wrong":
        return rng.choice(WRONG_NUMBERS)
    if mode == "odd":
        return rng.choice(ODD_NUMBERS)
    low, high = (one.attrs.get(name, "") for name in ("min", "max"))
    try:
        least, most = int(low or 1), int(high or 40)
    except ValueError:
        return "1"
    return str(rng.randint(least, max(least, min(most, least + 40))))


def _choice(rng: random.Random, one: Field, mode: str) -> list[str]:
    values = [value for value, _ in one.options if value != ""]
    if mode == "wrong" and rng.random() < 0.3:
        return ["no such choice"]
    if one.kind == "select" and one.chosen and one.chosen != [""] and rng.random() < 0.7:
        return list(one.chosen)
    if "multiple" in one.attrs and values:
        return rng.sample(values, rng.randint(1, min(3, len(values))))
    good = [value for value in values if value in (NO_TIES if "interest" in one.name else GOOD_CHOICES)]
    if good and rng.random() < 0.85:
        return [rng.choice(good)]
    return [rng.choice(values)] if values else []


# Of the choices of a question, those after which things go on; the others are taken less often.
GOOD_CHOICES = {"none", "no", "clear", "email", "yes", "called", "video", "recommend", "conditions", "keep"}
NO_TIES = {"no", "none"}  # most people have no interest in the partner that they look at


type Three = tuple[Callable[[random.Random, str], str], Sequence[str], Sequence[str]]


def _kind_of(one: Field) -> str:
    """Return what a field of text wants, by its name, type and words."""
    name = one.name.lower()
    wants = (
        ("code", r"^code$|-code$", "one-time-code" in one.attrs.get("autocomplete", "")),
        ("email", r"email", one.kind == "email"),
        ("url", r"website|url", one.kind == "url"),
        ("language", r"^language$", False),
        ("currency", r"currency$", False),
        ("time", r"_time$", one.kind == "time"),
        ("date", r"(_on|date|born|-due)$", one.kind == "date" or "yyyy" in one.label.lower()),
        ("money", MONEY.pattern, False),
        ("year", r"year|since$", False),
        ("page", r"page", False),
        ("reference", r"slug|key|reference|number", False),
    )
    if one.kind == "textarea":
        return "words"
    kind = next((kind for kind, names, fits in wants if fits or re.search(names, name)), "name")
    if kind != "code" and (one.kind == "number" or one.attrs.get("inputmode") == "numeric"):
        return "number"  # a code has digits too
    return kind


# What is typed for each kind of field: rightly, oddly, wrongly.
TYPED: dict[str, Three] = {
    "language": (lambda rng, _name: rng.choice(("English", "Thai")), ("Khmer",), ("Elvish", "")),
    "currency": (lambda rng, _name: rng.choice(("USD", "THB")), ("thb",), ("XXQ", "")),
    "code": (lambda _rng, _name: CODE, (CODE,), ("123456", "")),
    "email": (
        lambda rng, _name: f"person{rng.randrange(1000)}@example.org",
        ("Ünïcode@example.org",),
        ("no", "a@b", ""),
    ),
    "url": (lambda _rng, _name: "https://example.org/", ("https://xn--e1afmkfd.example/",), ("javascript:alert(1)",)),
    "time": (lambda _rng, _name: f"{timezone.localtime():%H:%M}", ("00:00", "23:59"), ("25:61", "")),
    "date": (lambda rng, name: near(rng, name).isoformat(), ODD_DATES, WRONG_DATES),
    "money": (lambda rng, _name: f"{rng.choice((5, 25, 100, 1000, 333.33)):.2f}", ODD_NUMBERS, WRONG_NUMBERS),
    "year": (lambda _rng, _name: "2018", ODD_TEXTS, WRONG_TEXTS),
    "page": (lambda _rng, _name: "1", ("0", "9999999999"), WRONG_NUMBERS),
    "reference": (lambda rng, _name: f"ref-{rng.randrange(10**6)}", ODD_TEXTS, WRONG_TEXTS),
    "words": (lambda rng, _name: sentence(rng), ODD_TEXTS, WRONG_TEXTS),
    "name": (lambda rng, _name: rng.choice(("Anong Prasert", "The school by the river")), ODD_TEXTS, WRONG_TEXTS),
}


def _text(rng: random.Random, one: Field, mode: str) -> str:
    """Return what somebody types into a field of text."""
    kind = _kind_of(one)
    if kind == "number":
        return _number(rng, one, mode)
    right, odd, wrong = TYPED[kind]
    if mode == "wrong":
        return rng.choice(wrong)
    text = rng.choice(odd) if mode == "odd" else right(rng, one.name.lower())
    most = one.attrs.get("maxlength", "")
    return text[: int(most)] if most.isdigit() else text


def _pick(rng: random.Random, one: Field, mode: str) -> list[str] | None:
    """Return what somebody gives for one field; None to leave it as it is."""
    if one.kind == "checkbox" and len(one.options) == 1:
        return [one.value] if mode == "valid" or rng.random() < (0.9 if mode != "wrong" else 0.5) else []
    if one.kind in {"radio", "select"}:
        return _choice(rng, one, mode)
    if one.kind == "checkbox":
        return [value for value, _ in one.options if rng.random() < 0.5] or [one.options[0][0]]
    if one.name == "code" and mode == "valid":
        return [CODE]
    keeps = one.value and rng.random() < (0.8 if mode == "valid" else 0.4)
    leaves = not one.required and not one.value and one.kind != "textarea" and rng.random() < 0.3
    return None if keeps or leaves or "readonly" in one.attrs else [_text(rng, one, mode)]


def fill(rng: random.Random, form: Form, name: str, mode: str = "valid") -> tuple[dict[str, list[str]], dict]:
    """Return what somebody types into the visible fields of a form, and the files that are chosen.

    ``name`` is the name of the address that the form goes to. In the mode ``odd`` or ``wrong`` one or two fields are.
    """
    files: dict[str, tuple[str, str]] = {}
    values: dict[str, list[str]] = {}
    visible = [one for one in form.fields.values() if one.kind != "hidden"]
    strange = set()
    if mode != "valid" and visible:
        strange = {one.name for one in rng.sample(visible, min(len(visible), rng.choice((1, 1, 2, 5))))}
    for one in visible:
        how = mode if one.name in strange else "valid"
        if one.kind == "file":
            if one.required or rng.random() < 0.5:
                files[one.name] = file_for(rng, one, how)
            continue
        given = _pick(rng, one, how)
        if given is not None:
            values[one.name] = given
    if known := KNOWN.get(name):
        for key, value in known(rng, form).items():
            if value is None:
                files.pop(key, None)
                values.pop(key, None)
            elif key in form.fields and key not in strange:
                values[key] = value if isinstance(value, list) else [value]
    return values, files


# --- what somebody would type into the forms that matter most -------------------------------------


def _terms(rng: random.Random, form: Form) -> dict:
    """Return the terms of a grant, whose budget adds up; those that stand there stay as they are, mostly."""
    if form.fields.get("goal") and form.fields["goal"].value and rng.random() < 0.6:
        return {name: one.current for name, one in form.fields.items() if one.kind != "hidden"}
    goal = rng.choice((30_000, 20_000, 9_999))
    rows = {"budget-0-line": "Social workers", "budget-0-amount": f"{goal - 1000:.2f}",
            "budget-1-line": "Travel", "budget-1-amount": "1000.00",
            "indicators-0-text": "People with a named worker", "indicators-0-target": "76 of 80",
            "tranches-0-due_on": timezone.localdate().isoformat()}  # fmt: skip
    rows |= {name: "" for name in form.fields if re.match(r"(budget-[2-9]|indicators-[1-9])", name)}
    return {
        "goal": f"{goal:.2f}", "cap": f"{goal // 2:.2f}", "helps_individuals": "on", "bank_name": "Example Bank",
        "signatory_authority": "Board resolution", "director_authority": "Board resolution", "bank_last4": "0000",
        **rows,
    }  # fmt: skip


def _campaign(rng: random.Random, form: Form) -> dict:
    """Return the page of the example's campaign, where the form is still empty."""
    told = {name: value for name, value in words().items() if name in form.fields}
    return {**told, "slug": f"someone-stays-{rng.randrange(1000)}"}


def _account(rng: random.Random, _form: Form) -> dict:
    return {"holder": "LIFT International", "bank_name": "Example Bank", "country": "TH",
            "account": f"012-3-4{rng.randrange(10_000):04}-0", "bic": "EXAMTHBK"}  # fmt: skip


def _gift(rng: random.Random, _form: Form) -> dict:
    now = timezone.localtime()
    return {"key": f"Cheque {rng.randrange(10_000)}", "donor_name": "Example donor",
            "gross": f"{rng.choice((10, 33.33, 100, 2500, 20_000)):.2f}",
            "received_on": now.date().isoformat(), "received_time": f"{now:%H:%M:%S}"}  # fmt: skip


def _paid(rng: random.Random, _form: Form) -> dict:
    return {"paid_on": timezone.localdate().isoformat(), "bank_reference": f"EXB-{rng.randrange(10**6)}"}


def _score(rng: random.Random, _form: Form) -> dict:
    return {"score": str(rng.choice((2, 3, 3, 3, 4, 4, 1)))}


def _due(rng: random.Random, _form: Form) -> dict:
    return {"due_on": (timezone.localdate() + dt.timedelta(days=rng.choice((1, 14, 30)))).isoformat()}


def _evidence(rng: random.Random, form: Form) -> dict:
    """Return a document of the vault, or none: a few words say how the condition is met."""
    papers = [value for value, _ in form.fields["document"].options if value] if "document" in form.fields else []
    known = {"title": None, "file": None, "text": sentence(rng)}
    return {**known, "document": rng.choice(papers)} if papers and rng.random() < 0.5 else {**known, "document": ""}


def _end(rng: random.Random, _form: Form) -> dict:
    day = timezone.localdate() + dt.timedelta(days=rng.choice((0, 0, 0, 7)))
    return {"public_reason": "The partner and the funder agreed to end the grant early.", "ends_on": day.isoformat()}


def _amend(rng: random.Random, form: Form) -> dict:
    """Return the terms as they stand, and a granting goal, a match and a budget line that are raised together.

    Rows that stand empty at the end of a table stay empty; the words that are asked for are typed.
    """
    stands = {
        name: one.current
        for name, one in form.fields.items()
        if one.kind != "hidden" and (one.current != [""] or re.search(r"-\d+-", name))
    }
    more = rng.choice((1_000, 4_000))

    def raised(name: str, by: int) -> str:
        value = form.fields[name].value.replace(",", "") if name in form.fields else ""
        return f"{float(value or 0) + by:.2f}"

    return {
        **stands, "goal": raised("goal", more), "cap": raised("cap", more // 2),
        "budget-0-amount": raised("budget-0-amount", more),
    }  # fmt: skip


def _report(_rng: random.Random, form: Form) -> dict:
    """Return the report of the example, for what is still empty in the form."""
    told = words()["report"]
    return {name: value for name, value in told.items() if name in form.fields and not form.fields[name].value}


def _arrived(rng: random.Random, form: Form) -> dict:
    sent = form.fields["amount"].value if "amount" in form.fields else ""
    amount = sent or rng.choice(("250,000.00", "7,500.00", "100.00"))
    return {
        "currency": "THB",
        "amount": amount,
        "charges": rng.choice(("0", "25.00")),
        "arrived_on": timezone.localdate().isoformat(),
    }


def _letter(_rng: random.Random, _form: Form) -> dict:
    return {"agrees": "on", "whom": "Anong Prasert, chair"}


KNOWN: dict[str, Callable[[random.Random, Form], dict]] = {
    "grants:draft": _terms,
    "grants:change": _terms,
    "grants:campaign_plan": _campaign,
    "grants:bank_enter": _account,
    "grants:bank_call": _letter,
    "grants:gift_new": _gift,
    "grants:payment_paid": _paid,
    "grants:payment_confirm": _arrived,
    "grants:condition_evidence": _evidence,
    "grants:end": _end,
    "grants:amend": _amend,
    "grants:amendment_change": _amend,
    "grants:report": _report,
    "reviews:save_score": _score,
    "reviews:assign": _due,
}
