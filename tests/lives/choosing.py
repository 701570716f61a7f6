"""What somebody does next: mostly what is their turn, now and then anything that a page offers them."""

import random
import re
from typing import Any

from django.utils import timezone

from grants.models import Gift, Grant
from reviews.models import Review
from tests.lives.allowing import FAR, acts_of, is_blocked, possible_moves, who_may
from tests.lives.duties import Turn, Way, find_way, last_name, turns, way_at
from tests.lives.filling import RISKY, fill
from tests.lives.life import Life, url_name
from tests.lives.pages import Form, Page
from tests.lives.people import ANYBODY, CAST

type Step = dict[str, Any]

# Forms that say nothing about a grant: they end the session, or search a list.
LEFT_ALONE = re.compile(r"^(account_|mfa_|portal:(mail|languages)|.*autosave)")
HOPS = 3
MOSTLY = 0.8
BEFORE_THE_WINDOW = 0.1
LEAVING = (("administrator", "/staff/", "end_role"), ("owner", "/home/", "member_end"))
MODES = ("valid", "valid", "valid", "valid", "odd", "odd", "wrong")


def step_for(rng: random.Random, life: Life, name: str, page: Page, form: Form, mode: str = "") -> Step:
    """Return the step of filling and sending a form of a page."""
    mode = mode or rng.choice(MODES)
    button = rng.choice(form.buttons).label if form.buttons else ""
    if any("submit" in one.label.lower() or "send" in one.label.lower() for one in form.buttons):
        named = [one.label for one in form.buttons if re.search(r"submit|send", one.label.lower())]
        button = rng.choice([*named, button])
    values, files = fill(rng, form, url_name(form.to), mode)
    return {"do": "send", "who": name, "at": page.path, "to": form.to, "button": button, "values": values,
            "files": files, "mode": mode}  # fmt: skip


def _form_of(rng: random.Random, page: Page, acts: frozenset[str] = frozenset()) -> Form | None:
    """Return a form of the page that somebody would send: those that cannot be undone come up less often."""
    forms = [one for one in page.offers if not LEFT_ALONE.match(url_name(one.to))]
    if not forms:
        return None
    weights = []
    for form in forms:
        name = last_name(form.to)
        weight = 0.12 if RISKY.search(name) else 1.0
        weights.append(weight * (6 if name in acts else 1) * (1 if form.in_main else 0.2))
    return rng.choices(forms, weights)[0]


def advance(rng: random.Random, life: Life, focus: Turn | None = None) -> Step | None:
    """Return the next step of a record whose turn it is; None where nobody's turn was found or led anywhere.

    Who was just asked for a code gives it, mostly.
    """
    asked = life.before_us is not None and any("code" in form.fields for form in life.before_us[1].offers)
    if asked and focus is None and rng.random() < MOSTLY:
        return go_on(rng, life)
    open_turns = turns()
    if not open_turns:
        return None
    turn = focus or rng.choice(open_turns)
    people = [name for name in turn.people if name in life.people]
    if not people:
        return None
    name = rng.choice(people)
    way = _way(rng, life, name, turn)
    if way is None:
        return {"do": "look", "who": name, "at": "/home/"}
    return _along(rng, life, name, turn, way)


def _way(rng: random.Random, life: Life, name: str, turn: Turn, most: int = 9) -> Way | None:
    """Return the way to an act: mostly straight to the page where somebody found it in another life."""
    if way := known_way(rng, life, name, turn):
        return way
    way = find_way(life, name, turn, most=most)
    if way is not None and way.form is not None and life.coverage is not None:
        for place, mark in enumerate(turn.marks):
            if mark in way.page.path:
                known = way.page.path.replace(mark, f"{{{place}}}", 1)
                life.coverage.ways[name, turn.kind, turn.state, turn.acts] = known
                break
    return way


def known_way(rng: random.Random, life: Life, name: str, turn: Turn) -> Way | None:
    """Return the way to an act on the page where it was found in another life; now and then nobody remembers."""
    known = life.coverage.ways if life.coverage is not None else {}
    key = (name, turn.kind, turn.state, turn.acts)
    if key not in known or rng.random() >= MOSTLY:
        return None
    page = life.people[name].open(known[key].format(*turn.marks)).page
    return way_at(page, turn) if page is not None and page.status == 200 else None


def _along(rng: random.Random, life: Life, name: str, turn: Turn, way: Way) -> Step | None:
    """Return what somebody does where the way ends: the act; where it is blocked, what a reason leads to."""
    if way.form is not None:
        about = [one for one in way.page.offers if last_name(one.to) in turn.acts]
        calm = [one for one in about if not RISKY.search(last_name(one.to))]
        form = rng.choice(calm or about or [way.form])
        return step_for(rng, life, name, way.page, form, "valid" if rng.random() < 0.85 else "")
    links = [to for one in way.page.blocked for to in one.links]
    if not links:
        return {"do": "look", "who": name, "at": way.page.path}
    page = life.people[name].open(rng.choice(links).partition("#")[0]).page
    if page is None or (form := _form_of(rng, page)) is None:
        return {"do": "look", "who": name, "at": way.page.path}
    return step_for(rng, life, name, page, form, "valid")


