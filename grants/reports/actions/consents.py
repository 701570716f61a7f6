"""Consents: put on record, withdrawn at once; and the end of what was shown on them."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from grants.agreements.models import Grant
from grants.reports.models import Consent, Showing
from grants.reports.models.consent import SAID
from partners.organisations.actions import tell_partner
from vetting_portal.clock import lies_ahead
from vetting_portal.mail import notify
from vetting_portal.models import User
from vetting_portal.tasks import background
from vetting_portal.workflow import Refused, action, ask, lock, record

NOT_YET = "Give the day on which it was given. That day has not come."
WITHDRAWN, LAPSED = "The consent was withdrawn.", "The consent has ended."
MAIL = "grants/reports/mail/withdrawn.txt"
BACKGROUND = "background"


@action
def record_consent(*, grant: Grant, words: Mapping[str, Any], by: User) -> Consent:
    """Put a consent on record, by somebody of the partner or the officer. It never changes after that.

    The same words sent again are the consent that is on record. Raises PermissionDenied; ValidationError where it lies
    in the future, lasts too long, has no evidence, names a survivor or is for a survivor's photograph.
    """
    ask(by, "grants.record_consent", grant)
    fresh = lock(grant)
    consent = Consent(grant=fresh, recorded_at=timezone.now(), recorded_by=by)
    for name in SAID:
        setattr(consent, name, words[name])
    if on_record := Consent.objects.same_as(consent).first():
        return on_record
    if lies_ahead(consent.given_on):
        raise ValidationError({"given_on": NOT_YET})
    if consent.role == Consent.Role.SURVIVOR and not consent.is_pseudonym:
        raise ValidationError({"is_pseudonym": "A survivor stands here under a pseudonym, never by name."})
    if consent.role == Consent.Role.SURVIVOR and consent.covers_photo:
        raise ValidationError({"covers_photo": "No photograph of a survivor is ever shown."})
    if wrong := consent.wording_errors():
        raise ValidationError(wrong)
    consent.full_clean()
    consent.save()
    facts = {"role": consent.role, "until": consent.until_on.isoformat(), "how": consent.how}
    record("consent_recorded", consent, by=by, facts=facts)
    return consent


@action
def withdraw_consent(*, consent: Consent, by: User, reason: str = "") -> list[Showing]:
    """Withdraw a consent, at once and without having to say why; return where its stories stood, with since and until.

    What stood on a public page is off it with this transaction. The other side is told. Raises PermissionDenied,
    Refused where it is withdrawn already.
    """
    ask(by, "grants.withdraw_consent", consent)
    fresh: Consent = lock(consent)
    if fresh.withdrawn_at is not None:
        raise Refused(["This consent was withdrawn already."], subject=fresh)
    now = timezone.now()
    fresh.withdrawn_at, fresh.withdrawn_by, fresh.withdrawal_reason = now, by, reason.strip()
    fresh.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawal_reason"])
    ended = _end_showings(fresh, now, WITHDRAWN, by)
    record("consent_withdrawn", fresh, by=by, note=reason.strip(), facts={"showings": _told(ended)})
    _tell(fresh, ended, by)
    return ended


def _end_showings(consent: Consent, until_at: datetime, reason: str, by: User) -> list[Showing]:
    """End what stands on public pages by a locked consent, and return it."""
    standing = Showing.objects.filter(story__consent=consent, until_at__isnull=True)
    ended: list[Showing] = lock(standing)
    for showing in ended:
        showing.until_at, showing.until_by, showing.until_reason = max(until_at, showing.since_at), by, reason
        showing.save(update_fields=["until_at", "until_by", "until_reason"])
    return ended


def _told(showings: list[Showing]) -> list[dict[str, Any]]:
    return [
        {
            "story": showing.story_id,
            "page": showing.page,
            "since": showing.since_at.isoformat(),
            "until": showing.until_at.isoformat() if showing.until_at else None,
        }
        for showing in showings
    ]


def _tell(consent: Consent, ended: list[Showing], by: User) -> None:
    """Tell the other side: the officer where the partner withdrew it, else the partner's owners."""
    submission = consent.grant.submission
    context = {"consent": consent, "grant": consent.grant, "ended": ended}
    subject = f"A consent was withdrawn: grant {consent.grant.number}"
    owners = [membership.user for membership in submission.organisation.owners().select_related("user")]
    if submission.organisation.memberships.filter(user=by, until_at__isnull=True).exists():
        if submission.officer is not None:
            notify(submission.officer, subject=subject, template=MAIL, context=context)
        return
    for owner in owners:
        tell_partner(
            organisation=submission.organisation, to=owner, subject=subject, template=MAIL, context=context, by=by
        )


def _end_of(day: date) -> datetime:
    """Return the instant at which a day has ended, by the funder's clock."""
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=timezone.get_current_timezone())


@action
def end_showings_of(*, consent: Consent, today: date, by: User) -> list[Showing]:
    """Write down the end of what was shown by a consent that has ended: the pages leave it out since that day."""
    fresh: Consent = lock(consent)
    if fresh.state_on(today) != "lapsed":
        return []
    ended = _end_showings(fresh, _end_of(fresh.until_on), LAPSED, by)
    if ended:
        record("consent_lapsed", fresh, by=by, facts={"showings": _told(ended)})
    return ended


@background()
def end_lapsed_showings() -> None:
    """Write down what is no longer shown because its consent has ended; safe to run twice."""
    today = timezone.localdate()
    standing = Showing.objects.filter(until_at__isnull=True, story__consent__until_on__lt=today)
    lapsed = Consent.objects.filter(pk__in=standing.order_by().values("story__consent"))
    for consent in lapsed.order_by("pk"):
        end_showings_of(consent=consent, today=today, by=User.objects.system(BACKGROUND))
