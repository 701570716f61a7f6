"""The tabs of an application's page: each is a link to an address of its own, in one order everywhere."""

from dataclasses import dataclass

from django.db.models import OuterRef, Subquery
from django.urls import reverse

from grants.agreements.models import Grant
from partners.submissions.models import EvidenceLink, Submission
from partners.vault.models import Document
from reviews.panels.models import Review
from reviews.screening.models import ScreeningHit
from vetting_portal.models import User

OVERVIEW, APPLICATION, DOCUMENTS, SCREENING, DILIGENCE, REVIEWS, GRANT = (
    "overview", "application", "documents", "screening", "due-diligence", "reviews", "grant",
)  # fmt: skip


@dataclass(frozen=True)
class Tab:
    """One tab: a count where there is something to count, ``is_hot`` where something waits."""

    key: str
    label: str
    url: str
    count: str = ""
    is_hot: bool = False


def tabs(submission: Submission, user: User, *, met: str | None = None) -> list[Tab]:
    """Return the seven tabs; six for who does not read grants. The pages of the case itself say how many minimum
    requirements are met (``3 of 14``, or an empty text): they count documents, potential matches and reviews too.
    Elsewhere nothing is asked or counted.
    """

    def case(name: str) -> str:
        return reverse(f"grants:{name}", args=[submission.number])

    documents, waiting, to_decide, reviews = ("", False, "", "") if met is None else _counts(submission)
    found = [
        Tab(OVERVIEW, "Overview", case("case")),
        Tab(APPLICATION, "Application", submission.get_absolute_url()),
        Tab(DOCUMENTS, "Documents", case("case_documents"), documents, waiting),
        Tab(SCREENING, "Screening", case("case_screening"), to_decide, is_hot=True),
        Tab(DILIGENCE, "Due diligence", case("case_diligence"), met or ""),
        Tab(REVIEWS, "Reviews", reverse("reviews:work", args=[submission.pk]), reviews),
        Tab(GRANT, "Grant", case("case_grant")),
    ]
    return found if user.has_perm("grants.list_grants") else found[:-1]


def _counts(submission: Submission) -> tuple[str, bool, str, str]:
    """Return the counts of documents (and whether one waits), potential matches to decide, and reviews."""
    newest = Document.objects.filter(paper=OuterRef("paper")).order_by("-number").values("state")[:1]
    links = EvidenceLink.objects.filter(submission=submission).order_by()
    documents = dict(links.annotate(newest=Subquery(newest)).values_list("paper", "newest").distinct())
    waiting = {Document.State.QUARANTINED, Document.State.REJECTED} & set(documents.values())
    hits = ScreeningHit.objects.of_organisation(submission.organisation).with_current_entry()
    to_decide = sum(hit.is_open for hit in hits)
    reviews = list(Review.objects.active().filter(submission=submission).values_list("state", flat=True))
    done = sum(state == Review.State.SUBMITTED for state in reviews)
    in_words = f"{done} of {len(reviews)}" if reviews else ""
    return str(len(documents) or ""), bool(waiting), str(to_decide or ""), in_words


def grant_of(submission: Submission) -> Grant | None:
    """Return the newest grant of an application, if there is one."""
    return Grant.objects.filter(submission=submission).order_by("-pk").first()


def grant_url(submission: Submission) -> str:
    """Return the page of the grant, or the one that says what it still needs."""
    grant = grant_of(submission)
    return grant.get_absolute_url() if grant else reverse("grants:case_grant", args=[submission.number])
