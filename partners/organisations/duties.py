"""What staff have to do about an organisation itself: holds to release, messages that were withheld."""

from django.db.models import Exists, OuterRef

from partners.organisations.acting import an_officer, either, from_outside, readers
from partners.organisations.models import HeldMessage, Hold, HoldRelease
from vetting_portal.duties import Actor, Case, DutyKind, Rows, leads_to
from vetting_portal.models import Role, User

ORGANISATIONS = "Organisations"


def organisation_by(path: str) -> Case:
    """Return the case of what belongs to an organisation, ``path`` being the relation that leads to it."""
    return Case(organisation=f"{path}_id", title=f"{path}__legal_name", country=f"{path}__country")


def _not_said(user: User, rows: Rows) -> Rows:
    """Cut to holds that ``user`` neither placed nor gave a word for: two others release them."""
    said = HoldRelease.objects.filter(hold=OuterRef("pk"), given_by=user)
    return rows.exclude(Exists(said)).exclude(placed_by=user)


def _releasing() -> Actor:
    mine = either(*(from_outside(role, "organisation", _not_said) for role in (Role.PROGRAMME_OFFICER, Role.DIRECTOR)))
    return Actor("two people, one of them a director", mine, readers)


def _withheld() -> Rows:
    """Return the first message that waits of each organisation that is not held any more."""
    waiting = HeldMessage.objects.waiting().order_by()
    earlier = waiting.filter(organisation=OuterRef("organisation"), pk__lt=OuterRef("pk"))
    held = Hold.objects.current().filter(organisation=OuterRef("organisation"))
    return waiting.exclude(Exists(earlier)).exclude(Exists(held))


DUTIES = (
    DutyKind(
        key="partners.release_hold",
        group=ORGANISATIONS,
        verb="Decide about a hold",
        why=lambda duty: duty.facts["note"].partition("\n")[0],
        button="Open the hold",
        url=leads_to("reviews:hold", "record"),
        waiting=Hold.objects.current,
        actor=_releasing(),
        case=organisation_by("organisation"),
        since="placed_at",
        aim=10,
        facts={"note": "note"},
        permission="partners.release_hold",
        asks="organisation",
    ),
    DutyKind(
        key="partners.withheld_messages",
        group=ORGANISATIONS,
        verb="Send or discard withheld messages",
        why="They were kept back while the organisation was held",
        button="Read messages",
        url=leads_to("reviews:organisation_screening", "organisation"),
        waiting=_withheld,
        actor=an_officer("organisation"),
        case=organisation_by("organisation"),
        since="held_at",
        aim=2,
        permission="partners.handle_held_messages",
        asks="organisation",
    ),
)
