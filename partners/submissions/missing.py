"""What is missing before a submission can be sent: one list for the button, the page and the refusal."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst

from partners.checklists.evidence import add_months, good_until
from partners.organisations.models import Person, waiting_blockers
from partners.places.closing import Place
from partners.places.closing import place_blockers as closed_places
from partners.places.models import Embargo
from partners.programmes.prescreening import place_of_work
from partners.programmes.questions import is_blank, problem, read
from partners.vault.models import Document, Paper
from vetting_portal.money import format_amount
from vetting_portal.workflow import Blocker

if TYPE_CHECKING:
    from partners.checklists.models import Criterion
    from partners.programmes.models import Question
    from partners.submissions.models import EvidenceLink, Submission

BOARD_MINIMUM = 3
REFEREES_NEEDED = 2


def all_blockers(submission: "Submission", *, again: bool = False) -> list[str]:
    """Return everything that is missing: answers, amount, people, papers, place; for a first sending also the dates.

    A partner that is held reads only, in neutral words, that it has to wait.
    """
    blockers: list[str] = [*waiting_blockers(submission.organisation_id)]
    if not again:
        blockers.extend(submission.programme.open_blockers())
    blockers.extend(place_blockers(submission))
    blockers.extend(answer_blockers(submission))
    blockers.extend(amount_blockers(submission))
    blockers.extend(people_blockers(submission))
    blockers.extend(referee_blockers(submission))
    blockers.extend(paper_blockers(submission))
    return blockers


def section_url(submission: "Submission", position: int, key: str = "") -> str:
    """Return the address of a section's page, of one of its questions where ``key`` is given."""
    address = reverse("partners:submission_section", args=[submission.number, position])
    return f"{address}#id_{key}" if key else address


def question_problem(submission: "Submission", question: "Question") -> str:
    """Return what is wrong with one answer, or an empty text."""
    return problem(question, submission.value_of(question), submission.currency)


def answer_blockers(submission: "Submission") -> list[Blocker]:
    """Return a reason for each answer that is missing or not yet right; one for a section not begun."""
    by_section: dict[int, list[Question]] = defaultdict(list)
    for question in submission.questions:
        by_section[question.section.position].append(question)
    blockers: list[Blocker] = []
    for position, questions in by_section.items():
        section = questions[0].section
        asked = any(question.required for question in questions)
        if asked and all(is_blank(submission.value_of(question)) for question in questions):
            blockers.append(
                Blocker(
                    section.title,
                    hint=f"No answers yet, about {section.minutes} minutes",
                    code=str(position),
                    url=section_url(submission, position),
                )
            )
            continue
        for question in questions:
            if wrong := question_problem(submission, question):
                url = section_url(submission, position, question.key)
                blockers.append(Blocker(question.short_label, hint=wrong, code=question.number, url=url))
    return blockers


def amount_blockers(submission: "Submission") -> list[Blocker]:
    """Return a reason where the amount lies outside what the programme gives."""
    amount, programme = submission.amount_requested_minor, submission.programme
    asked = next((q for q in submission.questions if q.target == "amount_requested_minor"), None)
    url = section_url(submission, asked.section.position, asked.key) if asked else ""
    if asked:
        if question_problem(submission, asked):
            return []  # said by the question itself
        amount = read(asked.kind, submission.value_of(asked), submission.currency)
    if amount is None:
        return [Blocker("The amount you ask for is missing.", url=url)]
    if programme.min_request_minor <= amount <= programme.max_request_minor:
        return []
    low = format_amount(programme.min_request_minor, programme.currency)
    high = format_amount(programme.max_request_minor, programme.currency)
    return [
        Blocker(
            "The amount you ask for", hint=f"Between {low} and {high}.", code=asked.number if asked else "", url=url
        )
    ]


def place_blockers(submission: "Submission", every: Sequence[Embargo] | None = None) -> list[Blocker]:
    """Return why the organisation or its work stands in a place under comprehensive sanctions today.

    Where the work happens counts as well as where the organisation is registered; a licence opens the place it names.
    ``every``: the whole list of closed places, where it is read already.
    """
    organisation, told = submission.organisation, submission.prescreen
    today = timezone.localdate()

    def covers(embargo: Embargo) -> bool:
        good = organisation.licences.good_on(today).for_submission(submission).select_related("embargo")
        return any(licence.opens(embargo) for licence in good)

    places = [
        Place(organisation.country, organisation.region, "the country where you are registered"),
        place_of_work(str(told.get("country", "")), str(told.get("region", ""))),
    ]
    return closed_places(places, on=today, covers=covers, every=every)