def go_on(rng: random.Random, life: Life) -> Step | None:
    """Return what somebody does on the page that came back when they sent something; None where nothing is to do."""
    if life.before_us is None:
        return None
    name, page = life.before_us
    forms = [one for one in page.offers if one.in_main and not LEFT_ALONE.match(url_name(one.to))]
    asks = [one for one in forms if "code" in one.fields]
    return step_for(rng, life, name, page, rng.choice(asks or forms), "valid") if forms else None


def wander(rng: random.Random, life: Life, name: str = "") -> Step | None:
    """Return what somebody does who follows links as they come."""
    name = name or rng.choice([*CAST, ANYBODY])
    person = life.people[name]
    shelf = list(person.shelf)
    path = rng.choice(shelf) if shelf and rng.random() < 0.5 else ("/home/" if name != ANYBODY else "/")
    page = None
    for hop in range(HOPS):
        page = person.open(path).page
        if page is None or page.status != 200:
            return {"do": "look", "who": name, "at": path}
        form = _form_of(rng, page)
        if form is not None and form.in_main and rng.random() < 0.3 + 0.3 * hop:
            return step_for(rng, life, name, page, form)
        links = [one for one in page.links if "/accounts/" not in one.to and not one.to.startswith("/static/")]
        own = [one for one in links if one.in_main] or links
        if not own:
            break
        path = rng.choice(own if rng.random() < 0.8 else links).to.partition("#")[0]
    return {"do": "look", "who": name, "at": path}


def explore(rng: random.Random, life: Life) -> Step | None:
    """Return what somebody does who opens and sends what lives seldom opened and sent so far."""
    name = rng.choice([*CAST, ANYBODY])
    person = life.people[name]
    person.open("/home/" if name != ANYBODY else "/")
    for _ in range(HOPS):
        links = {link.to.partition("#")[0] for page in person.shelf.values() for link in page.links}
        ours = sorted(to for to in links if url_name(to) and not LEFT_ALONE.match(url_name(to)))
        if not ours:
            break
        weights = [1 / (1 + life.many("get", name, url_name(to))) ** 2 for to in ours]
        page = person.open(rng.choices(ours, weights)[0]).page
        if page is None or page.status != 200:
            continue
        forms = [one for one in page.offers if one.in_main and not LEFT_ALONE.match(url_name(one.to))]
        if forms and rng.random() < MOSTLY:
            seldom = [
                (0.1 if RISKY.search(last_name(one.to)) else 1) / (1 + life.many("post", name, url_name(one.to)))
                for one in forms
            ]
            return step_for(rng, life, name, page, rng.choices(forms, seldom)[0])
    return {"do": "look", "who": name, "at": "/home/" if name != ANYBODY else "/"}


def move(rng: random.Random, life: Life) -> Step | None:
    """Return the step of a transition that somebody may make now, the calm ones as well as the others; what lives made
    seldom so far comes up more often.
    """
    choices = list(possible_moves())
    if not choices:
        return None
    made = life.coverage.moves if life.coverage is not None else {}
    weights = [1 / (1 + sum(many for key, many in made.items() if key.startswith(f"{one[0]} "))) for one in choices]
    name, record, state = rng.choices(choices, weights)[0]
    people = who_may(record, name)
    if not people or (is_blocked(record, name) and rng.random() < MOSTLY):
        return None
    who = rng.choice(people)
    turn = Turn(name.partition(".")[0], state, record, (who,), acts_of(name))
    way = _way(rng, life, who, turn, FAR)
    if way is None:
        return {"do": "look", "who": who, "at": "/home/"}
    if way.form is None:
        return _along(rng, life, who, turn, way)
    about = [one for one in way.page.offers if last_name(one.to) in turn.acts]
    return step_for(rng, life, who, way.page, rng.choice(about or [way.form]), "valid" if rng.random() < 0.85 else "")


def score_all(rng: random.Random, life: Life) -> Step | None:
    """Have a reviewer score everything on one desk, then look at it again."""
    reviews = list(Review.objects.filter(state="in_progress").order_by("pk"))
    if not reviews:
        return advance(rng, life)
    review = rng.choice(reviews)
    name = next((one for one, person in CAST.items() if person.email == review.reviewer.email), "")
    page = life.people[name].open(f"/reviews/{review.pk}/").page if name else None
    if page is None:
        return None
    links = [to for to in page.own_links() if re.search(r"\?criterion=\w+$", to)]
    there: Page | None = page
    for to in links:
        code = to.rpartition("=")[2]
        if _desk(there, code) is None:
            there = life.people[name].open(to).page
        form = _desk(there, code)
        if form is not None and there is not None:  # none where an answer switched the criterion off
            there = life.take(step_for(rng, life, name, there, form, "valid")).page
    return {"do": "look", "who": name, "at": page.path}


