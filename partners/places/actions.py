"""The transactions of closed places: one begins, one ends. Nothing else changes in a row, and none goes away."""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone

from partners.places.closing import OUTSIDE
from partners.places.countries import is_country
from partners.places.models import Embargo
from vetting_portal.models import User
from vetting_portal.workflow import Refused, action, ask, lock, record


def _reason(reason: str) -> str:
    if not reason.strip():
        raise ValidationError({"reason": "Say why, and who checked it. An auditor reads this in ten years."})
    return reason.strip()


@action
def add_embargo(*, name: str, country: str, region: str, since_on: date, source: str, reason: str, by: User) -> Embargo:
    """Close a place from a day on. Raises PermissionDenied; ValidationError for bad fields or a closed place."""
    ask(by, "partners.change_embargoes")
    why = _reason(reason)
    if not is_country(country):
        raise ValidationError({"country": "Choose a country from the list."})
    if region == OUTSIDE:
        raise ValidationError({"region": "Choose another short name for the region."})
    if any(other.closes(country, region) for other in Embargo.objects.in_force(since_on) if other.region == region):
        raise ValidationError({"since_on": "This place is closed on that day already."})
    now = timezone.now()
    embargo = Embargo(
        name=name.strip(),
        country=country,
        region=region,
        since_on=since_on,
        source=source.strip(),
        checked_on=timezone.localdate(now),
        recorded_at=now,
        recorded_by=by,
        reason=why,
    )
    embargo.full_clean()
    embargo.save()
    facts = {"country": country, "region": region, "since_on": since_on.isoformat(), "source": embargo.source}
    record("place_closed", embargo, by=by, note=why, facts=facts)
    return embargo


@action
def end_embargo(*, embargo: Embargo, until_on: date, reason: str, by: User) -> Embargo:
    """Say which day is the last one. Raises PermissionDenied, Refused where it has its end, ValidationError."""
    ask(by, "partners.change_embargoes")
    why = _reason(reason)
    fresh = lock(embargo)
    if fresh.until_on is not None:
        raise Refused([f"The sanctions on {fresh.name} have their end already: {fresh.until_on:%-d %B %Y}."])
    if until_on < fresh.since_on:
        raise ValidationError({"until_on": "This day lies before the first one."})
    fresh.until_on, fresh.end_reason = until_on, why
    fresh.ended_at, fresh.ended_by = timezone.now(), by
    fresh.save()
    record("place_opened", fresh, by=by, note=why, facts={"until_on": until_on.isoformat()})
    return fresh
