"""Starting a submission for a programme."""

from django.utils import timezone

from partners.organisations.models import Organisation
from partners.programmes.models import Programme
from partners.programmes.prescreening import Answers, prescreen
from partners.submissions.carrying import carried_over
from partners.submissions.models import EvidenceLink, Submission
from partners.submissions.numbering import take_number
from vetting_portal.models import User
from vetting_portal.workflow import Refused, action, ask, lock, record


@action
def start_submission(*, organisation: Organisation, programme: Programme, answers: Answers, by: User) -> Submission:
    """Start a draft, with the evidence that is still good. ``answers`` are those of the pre-screen, asked again here.

    Raises PermissionDenied; Refused where the call is closed, the pre-screen says no, or a draft is open already.
    """
    fresh = lock(organisation)
    ask(by, "partners.act_for_organisation", fresh)
    today = timezone.localdate()
    good = list(fresh.licences.good_on(today).for_any_submission().select_related("embargo"))
    reasons = [
        *programme.open_blockers(),
        *prescreen(answers, programme, today=today, covers=lambda embargo: any(one.opens(embargo) for one in good)),
    ]
    under_way = fresh.submissions.editable().filter(programme=programme).first()
    if under_way is not None:
        reasons.append(f"You have an application to this programme under way: {under_way.number}.")
    if reasons:
        raise Refused(reasons, subject=programme)
    now = timezone.now()
    submission = Submission.objects.create(
        number=take_number(timezone.localdate(now).year),
        organisation=fresh,
        programme=programme,
        checklist=programme.checklist,
        questionnaire=programme.questionnaire,
        currency=programme.currency,
        prescreen=answers.as_record(),
        created_at=now,
        created_by=by,
        waiting_since=now,
    )
    record("started", submission, by=by, facts={"programme": programme.slug, "number": submission.number})
    _carry_over(submission, by)
    return submission


def _carry_over(submission: Submission, by: User) -> None:
    """Link what is still good, so that no paper is asked for twice; the partner can take each back."""
    links = EvidenceLink.objects.bulk_create(
        EvidenceLink(
            submission=submission,
            criterion=carried.criterion,
            paper=carried.paper,
            linked_at=submission.created_at,
            linked_by=by,
            is_carried_over=True,
            carried_from=carried.source,
        )
        for carried in carried_over(submission, timezone.localdate())
    )
    if links:
        facts = {"links": [[link.criterion.code, link.paper_id] for link in links]}
        record("evidence_carried_over", submission, by=by, facts=facts)
