"""What happens from the draft of the grant to its report, by the words on the pages."""

import re

from django.urls import reverse
from django.utils import timezone

from grants.campaigns.models import Gift
from grants.example.steps.agreement import BUDGET, INDICATORS
from grants.example.steps.banking import ACCOUNT, NUMBER
from grants.example.steps.campaign import words
from grants.example.steps.gifts import CHEQUE, GIFTS, dispute_message, gifts_file
from grants.example.steps.payments import REFERENCE
from tests.e2e.hands import Hand, label, mailed_code, work

AGREEMENT = re.compile(r"^Read the agreement")


def draft_and_freeze(hand: Hand) -> None:
    """Draft the grant from the recommended submission, and freeze its terms."""
    hand.follow("My work")
    hand.follow("Draft grant")
    hand.type("Granting goal", "30,000.00")
    hand.type("Match cap", "15,000.00")
    for place, (line, amount) in enumerate(BUDGET):
        hand.type("Line", line, place)
        hand.type("Amount", amount, place)
    for place, (text, target) in enumerate(INDICATORS):
        hand.type("Indicator", text, place)
        hand.type("Target", target, place)
    hand.tick("The grant may help individuals")
    hand.type("Bank", "Example Bank")
    hand.type("Last four characters of the account", "0000")
    hand.type("Authority", "Board resolution, example")
    hand.type("Authority of the directors", "Board resolution, example")
    hand.page.locator("[name=tranches-0-due_on]").fill(timezone.localdate().isoformat())
    hand.shows("grant-draft")
    hand.press("Save the draft")
    hand.follow("What would it pay?")
    hand.sees(re.compile("less than the goal"))
    hand.shows("outlook")
    hand.follow(re.compile("^Grant 2026-"))
    hand.press("Freeze the terms")
    hand.reads("LIFT International")
    hand.shows("grant-frozen")
    work()


def open_the_brief(hand: Hand) -> None:
    """Declare no interest; only then the brief opens. Read the file that is to be signed."""
    hand.follow("To sign")
    hand.reads("To sign")
    hand.shows("to-sign")
    hand.follow("Read and sign")
    hand.choose("Do you have an interest in this partner?", "No, none")
    hand.shows("declare")
    hand.press("Declare")
    hand.sees("Key risks")
    hand.shows("brief")
    assert hand.download(AGREEMENT).startswith(b"%PDF")


def sign_with_app(hand: Hand, secret: str) -> None:
    """Sign with a code of the authenticator app, not the one of signing in."""
    hand.press("Confirm it is you, then sign")
    hand.tick("I ")
    hand.type("Code of your authenticator app", hand.code(secret))
    hand.shows("sign-app")
    hand.press("Sign")


def sign_with_mail(hand: Hand, address: str, button: str = "Use a code by e-mail instead") -> None:
    """Sign with a code that was mailed for exactly this file."""
    hand.press(button)
    hand.tick("I ")
    hand.type("Code from the e-mail", mailed_code(address))
    hand.shows("sign-mail")
    hand.press("Sign")
    work()


def countersign(hand: Hand, address: str) -> bytes:
    """Countersign for the partner; return the sealed agreement as downloaded."""
    hand.visit("/home/")
    hand.follow("Grant")
    hand.shows("partner-agreement")
    sign_with_mail(hand, address, "Confirm it is you, then sign")
    hand.follow("Agreement")
    hand.sees(re.compile(r"^In force$"))
    hand.shows("partner-agreement-in-force")
    return hand.download("Download the sealed agreement")


