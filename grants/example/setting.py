"""What must be there before a partner can apply: the funder, its staff, a programme, a match fund, a list."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.utils import timezone

from grants.example.people import ADMINISTRATOR, FINANCE, OFFICER, PASSWORD, STAFF, ExamplePerson
from grants.funds.actions import create_fund, top_up
from grants.funds.models import MatchFund
from partners.checklists.actions import install_default_checklist
from partners.programmes.actions import create_programme, install_default_questionnaire, publish_programme
from partners.programmes.models import Programme
from reviews.screening.actions import import_list
from reviews.screening.parsing import check_list
from vetting_portal.actions import create_funder, create_staff_user, set_languages
from vetting_portal.models import Funder, User
from vetting_portal.workflow import Refused, action, record

LIST = Path(__file__).parents[2] / "reviews" / "screening" / "data" / "example_list.csv"
FUND_HOLDS_MINOR = 12_000_000
CALL_LASTS = timedelta(days=90)
FUNDER_ZONE = "America/Los_Angeles"
FUNDER = {
    "name": "One Day’s Wages",
    "tax_number": "00-0000000",
    "address": "1 Example Avenue, Seattle, WA 98100, United States",
    "city": "Seattle",
    "country": "US",
    "contact_email": "grants@example.org",
    "governing_law": "the State of Washington, United States",
    "courts": "King County, Washington, United States",
    "time_zone": FUNDER_ZONE,
    "is_example": True,
}
FOCUS_AREAS = [
    {"key": "anti_trafficking", "label": "Ending trafficking, and care after it"},
    {"key": "education", "label": "Education"},
    {"key": "health", "label": "Health"},
    {"key": "water", "label": "Water and sanitation"},
    {"key": "livelihoods", "label": "Work and income"},
]
SOUTH_EAST_ASIA = ["KH", "LA", "MM", "PH", "TH", "VN", "MY", "ID"]


@dataclass(frozen=True)
class Setting:
    """The funder's side, ready for applications."""

    funder: Funder
    programme: Programme
    fund: MatchFund


def example_blockers() -> list[str]:
    """Say why the example cannot be loaded here: only into an empty database, never in production."""
    reasons = []
    if settings.PRODUCTION:
        reasons.append("PRODUCTION=1 refuses example data.")
    if Funder.objects.exists() or User.objects.filter(is_system=False).exists():
        reasons.append("The example is loaded into an empty database only, and this one has data.")
    return reasons


@action
def make_user(*, person: ExamplePerson, by: User) -> User:
    """Make one person of the example who acts for a partner, with a verified address."""
    user = User.objects.create_user(person.email, PASSWORD, name=person.name)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    record("created", user, by=by)
    return user


@action
def set_up_funder(*, by: User, open_for: timedelta = CALL_LASTS) -> Setting:
    """Make the funder's side; the call is open for ``open_for``. Raises Refused where the database is not empty."""
    if reasons := example_blockers():
        raise Refused(reasons)
    funder = create_funder(by=by, **FUNDER)
    for person in STAFF:
        user = create_staff_user(by=by, email=person.email, name=person.name, roles=[person.role], password=PASSWORD)
        TOTP.activate(user, str(person.totp_secret))
        if person.languages:
            set_languages(user=user, languages=person.languages, by=user)
    programme = _open_programme(User.objects.get(email=OFFICER.email), open_for)
    treasurer = User.objects.get(email=FINANCE.email)
    fund = create_fund(name="Anti-trafficking match fund", currency="USD", programmes=[programme], by=treasurer)
    top_up(fund=fund, amount_minor=FUND_HOLDS_MINOR, key="EX-1", by=treasurer, note="Example money")
    administrator = User.objects.get(email=ADMINISTRATOR.email)
    import_list(checked=check_list("opensanctions", LIST), published_on=_today(), by=administrator)
    return Setting(funder, programme, fund)


def _today() -> date:
    return timezone.localdate(timezone=ZoneInfo(FUNDER_ZONE))


def _open_programme(officer: User, open_for: timedelta) -> Programme:
    checklist = install_default_checklist(by=officer)
    questionnaire = install_default_questionnaire(checklist=checklist, by=officer)
    today = _today()
    programme = create_programme(
        by=officer,
        title="Locally led partners",
        slug="locally-led",
        summary="For organisations led where they work: against trafficking, for schools, health, water and work. "
        "Gifts of the public are matched dollar for dollar.",
        focus="One project of about a year. Half of the amount comes from gifts, half from our match.",
        focus_areas=FOCUS_AREAS,
        country_exceptions=[{"countries": SOUTH_EAST_ASIA, "focus": "anti_trafficking"}],
        opens_on=today,
        closes_on=today + open_for,
        time_zone=FUNDER_ZONE,
        currency="USD",
        min_request_minor=500_000,
        max_request_minor=3_000_000,
        checklist=checklist,
        questionnaire=questionnaire,
    )
    return publish_programme(programme=programme, by=officer)
