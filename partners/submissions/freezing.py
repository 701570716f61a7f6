"""What a submission says at the moment it is sent, as data that can be hashed and read in ten years."""

from collections.abc import Iterator
from typing import Any

from partners.checklists.models import Criterion
from partners.programmes.questions import words_for
from partners.submissions.facts import typed_facts
from partners.submissions.models import Submission
from partners.submissions.switching import switched
from partners.vault.models import Document

SCHEMA = 1


def frozen_content(submission: Submission) -> dict[str, Any]:
    """Return everything that is sent: programme, organisation, people, answers, what they switch, evidence."""
    organisation = submission.organisation
    return {
        "schema": SCHEMA,
        "number": submission.number,
        "title": submission.title,
        "summary": submission.summary,
        "amount_requested_minor": submission.amount_requested_minor,
        "currency": submission.currency,
        "programme": submission.programme.as_record(),
        "checklist": {"name": submission.checklist.name, "number": submission.checklist.number},
        "questionnaire": {"name": submission.questionnaire.name, "number": submission.questionnaire.number},
        "organisation": organisation.as_record(),
        "people": [person.as_record() for person in organisation.people_now()],
        "prescreen": submission.prescreen,
        "conditions": switched(submission, typed_facts(submission)),
        "sections": _sections(submission),
        "evidence": _evidence(submission),
    }


def _sections(submission: Submission) -> list[dict[str, Any]]:
    pages: dict[int, dict[str, Any]] = {}
    for question in submission.questions:
        section = question.section
        page = pages.setdefault(section.position, {"position": section.position, "title": section.title, "answers": []})
        value = submission.value_of(question)
        page["answers"].append(
            {
                "key": question.key,
                "number": question.number,
                "label": question.label,
                "value": value,
                "words": words_for(question, value, submission.currency),
            }
        )
    return list(pages.values())


def _evidence(submission: Submission) -> list[dict[str, Any]]:
    return [
        {"criterion": criterion.code, "title": document.paper.title, **document.as_record()}
        for criterion, document in evidence_now(submission)
    ]


def evidence_now(submission: Submission) -> Iterator[tuple[Criterion, Document]]:
    """Yield the document that each linked paper counts with now, by criterion, and its accepted translation."""
    for link in submission.links:
        document = link.paper.current
        if document is None:
            continue
        yield link.criterion, document
        translation = document.current_translation
        if translation is not None:
            yield link.criterion, translation
