"""What stands in the way of an amendment's next step, each reason said once."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from grants.agreements.lettering import faults
from grants.agreements.letters import letter_blockers
from grants.agreements.models import Agreement, Grant
from grants.agreements.readiness import free_ids, has_declared, not_free, paper_blockers
from grants.agreements.soundness import terms_problems
from grants.campaigns.models import Campaign
from grants.payments.schedules import schedule_blockers
from reviews.panels.signers import signer_blockers
from vetting_portal.models import Funder, User
from vetting_portal.money import format_amount
from vetting_portal.workflow import Blocker

OVER = "The match window is over already."


def freeze_blockers(amendment: Any) -> list[str]:
    """Return every reason why the changed terms cannot be frozen, all at once, each with the place in the form."""
    submission = amendment.submission
    form = reverse("grants:amendment_change", args=[amendment.number])
    reasons: list[str] = [*amendment.hold_blockers(), *_grant_blockers(amendment)]
    if not amendment.lines:
        reasons.append(Blocker("Nothing changes.", hint="Change a term, or withdraw the amendment.", url=form))
    for place, text, hint in _problems(amendment):
        reasons.append(Blocker(text, hint=hint, url=f"{form}#{place}"))
    reasons += [*_money_rules(amendment, form), *schedule_blockers(amendment.grant, amendment.content)]
    if not submission.organisation.owners().exists():
        reasons.append(Blocker("Nobody can countersign for the partner.", hint="Its account has no owner now."))
    funder = Funder.objects.current()
    reasons += letter_blockers(amendment.grant_as_amended(), funder, form=form)
    if wrong := faults(amendment.reason):
        reasons.append(Blocker("The amendment cannot print its reason.", hint=" ".join(wrong), url=f"{form}#id_reason"))
    reasons += signer_blockers(submission, funder.directors_needed(amendment.goal_minor, amendment.currency))
    return reasons + paper_blockers(submission)


def _problems(amendment: Any) -> Iterator[tuple[str, str, str]]:
    """Yield what does not add up in the terms as they are to stand; a window that is over may stay as it was."""
    shadow = amendment.grant_as_amended()
    held = amendment.grant.bound_minor
    same_window = shadow.window_ends_at == amendment.grant.window_ends_at
    for problem in terms_problems(shadow, held_minor=held, is_new=False):
        if not (same_window and problem[1] == OVER):
            yield problem


def _grant_blockers(amendment: Any) -> list[Blocker]:
    grant = amendment.grant
    if grant.state == Grant.State.IN_FORCE:
        return []
    return [
        Blocker(f"The grant is {grant.get_state_display().lower()}.", hint="Only a grant in force is amended.",
                url=grant.get_absolute_url())
    ]  # fmt: skip


def _money_rules(amendment: Any, form: str) -> Iterator[Blocker]:
    """Yield what R1 forbids: a lower cap, a shorter window, either of them once the match is frozen."""
    grant = amendment.grant
    window_ends_at = amendment.grant_as_amended().window_ends_at
    if amendment.cap_minor < grant.cap_minor:
        now = format_amount(grant.cap_minor, grant.currency)
        yield Blocker("A match cap is raised, never lowered.", hint=f"It is {now} now.", url=f"{form}#id_cap")
    if window_ends_at < grant.window_ends_at:
        hint = "Gifts were promised a match until its last day."
        yield Blocker("A match window is extended, never shortened.", hint=hint, url=f"{form}#id_window_ends_on")
    yield from _frozen_match(amendment)


def _frozen_match(amendment: Any) -> Iterator[Blocker]:
    grant = amendment.grant
    moves = amendment.cap_minor != grant.cap_minor or (
        amendment.grant_as_amended().window_ends_at != grant.window_ends_at
    )
    if moves and Campaign.objects.filter(grant=grant.pk, state=Campaign.State.CLOSED).exists():
        yield Blocker(
            "The campaign is closed: its match is frozen.", hint="Leave the match cap and the window as they are."
        )


def signing_blockers(amendment: Any, user: User, document: Agreement | None = None) -> list[str]:
    """Return why ``user`` cannot sign this amendment as director now: duties, a declaration, facts that changed. A page
    hands in the document that it has read already.
    """
    submission = amendment.submission
    agreement: Agreement | None = document or amendment.agreement
    free = free_ids(submission)
    reasons: list[str] = [*_grant_blockers(amendment)]
    if user.pk not in free:
        reasons += not_free(submission, user)
    if wrong := faults(user.name):
        reasons.append(Blocker("The amendment cannot print your name.", hint=" ".join(wrong)))
    if not has_declared(amendment.grant, user):
        url = reverse("grants:declare", args=[amendment.grant.number])
        reasons.append(Blocker("Declare first whether you have an interest in this partner.", url=url))
    if agreement is not None:
        signatures = list(agreement.signatures.all())
        if any(signature.user_id == user.pk for signature in signatures):
            reasons.append(Blocker("You have signed this amendment already."))
        signed = sum(signature.side == "director" for signature in signatures)
        needed = int(amendment.content["directors"]["needed"])
        if len(free) < needed:
            reasons += signer_blockers(submission, needed, signed)
    return [*reasons, *paper_blockers(submission), *_frozen_match(amendment), *_fund_blockers(amendment)]


def early_people_blockers(amendment: Any) -> list[str]:
    """Say on the page of an amendment that waits for directors that too few are left to sign."""
    if amendment.state != amendment.State.AWAITING_SIGNATURE:
        return []
    return signer_blockers(amendment.submission, int(amendment.content["directors"]["needed"]))


def _fund_blockers(amendment: Any) -> Iterator[Blocker]:
    free = amendment.fund.free_now()
    if amendment.more_minor > free:
        has, needs = (format_amount(minor, amendment.currency) for minor in (free, amendment.more_minor))
        hint = f"{amendment.fund} has {has} free; the cap rises by {needs}."
        yield Blocker("The match fund no longer covers the rise of the cap.", hint=hint)


def approve_blockers(amendment: Any) -> list[str]:
    """Return why the directors' part is not complete: signatures that are missing, or no reserve for a higher cap."""
    agreement = amendment.agreement
    signed = agreement.signatures.of_directors().count() if agreement else 0
    needed = int(amendment.content["directors"]["needed"])
    reasons: list[str] = [*amendment.hold_blockers(), *_grant_blockers(amendment)]
    if signed < needed:
        reasons.append(f"{signed} of {needed} directors have signed.")
    if amendment.more_minor > 0 and amendment.reserve_account_id is None:
        reasons.append("The rise of the match cap is not reserved yet.")
    return reasons