def check_the_bank(owner: Hand, finance: Hand, officer: Hand) -> None:
    """Hold a number, enter the account, call, approve by a second person."""
    officer.follow("Organisations")
    officer.follow("LIFT International")
    organisation = officer.page.url.rstrip("/").rsplit("/", 1)[-1]
    officer.visit(f"/organisations/{organisation}/bank/")
    officer.follow("Record a number")
    officer.type("Telephone number", NUMBER["number"])
    officer.type("Whose number is it?", NUMBER["whose"])
    officer.type("Where did we get it?", NUMBER["source"])
    officer.shows("bank-number")
    officer.press("Record the number")
    owner.follow("My work")
    owner.sees("Tell us where to pay")
    owner.follow("Enter bank details")
    owner.follow("Enter the bank details")
    owner.type("Name of the bank", ACCOUNT["bank_name"])
    owner.type("IBAN or account number", ACCOUNT["account"])
    owner.type("SWIFT code (BIC)", ACCOUNT["bic"])
    owner.shows("bank-enter")
    owner.press("Send the bank details")
    owner.shows("bank-owner")
    work()
    finance.follow("Money")
    finance.follow("Bank details")
    finance.shows("bank-waiting")
    finance.follow("LIFT International")
    finance.shows("bank-finance")
    finance.follow("Record the call")
    finance.choose("Which number did you call?", "+66")
    finance.type("With whom did you speak?", NUMBER["whose"])
    finance.tick("They read holder, bank")
    finance.shows("bank-call")
    finance.press("Record the call")
    officer.visit(f"/organisations/{organisation}/bank/")
    officer.press("Approve")
    officer.sees("The bank details are approved")
    officer.shows("bank-approved")


def open_the_campaign(hand: Hand) -> None:
    """Write the page of the campaign and open it, from the grant."""
    told = words()
    hand.follow("My work")
    hand.follow("Write page")
    hand.type("Heading", told["title"])
    hand.type("Address", told["slug"])
    hand.type("Lead", told["lead"])
    hand.type("The way, step by step", told["steps"])
    hand.type("Privacy", told["privacy_note"])
    hand.type("What a gift does", told["gift_examples"])
    hand.type("Below the examples", told["gift_note"])
    hand.type("How you chose the partner", told["choice_note"])
    hand.shows("campaign-words")
    hand.press("Save the page")
    hand.follow("Open the campaign")
    hand.sees("Open this campaign?")
    hand.press("Open the campaign")
    hand.sees("Its public page is there.")
    hand.shows("ledger-open")


def told_by_stripe(hand: Hand, message: tuple[bytes, dict[str, str]]) -> None:
    """Send what the payment service tells, over the network, as it does."""
    body, headers = message
    address = f"{hand.address}{reverse('grants:stripe_hook')}"
    answer = hand.page.request.post(address, data=body, headers={**headers, "Content-Type": "application/json"})
    assert answer.status == 200


def import_the_gifts(hand: Hand) -> None:
    """Import the gifts that reach the cap to the cent: the file is read first, then recorded."""
    hand.shows("finance")
    hand.follow("Open its ledger")
    hand.follow("Import a file")
    hand.hand_in("CSV file", "gifts.csv", gifts_file(GIFTS - 1, timezone.now()), "text/csv")
    hand.shows("import")
    hand.press("Send the file")
    work()
    hand.page.reload()
    hand.shows("import-ready")
    hand.press("Record the gifts")
    work()
    hand.page.reload()
    hand.sees(f"{GIFTS - 1} gifts are recorded and matched.")
    hand.shows("import-finished")
    hand.follow("Open the ledger")
    hand.sees("29,520.00")
    hand.shows("ledger-full")


def enter_a_cheque_and_refund_a_gift(hand: Hand) -> None:
    """A cheque comes after the cap is reached; a gift goes back, and the cheque is matched in its place."""
    hand.follow("Record a gift")
    hand.type("Reference", CHEQUE)
    hand.type("Amount", "100.00")
    hand.page.get_by_label("Received on").fill(timezone.localdate().isoformat())
    hand.type("At", f"{timezone.localtime():%H:%M}")
    hand.shows("gift-new")
    hand.press("Record the gift")
    hand.sees(f"Gift {GIFTS + 1} is recorded. Matched: USD 0.00.")
    gift = Gift.objects.get(key="EX-0002")
    hand.visit(gift.get_absolute_url())
    hand.follow("Refund")
    hand.type("Why", "The donor gave twice by mistake.")
    hand.shows("refund")
    hand.press("Record the refund")
    hand.sees("Its match went back once.")
    hand.shows("gift-refunded")
    hand.follow(re.compile("^Grant 2026-"))
    hand.sees("29,520.00")


