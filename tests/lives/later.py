"""The year after the walk: an amendment, conditions, arrivals, reports, the last payments, completion."""

from django.utils import timezone

from grants.example.people import DIRECTORS, FINANCE, OFFICER, OWNER, PASSWORD, ExamplePerson
from grants.example.setting import LIST
from grants.example.steps.campaign import words
from grants.example.steps.signing_in import mailed_code, sign_in
from grants.example.visitor import Visitor
from grants.example.walk import Walk
from grants.models import Amendment, Condition, MatchFund, Report, Tranche
from partners.models import Programme
from tests.lives.people import CAST
from vetting_portal.tasks import drain

TO_HUNDREDTHS, PER_UNIT = 100, 35
WHY = "The training is moved by a month, and the work ends a month later."


def _back(walk: Walk, person: ExamplePerson) -> Visitor:
    """Return somebody who is signed in; whoever was before a wait (``walk.visitors`` is emptied) signs in anew."""
    if person.email in walk.visitors or person.totp_secret:
        return sign_in(walk, person)
    visitor = walk.visitor(person.email, person.name)
    visitor.open("/accounts/login/")
    visitor.send(to="/accounts/login/", login=person.email, password=PASSWORD)
    return visitor


def _sign(visitor: Visitor, person: ExamplePerson, begin: str, sign: str) -> None:
    visitor.send(to=begin, method="email")
    visitor.send(to=sign, consent="on", code=mailed_code(person.email))
    drain()


def share_the_match(walk: Walk) -> None:
    """Finance makes a second match fund, and the programme officer has it give what the first leaves after 600.00"""
    finance, officer = _back(walk, FINANCE), _back(walk, OFFICER)
    finance.open("/funds/new/")
    programme = str(Programme.objects.get(submissions__number=walk.submission).pk)
    finance.send(to="/funds/new/", name="Second match fund", currency="USD", programmes=programme, purpose="")
    fund = str(MatchFund.objects.get(name="Second match fund").pk)
    finance.open(f"/funds/{fund}/top-up/")
    finance.send(to=f"/funds/{fund}/top-up/", amount="20,000.00", key="EXB-FUND-2")
    page = f"/grants/{walk.grant}/match-funds/"
    officer.open(page)
    officer.send(to=page, fund_2=fund, share_2="14,400.00")


def draft_an_amendment(walk: Walk) -> None:
    """The programme officer drafts an amendment of the grant in force, and sends it for signature"""
    officer = _back(walk, OFFICER)
    officer.open(f"/grants/{walk.grant}/amend/")
    officer.send(to=f"/grants/{walk.grant}/amend/", reason=WHY, term_ends_on="2028-03-31")
    page = Amendment.objects.get(grant__number=walk.grant).get_absolute_url()
    officer.open(page)
    officer.send(to=f"{page}freeze/")
    drain()


def directors_sign_it(walk: Walk) -> None:
    """Two directors sign the amendment"""
    page = Amendment.objects.get(grant__number=walk.grant).get_absolute_url()
    for person in DIRECTORS:
        director = _back(walk, person)
        director.open(page)
        _sign(director, person, f"{page}sign/begin/", f"{page}sign/")


def partner_signs_it(walk: Walk) -> None:
    """The partner signs the amendment, and it is sealed"""
    partner = _back(walk, OWNER)
    page = f"/partner/amendment/{Amendment.objects.get(grant__number=walk.grant).number}/"
    partner.open(page)
    _sign(partner, OWNER, f"{page}sign/begin/", f"{page}sign/")


def confirm_the_arrivals(walk: Walk) -> None:
    """The partner confirms every payment that was made"""
    partner = _back(walk, OWNER)
    for tranche in Tranche.objects.filter(grant__number=walk.grant, state="paid", arrivals__isnull=True):
        page = tranche.get_arrival_url()
        partner.open(f"{page}confirm/")
        partner.send(
            to=f"{page}confirm/", currency="THB", amount=str((tranche.amount_minor or 0) * PER_UNIT // TO_HUNDREDTHS),
            charges="0", arrived_on=timezone.localdate().isoformat(),
        )  # fmt: skip


def show_the_conditions(walk: Walk) -> None:
    """The partner shows what each condition asks for, and the programme officer accepts it"""
    partner, officer = _back(walk, OWNER), _back(walk, OFFICER)
    for condition in Condition.objects.filter(grant__number=walk.grant, state="open"):
        page = f"/conditions/{condition.pk}/"
        shows = partner if condition.asked_of == "partner" else officer
        shows.open(f"{page}evidence/")
        shows.send(to=f"{page}evidence/", text="The list of named workers is in the vault, and so are the accounts.")
        officer.open(f"{page}accept/")
        officer.send(to=f"{page}accept/", reason="Read: it shows what was asked for.")


def send_the_next_report(walk: Walk) -> None:
    """The partner sends its next report, for the programme officer to accept"""
    partner = _back(walk, OWNER)
    report = Report.objects.filter(grant__number=walk.grant, state="draft").order_by("number")[0]
    address = report.get_absolute_url()
    partner.open(address)
    why = {name: WHY for name in partner.names(to=address) if name.startswith("explanation")}
    partner.send(to=address, **words()["report"], **why, send="1")


def accept_the_report(walk: Walk) -> None:
    """The programme officer accepts the report"""
    officer = _back(walk, OFFICER)
    report = Report.objects.get(grant__number=walk.grant, state="submitted")
    officer.open(report.get_absolute_url())
    accept = f"{report.get_absolute_url()}accept/"
    officer.send(to=accept, **dict.fromkeys({"agrees"} & officer.names(to=accept), "on"))


def screen_again(walk: Walk) -> None:
    """The administrator brings the newest list, and the programme officer screens every name again"""
    administrator, officer = _back(walk, CAST["administrator"]), _back(walk, OFFICER)
    administrator.open("/screening/lists/import/")
    administrator.send(
        to="/screening/lists/import/", source="opensanctions", published_on=timezone.localdate().isoformat(),
        files={"listed": ("list.csv", LIST.read_bytes())},
    )  # fmt: skip
    drain()
    page = f"/screening/organisations/{Tranche.objects.filter(grant__number=walk.grant)[0].organisation.pk}/"
    officer.open(page)
    officer.send(to=f"{page}run/")


def pay_the_next_part(walk: Walk) -> None:
    """Finance releases the next payment, and the programme officer records that it is paid"""
    finance, officer = _back(walk, FINANCE), _back(walk, OFFICER)
    tranche = Tranche.objects.filter(grant__number=walk.grant, state="scheduled").order_by("number")[0]
    page = f"/payments/{tranche.pk}/"
    finance.open(f"{page}release/")
    finance.send(to=f"{page}release/")
    officer.open(f"{page}paid/")
    officer.send(
        to=f"{page}paid/", paid_on=timezone.localdate().isoformat(), bank_reference=f"EXB-{tranche.number}"
    )  # fmt: skip
    drain()


def complete_the_grant(walk: Walk) -> None:
    """The programme officer completes the grant, and the letter is sealed"""
    officer = _back(walk, OFFICER)
    officer.open(f"/grants/{walk.grant}/complete/")
    officer.send(to=f"/grants/{walk.grant}/complete/")
    drain()