def enter_into_force_blockers(amendment: Any) -> list[str]:
    """Return what is missing before it is in force, or why its terms can no longer take their place."""
    agreement = amendment.agreement
    reasons: list[str] = []
    if agreement is None or not agreement.signatures.of_partner().exists():
        reasons.append("The partner has not countersigned yet.")
    if agreement is None or agreement.sealed_at is None:
        reasons.append("The amendment is not sealed yet.")
    return reasons + seal_blockers(amendment)


def draft_blockers(grant: Grant) -> list[Blocker]:
    """Return why no amendment of ``grant`` can be drafted now: it is not in force, or another one is open."""
    if grant.state != Grant.State.IN_FORCE or grant.terms_in_force is None:
        now = grant.get_state_display().lower()
        return [Blocker(f"The grant is {now}.", hint="Only a grant in force is amended.", url=grant.get_absolute_url())]
    standing = grant.amendments.filter(state__in=["draft", "awaiting_signature", "approved"]).first()
    if standing is None:
        return []
    hint = "One at a time: finish it or withdraw it first."
    return [Blocker(f"{standing} is open.", hint=hint, url=standing.get_absolute_url())]


def lapse_blockers(amendment: Any) -> list[str]:
    """Return why it cannot lapse: its partner is held, or both sides have signed and its terms can still take effect.
    A suspended grant, a payment that is released or a report that is being read only delays them.
    """
    agreement = amendment.agreement
    reasons: list[str] = list(amendment.hold_blockers())
    if agreement is not None and agreement.signatures.of_partner().exists() and not _lasting(amendment):
        hint = "It comes into force once it is sealed. After that, the grant can be amended again."
        reasons.append(Blocker("The partner has countersigned.", hint=hint))
    return reasons


def _lasting(amendment: Any) -> bool:
    """Whether the terms can never take effect: the grant is over, the match is frozen, other terms are in force, or
    what they change was paid or accepted.
    """
    grant = amendment.grant
    if grant.state not in {Grant.State.IN_FORCE, Grant.State.SUSPENDED} or _is_stale(amendment):
        return True
    passing = grant.tranches.filter(state="released").exists() or grant.reports.filter(state="submitted").exists()
    late = not passing and bool(schedule_blockers(grant, amendment.content))
    return late or any(_frozen_match(amendment))


def _is_stale(amendment: Any) -> bool:
    return amendment.base_id != getattr(amendment.grant.terms_in_force, "pk", None)


def seal_blockers(amendment: Any) -> list[str]:
    """Return why its terms can no longer take the place of those in force: then it is not sealed either."""
    reasons: list[str] = [*amendment.hold_blockers(), *_grant_blockers(amendment), *_frozen_match(amendment)]
    reasons += schedule_blockers(amendment.grant, amendment.content)
    if _is_stale(amendment):
        reasons.append(Blocker("Other terms are in force than those it amends.", hint="Let it lapse, and draft again."))
    return reasons
