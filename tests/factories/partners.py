"""Factories of partners' records; the states of a submission are reached by its real actions."""

from datetime import date, timedelta
from itertools import count
from typing import Any

import factory
from django.db import transaction
from django.utils import timezone
from factory.django import DjangoModelFactory

from partners.checklists.actions import install_default_checklist
from partners.models import (
    Answer,
    ChecklistVersion,
    Document,
    Embargo,
    EvidenceLink,
    Invitation,
    Licence,
    Membership,
    Organisation,
    Paper,
    Person,
    Programme,
    Question,
    Questionnaire,
    Referee,
    Submission,
)
from partners.programmes.actions import install_default_questionnaire
from partners.programmes.prescreening import Answers
from partners.submissions import actions
from partners.submissions.numbering import take_number
from tests.factories.portal import UserFactory
from vetting_portal.files import put
from vetting_portal.models import StoredFile, User

_unique = count(1)
FOCUS_AREAS = [
    {"key": "anti_trafficking", "label": "Care for survivors of trafficking"},
    {"key": "education", "label": "Education"},
]
SOUTH_EAST_ASIA = ["BN", "ID", "KH", "LA", "MM", "MY", "PH", "SG", "TH", "TL", "VN"]
EXCEPTIONS = [{"countries": SOUTH_EAST_ASIA, "focus": "anti_trafficking", "reason": "Trafficking crosses borders."}]
WORDS = "We listen to the people of the place and do what they ask for first"
LATER_STATES = ["submitted", "in_review", "assessed", "recommended", "approved"]


def loader() -> User:
    """Return the system user that stands for loaders."""
    return User.objects.system("loader")


def default_checklist() -> ChecklistVersion:
    """Return the published default checklist."""
    return install_default_checklist(by=loader())


def default_questionnaire() -> Questionnaire:
    """Return the published default questions."""
    return install_default_questionnaire(checklist=default_checklist(), by=loader())


class ProgrammeFactory(DjangoModelFactory[Programme]):
    """A published, open call with the default checklist and questions; ``published_at=None`` for a draft."""

    class Meta:
        model = Programme

    title = factory.Sequence(lambda n: f"Programme {n}")
    slug = factory.Sequence(lambda n: f"programme-{n}")
    summary = "For organisations that their own community leads."
    focus_areas = FOCUS_AREAS
    country_exceptions = EXCEPTIONS
    opens_on = factory.LazyFunction(lambda: timezone.localdate() - timedelta(days=10))
    closes_on = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=30))
    min_request_minor = 500_000
    max_request_minor = 3_000_000
    checklist = factory.LazyFunction(default_checklist)
    questionnaire = factory.LazyFunction(default_questionnaire)
    created_at = factory.LazyFunction(timezone.now)
    created_by = factory.LazyFunction(loader)
    published_at = factory.LazyFunction(timezone.now)
    published_by = factory.LazyAttribute(lambda o: o.created_by if o.published_at else None)


class OrganisationFactory(DjangoModelFactory[Organisation]):
    """An organisation with everything said; ``owner=`` names its owner, ``people=False`` leaves it without people."""

    class Meta:
        model = Organisation
        skip_postgeneration_save = True

    legal_name = factory.Sequence(lambda n: f"Organisation {n}")
    country = "TH"
    registration_number = factory.Sequence(lambda n: f"REG-{n}")
    founded_on = date(2010, 1, 1)
    website = "https://example.org"
    address = "1 Example Road, Chiang Mai"
    yearly_income_minor = 20_000_000
    created_at = factory.LazyFunction(timezone.now)
    created_by = factory.SubFactory(UserFactory)

    @factory.post_generation
    def owner(self: Any, create: bool, extracted: User | None, **_: Any) -> None:  # noqa: FBT001 the library's signature
        """Make somebody the owner: the one who is named, or who made it."""
        if create:
            MembershipFactory(organisation=self, user=extracted or self.created_by, role=Membership.Role.OWNER)

    @factory.post_generation
    def people(self: Any, create: bool, extracted: bool | None, **_: Any) -> None:  # noqa: FBT001
        """Name a board of three and a signatory."""
        if create and extracted is not False:
            PersonFactory.create_batch(3, organisation=self, role=Person.Role.BOARD)
            PersonFactory(organisation=self, role=Person.Role.SIGNATORY)


class MembershipFactory(DjangoModelFactory[Membership]):
    """A membership that holds; ``ended=True`` for one of the past."""

    class Meta:
        model = Membership

    class Params:
        ended = factory.Trait(
            until_at=factory.LazyFunction(timezone.now), ended_by=factory.SelfAttribute("organisation.created_by")
        )

    organisation = factory.SubFactory(OrganisationFactory)
    user = factory.SubFactory(UserFactory)
    role = Membership.Role.EDITOR
    since_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=1))