def _desk(page: Page | None, code: str) -> Form | None:
    """Return the form in which a criterion is scored, where it is in view."""
    forms = page.offers if page is not None and page.status == 200 else []
    return next((one for one in forms if last_name(one.to) == "save_score" and one.to.endswith(f"/{code}/")), None)


def amend(rng: random.Random, life: Life) -> Step | None:
    """Return the draft of an amendment of a grant in force; where one is open, what is next about it."""
    open_ = [one for one in turns() if one.kind == "Amendment"]
    if open_:
        return advance(rng, life, rng.choice(open_))
    grants = list(Grant.objects.filter(state="in_force").order_by("pk"))
    if not grants:
        return advance(rng, life)
    page = life.people["officer"].open(f"/grants/{rng.choice(grants).number}/amend/").page
    form = next((one for one in page.offers if last_name(one.to) == "amend"), None) if page else None
    return step_for(rng, life, "officer", page, form, "valid") if page and form else None


def leave(rng: random.Random, life: Life) -> Step | None:
    """Return how somebody leaves in the middle: an administrator ends a role, an owner ends a membership."""
    name, start, act = rng.choice(LEAVING)
    person = life.people[name]
    page = person.open(start).page
    for _ in range(2):
        if page is None:
            return None
        if forms := [one for one in page.offers if last_name(one.to) == act]:
            return step_for(rng, life, name, page, rng.choice(forms), "valid")
        links = [to for to in page.own_links() if last_name(to) in {act, "members"}]
        page = person.open(rng.choice(links)).page if links else None
    return None


def stale(rng: random.Random, life: Life) -> Step | None:
    """Return the sending of a form from a page that somebody has had open for a while."""
    people = [name for name, person in life.people.items() if person.shelf]
    if not people:
        return None
    name = rng.choice(people)
    page = life.people[name].shelf[rng.choice(list(life.people[name].shelf))]
    form = _form_of(rng, page)
    if form is None:
        return None
    return {**step_for(rng, life, name, page, form, "valid"), "stale": True}


def other_role(rng: random.Random, life: Life) -> Step | None:
    """Return somebody else's try at an address that another was just at."""
    sent = [one for one in life.steps if one["do"] == "send"]
    name = rng.choice([*CAST, ANYBODY])
    if sent:
        last = rng.choice(sent[-5:])
        method = rng.choice(("get", "post"))
        return {"do": "try", "who": name, "method": method, "to": last["to"],
                "values": last["values"] if method == "post" else {}}  # fmt: skip
    return {"do": "try", "who": name, "method": "get", "to": "/queue/"}


def stripe(rng: random.Random, life: Life) -> Step | None:
    """Return what the payment service tells: a charge, a refund, a dispute and its end, some of them twice."""
    if not life.has_campaign:
        return advance(rng, life)
    slug = rng.choice(("someone-stays", "someone-stays", "someone-stays", "no-such-campaign"))
    charges = list(Gift.objects.filter(key__startswith="ch_").values_list("key", "gross_minor")) or [("ch_none", 5000)]
    kind = rng.choice((*["charge.succeeded"] * 3, "charge.refunded", "dispute", "dispute answered", "dispute end"))
    number = rng.randrange(10**6)
    if kind == "charge.succeeded":
        gross = rng.choice((517, 1999, 3333, 10_000, 250_001))
        fee = round(gross * 0.029) + 30
        at = int(timezone.now().timestamp()) - (90 * 86_400 if rng.random() < BEFORE_THE_WINDOW else 0)
        thing = {
            "id": f"ch_life_{number}", "object": "charge", "amount": gross,
            "currency": rng.choice(("usd",) * 9 + ("eur",)),
            "status": "succeeded", "paid": True, "captured": True, "created": at - number % 900,
            "metadata": {"campaign": slug}, "balance_transaction": {"amount": gross, "currency": "usd", "fee": fee,
                                                                    "net": gross - fee},
            "billing_details": {"name": "Example donor", "email": f"donor{number % 7}@example.org"},
        }  # fmt: skip
        return {"do": "stripe", "kind": kind, "thing": thing}
    charge, gross = rng.choice(charges)
    if kind == "charge.refunded":
        part = rng.choice((gross, max(1, gross // 2)))
        thing = {"id": charge, "object": "charge", "amount": gross, "amount_refunded": part, "currency": "usd",
                 "refunded": part == gross, "metadata": {"campaign": slug}}  # fmt: skip
        return {"do": "stripe", "kind": kind, "thing": thing}
    told = {"id": f"du_{charge}", "object": "dispute", "charge": charge, "amount": gross, "currency": "usd"}
    ended = {"dispute answered": ("updated", "under_review"), "dispute end": ("closed", rng.choice(("won", "lost")))}
    event, status = ended.get(kind, ("created", "needs_response"))
    return {"do": "stripe", "kind": f"charge.dispute.{event}", "thing": {**told, "status": status}}