def people_blockers(submission: "Submission") -> list[Blocker]:
    """Return what is missing about the organisation and its people.

    At least three board members, the smallest board that can have a majority without one family, and one signatory:
    whoever will sign the agreement. Sanctions screening needs their names.
    """
    organisation = submission.organisation
    page = reverse("partners:organisation", args=[organisation.pk])
    edit = reverse("partners:organisation_edit", args=[organisation.pk])
    blockers: list[Blocker] = []
    if not organisation.registration_number:
        blockers.append(
            Blocker("Registration number", hint="As on your certificate", url=f"{edit}#id_registration_number")
        )
    if organisation.founded_on is None:
        blockers.append(Blocker("The day you were founded", url=f"{edit}#id_founded_on"))
    if not organisation.address:
        blockers.append(Blocker("Your address", url=f"{edit}#id_address"))
    roles = list(organisation.people_now().values_list("role", flat=True))
    board = roles.count(Person.Role.BOARD)
    if board < BOARD_MINIMUM:
        blockers.append(
            Blocker("Your board", hint=f"{board} named, at least {BOARD_MINIMUM} needed", url=f"{page}#people")
        )
    if Person.Role.SIGNATORY not in roles:
        blockers.append(
            Blocker("Who signs for you", hint="Name at least one person who may sign", url=f"{page}#people")
        )
    return blockers


def evidence_end(document: Document, criterion: "Criterion") -> date | None:
    """Return the last day on which ``document`` counts for ``criterion``, or None where it does not run out."""
    return good_until(
        own_end=document.expires_on,
        dated=document.counts_from,
        rule=criterion.validity_rule,
        months=criterion.validity_months,
    )


def document_problem(paper: Paper, criterion: "Criterion", today: date) -> str:
    """Return why a linked paper does not count for a criterion today, as a sentence, or an empty text."""
    document = paper.current
    newest = paper.newest
    if document is None:
        if newest is None:
            return "It has not been sent yet."
        if newest.state == Document.State.REJECTED:
            return newest.rejection_reason
        return "It is still being checked. That is quick: look again in a minute."
    end = evidence_end(document, criterion)
    if end is not None and end < today:
        return f"The one you sent ended on {end:%-d %B %Y}."
    limit = criterion.evidence_max_age_months
    if limit and add_months(document.counts_from, limit) < today:
        return f"It is more than {limit} months old: it has the date {document.counts_from:%-d %B %Y}."
    return ""


def paper_blockers(submission: "Submission") -> list[Blocker]:
    """Return a reason for each criterion without good evidence, and for each linked paper that does not count."""
    linked: dict[int, list[EvidenceLink]] = defaultdict(list)
    for link in submission.links:
        linked[link.criterion_id].append(link)
    today = timezone.localdate()
    return [
        blocker
        for criterion in submission.applying_criteria()
        for blocker in _criterion_blockers(submission, criterion, linked[criterion.pk], today)
    ]


def referee_blockers(submission: "Submission") -> list[Blocker]:
    """Return a reason where fewer than two referees are named; the checklist says whether they are asked for."""
    if not submission.asks_referees:
        return []
    named = submission.referees.count()
    if named >= REFEREES_NEEDED:
        return []
    url = reverse("partners:submission_referees", args=[submission.number])
    hint = f"{named} named, {REFEREES_NEEDED} needed: people who know your work, not family, staff or board"
    return [Blocker("Your referees", hint=hint, code="C11", url=url)]


def _criterion_blockers(
    submission: "Submission", criterion: "Criterion", links: "list[EvidenceLink]", today: date
) -> Iterator[Blocker]:
    page = reverse("partners:submission_paper_add", args=[submission.number])
    url = f"{page}?criterion={criterion.code}"
    good = 0
    for link in links:
        if wrong := document_problem(link.paper, criterion, today):
            yield Blocker(
                link.paper.title, hint=wrong, code=criterion.code, url=f"{link.paper.get_absolute_url()}#send"
            )
        else:
            good += 1
    needed = criterion.evidence_minimum if criterion.is_scored else 0
    if good < needed and len(links) < needed:
        hint = f"{len(links)} of {needed} linked: {criterion.evidence}" if needed > 1 else capfirst(criterion.evidence)
        yield Blocker(criterion.title, hint=hint, code=criterion.code, url=url)