class InvitationFactory(DjangoModelFactory[Invitation]):
    """An open invitation; its token is not known to anybody."""

    class Meta:
        model = Invitation

    organisation = factory.SubFactory(OrganisationFactory)
    email = factory.Sequence(lambda n: f"invited{n}@example.org")
    role = Membership.Role.EDITOR
    token_sha256 = factory.Sequence(lambda n: f"{n:064x}")
    invited_at = factory.LazyFunction(timezone.now)
    invited_by = factory.SelfAttribute("organisation.created_by")
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=7))


class PersonFactory(DjangoModelFactory[Person]):
    """Somebody who leads an organisation."""

    class Meta:
        model = Person

    organisation = factory.SubFactory(OrganisationFactory, people=False)
    name = factory.Sequence(lambda n: f"Leader {n}")
    role = Person.Role.BOARD
    added_at = factory.LazyFunction(timezone.now)
    added_by = factory.SelfAttribute("organisation.created_by")


class PaperFactory(DjangoModelFactory[Paper]):
    """A paper without a version."""

    class Meta:
        model = Paper

    organisation = factory.SubFactory(OrganisationFactory)
    title = factory.Sequence(lambda n: f"Paper {n}")
    kind = "other"
    created_at = factory.LazyFunction(timezone.now)
    created_by = factory.SelfAttribute("organisation.created_by")


def stored_bytes(content: bytes | None = None, media_type: str = "application/pdf") -> StoredFile:
    """Put bytes, new ones unless given, into the storage; they are not a real PDF."""
    return StoredFile.objects.record(put(content or b"bytes %d" % next(_unique)), media_type=media_type)


class DocumentFactory(DjangoModelFactory[Document]):
    """A version of a paper, quarantined; traits ``accepted``, ``rejected``, ``superseded``."""

    class Meta:
        model = Document

    class Params:
        accepted = factory.Trait(
            state=Document.State.ACCEPTED,
            checked_at=factory.LazyFunction(timezone.now),
            accepted_at=factory.LazyFunction(timezone.now),
            accepted_by=factory.LazyFunction(loader),
        )
        rejected = factory.Trait(
            state=Document.State.REJECTED,
            rejected_at=factory.LazyFunction(timezone.now),
            rejected_by=factory.LazyFunction(loader),
            rejection_reason="The certificate ended.",
        )
        superseded = factory.Trait(
            state=Document.State.SUPERSEDED,
            superseded_at=factory.LazyFunction(timezone.now),
            superseded_by=factory.LazyFunction(loader),
        )

    paper = factory.SubFactory(PaperFactory)
    number = factory.LazyAttribute(lambda o: o.paper.documents.count() + 1)
    file = factory.LazyFunction(stored_bytes)
    original_name = "paper.pdf"
    media_type = "application/pdf"
    size = factory.LazyAttribute(lambda o: o.file.size)
    uploaded_at = factory.LazyFunction(timezone.now)
    uploaded_by = factory.SelfAttribute("paper.created_by")


def answers(**changes: Any) -> Answers:
    """Return answers that pass the pre-screen of a programme of the factory."""
    fields: dict[str, Any] = {
        "country": "TH",
        "region": "",
        "is_registered": True,
        "founded_on": date(2010, 1, 1),
        "yearly_income_minor": 20_000_000,
        "is_community_led": True,
        "focus": "anti_trafficking",
        "is_religious_work": False,
        "request_minor": 3_000_000,
        "has_website": True,
    }
    return Answers(**{**fields, **changes})


def next_number() -> str:
    """Take the next number of this year, in a transaction as the action does."""
    with transaction.atomic():
        return take_number(timezone.localdate().year)


class SubmissionFactory(DjangoModelFactory[Submission]):
    """A draft without answers; ``filled=True`` makes it ready to be sent."""

    class Meta:
        model = Submission
        skip_postgeneration_save = True

    organisation = factory.SubFactory(OrganisationFactory)
    programme = factory.SubFactory(ProgrammeFactory)
    number = factory.LazyFunction(next_number)
    checklist = factory.SelfAttribute("programme.checklist")
    questionnaire = factory.SelfAttribute("programme.questionnaire")
    currency = "USD"
    prescreen = factory.LazyFunction(lambda: answers().as_record())
    created_at = factory.LazyFunction(timezone.now)
    created_by = factory.SelfAttribute("organisation.created_by")
    waiting_since = factory.LazyFunction(timezone.now)

    @factory.post_generation
    def filled(self: Any, create: bool, extracted: bool | None, **values: Any) -> None:  # noqa: FBT001
        """Answer every question and link evidence to every criterion; ``filled__<key>=`` sets one answer."""
        if create and (extracted or values):
            fill(self, **values)