def dispute(hand: Hand) -> None:
    """A bank disputes the payment by card: what is payable is less until it is won."""
    told_by_stripe(hand, dispute_message("created", "needs_response"))
    hand.page.reload()
    hand.sees("29,323.20")
    hand.shows("ledger-disputed")
    told_by_stripe(hand, dispute_message("closed", "won"))
    hand.page.reload()
    hand.sees("29,520.00")


def pay_the_first_part(finance: Hand, officer: Hand) -> None:
    """One person releases the first payment and makes the bank's file, another records it as paid."""
    finance.follow("Payments", within=finance.page.get_by_role("main"))
    finance.shows("payments")
    finance.follow("Release payment 1")
    finance.shows("payment-release")
    finance.press("Release USD 14,760.00")
    finance.visit("/finance/payments/")
    finance.shows("to-pay")
    finance.press("Make the file")
    finance.shows("payment-file")
    officer.visit("/finance/payments/")
    officer.follow(re.compile("^Record as paid"))
    officer.page.get_by_label("Paid on").fill(timezone.localdate().isoformat())
    officer.type("The bank’s reference", REFERENCE)
    officer.shows("payment-paid")
    officer.press("Record it as paid")
    officer.sees("The payment is recorded as paid.")
    officer.shows("payments-paid")
    finance.follow("Money")
    finance.follow("Open its ledger")


def close_the_campaign(hand: Hand) -> None:
    """Close the campaign; the statement of match is sealed in the background."""
    hand.follow("Close the campaign")
    hand.shows("close")
    hand.type("Why does it close before its day?", "Every dollar of the match is earned.")
    hand.tick("I have read what happens then.")
    hand.press("Close the campaign")
    work()


def report_back(partner: Hand, officer: Hand) -> None:
    """Send the first report, accept it, and publish it."""
    told = words()["report"]
    partner.follow("Grant")
    partner.follow("Reports")
    partner.shows("partner-reports")
    partner.follow("Start note", within=partner.page.get_by_role("table"))
    partner.type("What was done", told["summary"])
    partner.type("What changed", told["changes"])
    partner.type("What was hard", told["challenges"])
    partner.type("One sentence for the public page", told["public_line"])
    partner.page.get_by_label(re.compile("^Received")).fill(told["received"])
    partner.page.get_by_label(re.compile("^Bank charges")).fill(told["charges"])
    partner.type("Currency you spent", told["local_currency"])
    partner.type("Exchange rate", told["rate"])
    for words_of, name in (("Reached so far", "reached"), ("Spent to date", "spent")):
        for place in range(partner.page.get_by_label(label(words_of)).count()):
            partner.type(words_of, told[f"{name}-{place}"], place)
    partner.shows("report-form")
    partner.press("Save and send")
    officer.follow("Grants")
    officer.follow("Reports")
    officer.follow("Start note", within=officer.page.get_by_role("table"))
    officer.press("Accept the report")
    officer.shows("report-accepted")
    officer.follow("Publish it")
    officer.tick("I have read every word")
    officer.press("Publish")
    officer.sees(told["public_line"])
    officer.shows("report-published")


def verify(hand: Hand, content: bytes, verdict: str) -> None:
    """Ask the portal, without an account, whether a file is genuine."""
    hand.visit()
    hand.page.get_by_role("link", name="Verify an agreement").first.click()
    hand.hand_in("Agreement (PDF)", "agreement.pdf", content)
    hand.press("Check")
    hand.reads(verdict)
    hand.shows(f"verify-{verdict.split(maxsplit=1)[0].lower()}")
