"""What the partners of the portfolio do themselves: make an account, describe themselves, apply, send documents."""

from datetime import date, timedelta
from io import BytesIO

from allauth.account.models import EmailAddress
from django.utils import timezone

from grants.example.portfolio.cast import BORN, ROLES, Partner, answers_of, counted_for, documents
from partners.organisations.actions import add_person, create_organisation
from partners.programmes.models import Programme
from partners.programmes.prescreening import Answers
from partners.submissions.actions import (
    Opened,
    link_paper,
    name_referee,
    resubmit_submission,
    save_answers,
    start_submission,
    submit_submission,
)
from partners.submissions.models import Submission
from partners.vault.actions import Dates, add_paper
from vetting_portal.files import put
from vetting_portal.models import User
from vetting_portal.workflow import action, record

ISSUED_BEFORE = timedelta(days=40)
INCOME_MINOR = 8_420_000
GOES_ON = "Four groups of the villages go on by themselves; we lend them what they need."


@action
def make_owner(*, partner: Partner, password: str, by: User) -> User:
    """Make the account of a partner's owner; ``password`` is hashed already, the same for everybody of the example."""
    user = User.objects.create_user(partner.email, name=partner.leads[-1])
    user.password = password
    user.save(update_fields=["password"])
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    record("created", user, by=by)
    return user


def begin(partner: Partner, owner: User, programme: Programme) -> Submission:
    """Describe the organisation and its people, and start an application."""
    organisation = create_organisation(
        by=owner,
        legal_name=partner.name,
        country=partner.country,
        registration_number=f"EX-{partner.country}-{len(partner.name):04}",
        founded_on=date(2014, 5, 20),
        website=f"https://{partner.key}.example.org",
        address=f"12 Example Road, {partner.city}",
        yearly_income_minor=INCOME_MINOR,
        income_currency="USD",
    )
    for (role, title), name, born_on in zip(ROLES, partner.leads, BORN, strict=True):
        add_person(
            organisation=organisation,
            by=owner,
            name=name,
            role=role,
            title=title,
            nationality=partner.country,
            born_on=born_on,
        )
    answers = Answers(
        country=partner.country,
        region="",
        is_registered=True,
        founded_on=date(2014, 5, 20),
        yearly_income_minor=INCOME_MINOR,
        is_community_led=True,
        focus=partner.focus,
        is_religious_work=False,
        request_minor=partner.asks * 100,
        has_website=True,
    )
    return start_submission(organisation=organisation, programme=programme, answers=answers, by=owner)


def fill(submission: Submission, partner: Partner, owner: User, *, whole: bool = True) -> None:
    """Answer the questions; ``whole`` is False for somebody who stopped half-way."""
    told = list(answers_of(partner).items())
    values = dict(told if whole else told[: len(told) // 3])
    save_answers(submission=submission, values=values, opened=Opened(dict.fromkeys(values, 0)), by=owner)


def change_answers(submission: Submission, partner: Partner, owner: User) -> None:
    """Correct what the officer asked about: fewer people, and how the work goes on."""
    told = answers_of(partner)
    values = {"people": str(partner.reached // 2), "after": f"{told['after']} {GOES_ON}"}
    kept = submission.answers.filter(question__key__in=values).values_list("question__key", "version")
    fresh = Submission.objects.get(pk=submission.pk)
    save_answers(submission=fresh, values=values, opened=Opened(dict(kept)), by=owner)


def send_documents(submission: Submission, owner: User) -> None:
    """Send the documents, each linked to what it is evidence for, and name two referees."""
    criteria = {criterion.code: criterion for criterion in submission.criteria}
    issued = timezone.localdate() - ISSUED_BEFORE
    for number, document in enumerate(documents()):
        made = add_paper(
            organisation=submission.organisation,
            blob=put(BytesIO(document.content)),
            original_name=f"{document.key.replace('_', '-')}.pdf",
            kind=document.kind,
            title=document.title,
            dates=Dates(issued_on=issued - timedelta(days=number), language="en"),
            by=owner,
        )
        for criterion in counted_for(document, criteria):
            link_paper(submission=submission, criterion=criterion, paper=made.paper, by=owner)
    for name, relation in (
        ("Dr Sample", "Works beside us in the district."),
        ("Mr Example", "Gave us a grant before."),
    ):
        name_referee(
            submission=submission,
            by=owner,
            name=name,
            relation=relation,
            organisation="A district office (invented)",
            email=f"{name.split()[1].lower()}.{submission.pk}@referee.example.net",
            language="English",
        )


def send(submission: Submission, owner: User) -> Submission:
    """Submit the application."""
    return submit_submission(submission=Submission.objects.get(pk=submission.pk), by=owner)


def send_again(submission: Submission, owner: User) -> Submission:
    """Submit the application once more, after what was asked for is changed."""
    return resubmit_submission(submission=Submission.objects.get(pk=submission.pk), by=owner)