class LicenceFactory(DjangoModelFactory[Licence]):
    """A general licence for Cuba, good from today for thirty days, for all of an organisation."""

    class Meta:
        model = Licence

    organisation = factory.SubFactory(OrganisationFactory)
    embargo = factory.LazyFunction(lambda: Embargo.objects.get(country="CU"))
    kind = Licence.Kind.GENERAL
    number = factory.Sequence(lambda n: f"GL {n}")
    authority = "OFAC"
    scope = "Humanitarian projects, as the licence names them."
    granted_on = factory.LazyFunction(timezone.localdate)
    valid_until_on = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=30))
    recorded_at = factory.LazyFunction(timezone.now)
    recorded_by = factory.SelfAttribute("organisation.created_by")


def typed(question: Question) -> Any:
    """Return a good answer to a question."""
    if question.kind in {"text", "long_text"}:
        wanted = max(question.min_words or 0, 3)
        return " ".join((WORDS.split() * 20)[:wanted])
    simple = {"number": "12", "yes_no": "yes", "money": "30,000", "url": "https://example.org", "date": "2026-01-31"}
    if question.kind in simple:
        return simple[question.kind]
    return question.options[0]["value"]


def referee_of(submission: Submission, number: int, **fields: Any) -> Referee:
    """Return an unsaved referee from outside."""
    given = {
        "name": f"Referee {number}",
        "relation": "A past funder.",
        "organisation": f"Foundation {number}",
        "email": f"referee{number}@foundation.example.net",
        "language": "English",
        "named_at": timezone.now(),
        "named_by": submission.created_by,
    }
    return Referee(submission=submission, **{**given, **fields})


def fill(submission: Submission, **values: Any) -> None:
    """Answer every question and link accepted evidence to every scored criterion."""
    now = timezone.now()
    answered = {question.key: values.get(question.key, typed(question)) for question in submission.questions}
    Answer.objects.bulk_create(
        Answer(
            submission=submission,
            question=question,
            value=answered[question.key],
            saved_at=now,
            saved_by=submission.created_by,
        )
        for question in submission.questions
    )
    submission.title, submission.summary = answered["title"], answered["summary"]
    submission.amount_requested_minor = int(str(answered["amount"]).replace(",", "")) * 100
    submission.save()
    submission.__dict__.pop("answers_by_question", None)
    for criterion in submission.criteria:
        for number in range(criterion.evidence_minimum if criterion.is_scored else 0):
            title = f"Evidence {number + 1} for {criterion.code}"
            paper = PaperFactory(organisation=submission.organisation, title=title, created_by=submission.created_by)
            DocumentFactory(paper=paper, accepted=True, issued_on=timezone.localdate() - timedelta(days=20))
            EvidenceLink.objects.create(
                submission=submission,
                criterion=criterion,
                paper=paper,
                linked_at=now,
                linked_by=submission.created_by,
            )
    submission.__dict__.pop("links", None)
    Referee.objects.bulk_create(referee_of(submission, number) for number in (1, 2))


def submission_in(
    state: str, *, officer: User | None = None, director: User | None = None, **fields: Any
) -> Submission:
    """Return a submission in ``state``, reached by the real actions."""
    submission = SubmissionFactory(**{"filled": True, **fields})
    owner = submission.organisation.owners().first().user
    if state == "draft":
        return submission
    if state == "withdrawn":
        return actions.withdraw_submission(submission=submission, by=owner)
    officer = officer or UserFactory(roles=["programme_officer"])
    submission = actions.submit_submission(submission=submission, by=owner)
    if state == "changes_requested":
        return actions.request_changes(submission=submission, reason="One thing is unclear.", items=["C5"], by=officer)
    if state == "declined":
        return actions.decline_submission(submission=submission, reason="It does not fit.", by=officer)
    steps = LATER_STATES[1 : LATER_STATES.index(state) + 1]
    moves = {
        "in_review": actions.start_review,
        "assessed": actions.assess_submission,
        "recommended": actions.recommend_submission,
    }
    for step in steps:
        if step == "approved":
            signer = director or UserFactory(roles=["director"])
            submission = actions.approve_submission(submission=submission, by=signer)
        else:
            submission = moves[step](submission=submission, by=officer)
    return submission
