"""What changed since the last review, and since the partner's last grant; each side from its own record."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from grants.agreements.briefing.reading import Read
from grants.agreements.models import Grant
from partners.submissions.comparing import short
from reviews.panels.comparing import comparison_of
from reviews.panels.models import Recommendation
from vetting_portal.money import format_amount

MOST_NAMES = 4


def last_grant(read: Read) -> dict[str, Any] | None:
    """Return the last grant and what differs, one row a subject; None for the first grant."""
    last = read.last_grant
    if read.last is None or last is None:
        return None
    then, now = read.last.content, read.application
    return {
        "number": last.number,
        "url": last.get_absolute_url(),
        "state": last.get_state_display().lower(),
        "approved_on": _day(last.approved_at),
        "rows": [
            _row("Amount", _amount(last), _amount(read.grant)),
            *_judged(read.recommendations.get(read.last.submission_id), read.recommendation),
            _listed("People", _people(then), _people(now)),
            _listed("Papers", _papers(then), _papers(now)),
        ],
    }


def since_reviewed(read: Read) -> dict[str, Any] | None:
    """Return what changed in the application since the last version that was reviewed before, as a few lines; None
    where every review was of the newest.
    """
    older, submission = read.reviewed_before, read.grant.submission
    newest = next((one for one in read.versions if one.submission_id == submission.pk), None)
    if older is None or newest is None:
        return None
    pair = f"?from={older.number}&to={newest.number}"
    return {
        "from": older.number,
        "to": newest.number,
        "lines": short(comparison_of(submission, older, newest)),
        "url": reverse("reviews:compare", args=[submission.number]) + pair,
    }


def _day(at: datetime | None) -> str:
    return timezone.localdate(at).isoformat() if at else ""


def _row(what: str, then: str, now: str) -> dict[str, Any]:
    return {"what": what, "then": then, "now": now, "same": then == now}


def _amount(grant: Grant) -> str:
    cap = format_amount(grant.cap_minor, grant.currency)
    return f"{format_amount(grant.goal_minor, grant.currency)}, match at most {cap}"


def _judged(then: Recommendation | None, now: Recommendation | None) -> list[dict[str, Any]]:
    """Return the rows of score and gates; only gates whose words differ are named."""
    score_then, score_now = (
        f"{one.composite_text}, {one.get_outcome_display().lower()}" if one else "–" for one in (then, now)
    )
    old, new = (
        {gate["code"]: gate["text"] for gate in one.gates if gate["counts"]} if one else {} for one in (then, now)
    )
    # Of records only the state counts here: how many names were screened is no change of the partner.
    states_old, states_new = ({gate["code"]: gate["state"] for gate in one.gates} if one else {} for one in (then, now))

    def differs(code: str) -> bool:
        scored = "needs" in old.get(code, "") or "needs" in new.get(code, "")
        return old.get(code) != new.get(code) if scored else states_old.get(code) != states_new.get(code)

    codes = [code for code in {**old, **new} if differs(code)]
    before = "; ".join(f"{code} {old.get(code, '–')}" for code in codes)
    after = "; ".join(f"{code} {new.get(code, '–')}" for code in codes)
    return [_row("Score", score_then, score_now), _row("Gates", before or "the same", after or "the same")]


def _people(content: Mapping[str, Any]) -> dict[str, str]:
    return {str(one["id"]): str(one["name"]) for one in content.get("people", [])}


def _papers(content: Mapping[str, Any]) -> dict[str, str]:
    """Return each paper's version that was sent, by the paper: another version of it is another paper here."""
    return {f"{one['paper']}:{one['version']}": str(one["title"]) for one in content.get("evidence", [])}


def _listed(what: str, then: Mapping[str, str], now: Mapping[str, str]) -> dict[str, Any]:
    """Return a row of how many there were and are, and which came and went."""
    came = [name for key, name in now.items() if key not in then]
    went = [name for key, name in then.items() if key not in now]
    parts = [f"{len(now)}", *(f"{word}: {_names(names)}" for word, names in (("new", came), ("gone", went)) if names)]
    return {"what": what, "then": f"{len(then)}", "now": "; ".join(parts), "same": not came and not went}


def _names(names: list[str]) -> str:
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
