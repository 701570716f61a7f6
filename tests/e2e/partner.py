"""What a partner does, by the words on its pages."""

import re
from typing import Any

from grants.example.loader import story
from grants.example.papers import ExamplePaper
from grants.example.people import PASSWORD, ExamplePerson
from partners.models import Criterion, Question
from partners.vault.kinds import BY_KEY
from tests.e2e.hands import Hand, mailed_code, work
from vetting_portal.money import plain

PROGRAMME = "Locally led partners"
YES_NO = {
    "Are you a registered non-profit?": "Yes",
    "Are you led by the community that you serve?": "Yes",
    "Is it the religious work of a church, such as worship or mission?": "No",
    "Do you have a working website or a page on social media?": "Yes",
}


def check_the_call(hand: Hand) -> None:
    """Find the call from the front page, and see whether the work fits."""
    told = story("lift")["prescreen"]
    hand.visit()
    hand.follow("Apply for a grant")
    hand.follow(PROGRAMME)
    hand.shows("programme")
    hand.follow("Check in two minutes")
    hand.pick("In which country do you work?", "Thailand")
    hand.type("When were you founded?", told["founded_on"])
    hand.type("How large is your yearly budget?", told["yearly_income"])
    hand.pick("What is your work about?", "Ending trafficking, and care after it")
    hand.type("How much do you want to ask for?", told["request"])
    for question, answer in YES_NO.items():
        hand.choose(question, answer)
    hand.press("Check")
    hand.sees("Your work fits.")
    hand.shows("prescreen")


def make_an_account(hand: Hand, person: ExamplePerson) -> None:
    """Begin the application, and make the account that it needs."""
    hand.follow("Start the application")
    hand.follow("Make an account for your organisation")
    hand.type("Your name", person.name)
    hand.type("E-mail address", person.email)
    hand.type("Password", PASSWORD)
    hand.shows("sign-up")
    hand.press("Make my account")
    hand.type("The code", mailed_code(person.email))
    hand.shows("sign-up-code")
    hand.press("Go on")


def name_the_organisation(hand: Hand) -> None:
    """Say who the organisation is, then start: the answers of the first check are still there."""
    told = story("lift")["organisation"]
    hand.reads("Your organisation")
    hand.type("Legal name", told["legal_name"])
    hand.type("Name in your own script", told["local_name"])
    hand.pick("Country of registration", "Thailand")
    hand.type("Registration number", told["registration_number"])
    hand.type("Founded on", told["founded_on"])
    hand.type("Website or page on social media", told["website"])
    hand.type("Address", told["address"])
    hand.type("Yearly income", plain(told["yearly_income_minor"], "USD"))
    hand.shows("organisation-new")
    hand.press("Save")
    hand.reads("Start your application")
    hand.shows("start")
    hand.press("Start")


def name_the_people(hand: Hand, people: list[dict[str, Any]]) -> None:
    """Add who leads the organisation, one after the other."""
    roles = {"board": "Board", "senior_staff": "Senior staff", "signatory": "Signatory"}
    countries = {"TH": "Thailand", "IE": "Ireland", "DE": "Germany"}
    hand.follow("Add a person")
    for number, person in enumerate(people, start=1):
        hand.type("Full name", person["name"])
        hand.type("Name in your own script", person.get("local_name", ""))
        hand.choose("In which capacity?", roles[person["role"]])
        hand.type("Title", person["title"])
        hand.type("Born on", person["born_on"])
        hand.pick("Nationality", countries[person["nationality"]])
        hand.press("Save" if number == len(people) else "Save and add another")
    hand.shows("organisation")


def answer(hand: Hand, question: Question, value: str) -> None:
    """Answer one question of an application."""
    if question.kind == "yes_no":
        hand.choose(question.label, value.capitalize())
    elif question.kind == "choice":
        said = next(option["label"] for option in question.options if option["value"] == value)
        hand.choose(question.label, said)
    else:
        hand.type(question.label, value)


def answer_the_questions(hand: Hand) -> None:
    """Answer section by section, from the first one."""
    told = story("lift")["answers"]
    sections: dict[str, list[Question]] = {}
    for question in Question.objects.select_related("section").order_by("section__position", "position"):
        sections.setdefault(question.section.title, []).append(question)
    for title, questions in sections.items():
        hand.reads(title)
        for question in questions:
            if question.key in told:
                answer(hand, question, told[question.key])
        hand.shows(f"section-{questions[0].section.position}")
        hand.press("Save and go on")


def ask_too_early(hand: Hand) -> None:
    """Ask to send without a paper: the page says what is missing, and each line leads there."""
    hand.follow("Go on to sending")
    hand.reads(re.compile(r"^Not yet: \w+ things are missing$"))
    hand.shows("send-too-early")
    hand.follow(re.compile("Legal registration"))
    hand.reads("Send a new paper")
    hand.follow("Your papers")


def name_the_referees(hand: Hand) -> None:
    """Name two referees from the page of papers, and come back there."""
    hand.follow("Name your referees")
    for referee in story("lift")["referees"]:
        hand.type("Name", referee["name"])
        hand.type("Organisation", referee["organisation"])
        hand.type("How do they know your work?", referee["relation"])
        hand.type("E-mail address", referee["email"])
        hand.type("Language", referee["language"])
        hand.tick("This person is not family, staff or board of ours")
        hand.press("Name this referee")
    hand.shows("referees")
    hand.follow(re.compile("^Application "))
    hand.follow(re.compile("Your papers"))


def send_a_paper(hand: Hand, paper: ExamplePaper) -> None:
    """Send a paper from the page of papers, for the criterion it is evidence for, and come back there."""
    criterion = Criterion.objects.get(code=paper.criteria[0])
    hand.unfold()
    hand.follow(re.compile(rf"(Add a paper for|^\s*{criterion.code})\s+{re.escape(criterion.title)}"))
    hand.pick("What is it?", BY_KEY[paper.kind].label)
    hand.type("Name of the paper", paper.title)
    hand.hand_in("File", paper.file_name, paper.content)
    hand.type("Date on the paper", paper.issued_on.isoformat())
    if paper.expires_on:
        hand.type("Good until", paper.expires_on.isoformat())
    hand.type("Language", paper.language)
    hand.press("Send")


def send_the_application(hand: Hand) -> None:
    """Look at what is there and send it."""
    work()
    hand.follow("Go on to sending")
    hand.reads("Everything is there")
    hand.shows("send")
    hand.press("Send the application")
    work()
