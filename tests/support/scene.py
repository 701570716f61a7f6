"""One record of each kind that has a state, all about one grant, with everybody who could want to move it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db.models import Model
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from grants.campaigns.actions import plan_campaign
from grants.campaigns.simulation.stage import WORDS
from grants.models import (
    Amendment,
    BankDetails,
    BankLine,
    Campaign,
    Condition,
    Consent,
    Ending,
    Gift,
    GiftImport,
    Grant,
    HandGift,
    Report,
    StripeEvent,
    Tranche,
)
from grants.payments.actions import open_campaign, upload_statement
from partners.models import Document, Hold, Licence, Membership, Submission
from partners.previews.actions import keep_pages, settle_pages
from partners.previews.drawing import Drawn, DrawnPage
from reviews.models import CounselStep, PracticeAttempt, ReferenceRequest, Review, ScreeningHit, Visit
from reviews.practice.actions import start_practice
from tests.factories import endings
from tests.factories.amendments import amendment_in
from tests.factories.banking import entered
from tests.factories.campaigns import consented, give, report_of
from tests.factories.grants import grant_in, officer_of, owner_of
from tests.factories.intake import charge, gifts_file, imported, line, told, waiting_gift
from tests.factories.partners import LicenceFactory, MembershipFactory, OrganisationFactory
from tests.factories.portal import UserFactory
from tests.factories.reviews import hit_of, hold_on, visited
from tests.support.databases import restore_template
from vetting_portal.models import User

STAFF = {
    "director": "director",
    "finance": "finance_officer",
    "auditor": "auditor",
    "admin": "administrator",
}


BANK = b"date,amount,currency,reference,text\n2026-11-25,-100.00,USD,X-1,Bank fees\n"
PICTURE = b"stands for a picture"


def draw(document: Model) -> None:
    """Have one page of a document drawn: its bytes are no real PDF, so the picture is given."""
    drawn = Drawn(1, (DrawnPage(1, 794, 1123, 1, 1, PICTURE, PICTURE),))
    settle_pages(document=document, first=1, drawn=drawn, kept=keep_pages(drawn), by=User.objects.system("background"))


@dataclass(frozen=True)
class Scene:
    """The records by the name of their model, the people by what they are to them."""

    records: dict[str, Model]
    people: dict[str, User]


def set_scene() -> Scene:
    """Take one grant all the way to an open campaign with a gift, by the real actions."""
    grant = grant_in("in_force")
    submission: Submission = grant.submission
    owner, officer = owner_of(grant), officer_of(grant)
    amendment = amendment_in("approved", grant)
    hit = hit_of(submission.organisation)
    hold = hold_on(OrganisationFactory(), by=officer)
    campaign = plan_campaign(grant=grant, slug="campaign", words=WORDS, by=officer)
    campaign = open_campaign(campaign=campaign, by=officer)
    finance = UserFactory(roles=["finance_officer"])
    gift = give(campaign, "first", 10_000, by=finance, received_at=timezone.now())
    statement, _ = upload_statement(name="bank.csv", content=BANK, by=finance)
    review = Review.objects.filter(submission=submission).order_by("pk").first()
    records = {
        model.__name__: record
        for model, record in {
            Submission: submission,
            Document: Document.objects.filter(paper__organisation=submission.organisation).order_by("pk").first(),
            Review: review,
            PracticeAttempt: start_practice(by=review.reviewer),
            ScreeningHit: hit,
            Grant: Grant.objects.get(pk=grant.pk),
            Amendment: amendment,
            Ending: endings.asked(Grant.objects.get(pk=grant.pk)),
            Campaign: campaign,
            Gift: gift,
            Report: report_of(campaign),
            Tranche: campaign.grant.tranches.order_by("number").first(),
            BankLine: statement.lines.get(),
            Hold: hold,
            CounselStep: hold.steps.get(),
            Licence: LicenceFactory(organisation=submission.organisation),
            ReferenceRequest: submission.reference_requests.first(),
            Visit: visited(submission, by=officer),
            BankDetails: entered(submission),
            Consent: consented(grant, by=officer),
            Condition: grant.conditions.get(),
            GiftImport: imported(campaign, gifts_file(line("second", "25.50")), by=finance, is_stored=True),
            HandGift: waiting_gift(campaign, by=finance),
            StripeEvent: told(charge("ch_1")),
        }.items()
    }
    draw(records["Document"])
    return Scene(records, _people(submission, review, owner=owner, officer=officer))


def _people(submission: Submission, review: Review, **known: User) -> dict[str, User]:
    """Return everybody who could want to move what is on the scene."""
    people = {
        **known,
        "editor": MembershipFactory(organisation=submission.organisation, role=Membership.Role.EDITOR).user,
        "stranger": OrganisationFactory().created_by,
        "reviewer": review.reviewer,
        "other_reviewer": UserFactory(roles=["reviewer"]),
        **{name: UserFactory(roles=[role]) for name, role in STAFF.items()},
        "system": User.objects.system("background"),
    }
    return {name: User.objects.get(pk=user.pk) for name, user in people.items()}


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Scene]:
    """The scene, set once for a module of tests and taken away after it."""
    with django_db_blocker.unblock():
        yield set_scene()
        restore_template()
