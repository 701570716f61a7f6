"""Every address of the portal by its name, with the arguments that lead to the records of the scene."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from partners.models import Embargo, Invitation, Question
from tests.support.scene import Scene

UNKNOWN = "0" * 64
NOBODY = 10**9
NO_TASK = UUID(int=0)


def patterns(resolver: URLResolver | None = None, route: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    """Yield the name and the route of every address, library ones included."""
    for entry in (resolver or get_resolver()).url_patterns:
        here = route + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, here, f"{space}{entry.namespace}:" if entry.namespace else space)
        elif isinstance(entry, URLPattern):
            yield f"{space}{entry.name}", here


def _of_the_portal(scene: Scene) -> dict[str, object]:
    return {
        "staff/join/": UNKNOWN,
        "staff/programmes/": "",
        "staff/places/": Embargo.objects.get(country="CU").pk,
        "staff/": scene.people["other_reviewer"].pk,
        "erasure/": "account",
        "background/": NO_TASK,
    }


def _first(scene: Scene) -> dict[str, object]:
    """Return what each first argument leads to, by the beginning of the route."""
    records = scene.records
    submission, grant = records["Submission"], records["Grant"]
    return {
        "accounts/2fa/webauthn/": NOBODY,
        "accounts/": "1-a",
        **_of_the_portal(scene),
        "checklist/": submission.checklist_id,
        "programmes/": submission.programme.slug,
        "organisations/": submission.organisation_id,
        "invitation/": UNKNOWN,
        "papers/": records["Document"].paper_id,
        "documents/": records["Document"].pk,
        "verifications/": NOBODY,
        "applications/": submission.number,
        "cases/": submission.number,
        "mentions/": NOBODY,
        "screening/organisations/": submission.organisation_id,
        **_of_holds(records),
        "rounds/": submission.programme.slug,
        "reviews/practice/": records["PracticeAttempt"].pk,
        "reviews/": records["Review"].pk,
        "submissions/": submission.pk,
        "references/": records["ReferenceRequest"].pk,
        "reference/": UNKNOWN,
        "visits/": records["Visit"].pk,
        "bank/": records["BankDetails"].pk,
        "funds/pledges/": NOBODY,
        "funds/": grant.fund_id,
        "wordings/": "2026-1",
        "grants/absences/": NOBODY,
        "grants/draft/": submission.number,
        "grants/amendments/": records["Amendment"].number,
        "grants/endings/": records["Ending"].number,
        "grants/": grant.number,
        "partner/agreement/": grant.number,
        "partner/amendment/": records["Amendment"].number,
        "verify/": UNKNOWN,
        **_of_money(records),
        "campaign/": records["Campaign"].slug,
        "receipt/": UNKNOWN,
        "reports/": records["Report"].pk,
        "exports/": "gifts",
        "consents/": records["Consent"].pk,
    }


def _of_holds(records: dict[str, Any]) -> dict[str, object]:
    return {
        "holds/papers/": records["CounselStep"].pk,
        "holds/": records["Hold"].pk,
        "licences/": records["Licence"].pk,
        "screening/hits/": records["ScreeningHit"].pk,
    }


def _of_money(records: dict[str, Any]) -> dict[str, object]:
    """Return what the addresses of gifts, payments and bank statements lead to."""
    return {
        "gifts/": records["Gift"].pk,
        "payments/": records["Tranche"].pk,
        "conditions/": records["Condition"].pk,
        "finance/files/": NOBODY,
        "finance/statements/": records["BankLine"].statement_id,
        "finance/lines/": records["BankLine"].pk,
        "imports/": records["GiftImport"].pk,
        "hand-gifts/": records["HandGift"].pk,
        "stripe-events/": records["StripeEvent"].pk,
        "donors/": records["Gift"].donor_id,
    }


def _second(scene: Scene) -> dict[str, object]:
    """Return what the arguments behind the first lead to, by their name."""
    submission = scene.records["Submission"]
    organisation = submission.organisation
    invitation = Invitation.objects.filter(organisation=organisation).first()
    return {
        "pk": scene.people["other_reviewer"].pk,
        "role": "reviewer",
        "key": Question.objects.filter(section__questionnaire=submission.questionnaire).first().key,
        "code": "C1",
        "criterion": submission.checklist.criteria.first().pk,
        "position": 1,
        "version": 1,
        "person": organisation.people.first().pk,
        "member": organisation.memberships.get(user=scene.people["editor"]).pk,
        "invitation": invitation.pk if invitation else NOBODY,
        "link": submission.evidence_links.first().pk,
        "citation": NOBODY,
        "kind": "report",
        "year": 1999,
        "number": 1,
        "size": "small",
        "referee": submission.referees.first().pk,
        "uidb36": "1",
        "passage": NOBODY,
        "part": NOBODY,
        "grant": scene.records["Grant"].number,
    }


def address(name: str, route: str, scene: Scene) -> str:
    """Return the address of ``name`` for the records of the scene."""
    names = list(get_resolver_names(route))
    if not names:
        return reverse(name)
    first = next(value for start, value in _first(scene).items() if route.startswith(start))
    rest = _second(scene)
    given = {names[0]: first, **{other: rest[other] for other in names[1:]}}
    if name == "account_reset_password_from_key":
        given = {"uidb36": "1", "key": "a-b"}
    return reverse(name, kwargs=given)


def get_resolver_names(route: str) -> Iterator[str]:
    """Yield the names of a route's arguments, in order."""
    for part in route.replace("(?P<", "<").split("<")[1:]:
        yield part.partition(">")[0].rpartition(":")[2]
