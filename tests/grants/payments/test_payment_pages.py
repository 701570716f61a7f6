"""The pages of payments: the next step, why not yet, the file, the statements, and what the partner sees."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from grants.agreements.brief import fund_sums
from grants.agreements.briefing import brief_content, read_for_brief
from grants.agreements.models import Grant
from grants.agreements.statements import statement_html
from grants.campaigns.actions import plan_campaign
from grants.campaigns.models import Campaign
from grants.campaigns.simulation.stage import WORDS
from grants.payments.actions import cancel_payment, hold_payment
from grants.payments.bankstatements import BankLine
from grants.payments.due import money_of
from grants.payments.files import PaymentFile
from tests.factories import grants
from tests.factories.grants import finance, officer_of, owner_of, statement_of
from tests.factories.payments import closed, fresh, gift, paid, released, tranche_of
from tests.grants.payments.test_pages import signed_in, text
from vetting_portal.duties import duties
from vetting_portal.money import figures, format_amount


def url(name: str, *args: Any) -> str:
    return reverse(f"grants:{name}", args=args)


def test_the_page_of_payments_says_what_is_payable_and_the_next_step(payable: Campaign) -> None:
    client = signed_in(finance())
    page = text(client.get(url("payments", payable.grant.number)))

    for words in ("2,000.00", "Release payment 1", "USD 28,000.00 below the goal", "1,333.34", "666.66"):
        assert words in page
    assert url("payment_release", tranche_of(payable).pk) in page


def test_what_a_cancelled_payment_leaves_is_not_left_to_pay_and_the_figures_add_up(payable: Campaign) -> None:
    closed(payable)
    paid(payable, 1)
    cancel_payment(tranche=tranche_of(payable, 3), reason="Two payments are enough.", by=officer_of(payable.grant))

    found = money_of(fresh(payable))
    page = text(signed_in(finance()).get(url("payments", payable.grant.number)))

    assert found["dropped_minor"] > 0
    assert found["left_minor"] == found["payments"][1].amount_minor
    assert found["paid_minor"] + found["left_minor"] + found["dropped_minor"] == found["payable_minor"]
    assert f"{figures(found['dropped_minor'], 'USD')} is not paid, because payments were cancelled." in page


@pytest.mark.parametrize("number", [1, 2])
def test_a_held_payment_is_put_back_from_the_page_whether_or_not_it_is_the_next(payable: Campaign, number: int) -> None:
    tranche, client = tranche_of(payable, number), signed_in(finance())
    hold_payment(tranche=tranche, reason="The bank asks for a letter.", by=finance())
    resume = f'action="{url("payment_resume", tranche.pk)}"'

    assert resume in text(client.get(url("payments", payable.grant.number)))
    assert client.post(url("payment_resume", tranche.pk)).status_code == 302
    assert resume not in text(client.get(url("payments", payable.grant.number)))


def test_the_page_before_opening_names_the_grant_the_match_and_its_last_day(in_force: Grant) -> None:
    campaign = plan_campaign(grant=in_force, slug="page", words=WORDS, by=officer_of(in_force))

    page = text(signed_in(officer_of(in_force)).get(url("campaign_open", in_force.number)))

    assert f"grant {in_force.number} to {in_force.submission.organisation.legal_name}" in page
    assert f"at most {format_amount(campaign.grant.cap_minor, 'USD')} of match" in page


def test_two_people_take_a_payment_through_its_pages(payable: Campaign) -> None:
    one, other = signed_in(finance()), signed_in(finance())
    pk = tranche_of(payable).pk

    assert "1,000.00" in text(one.get(url("payment_release", pk)))
    assert one.post(url("payment_release", pk)).status_code == 302
    assert one.get(url("payment_paid", pk)).status_code == 409
    assert "You released this payment." in text(one.get(url("payments", payable.grant.number)))
    wrong = other.post(url("payment_paid", pk), {"paid_on": "2999-01-01", "bank_reference": "BK 9"})
    assert wrong.status_code == 422
    assert "still to come" in text(wrong)
    assert "BK 9" in text(wrong)
    done = other.post(url("payment_paid", pk), {"paid_on": timezone.localdate(), "bank_reference": "BK 9"}, follow=True)
    assert "The partner is told" in text(done)
    assert "BK 9" in text(done)


def test_the_grants_page_says_what_came_in_what_was_paid_and_which_reports_there_are(payable: Campaign) -> None:
    grant = payable.grant
    before = text(signed_in(officer_of(grant)).get(url("grant", grant.number)))
    paid(payable)
    page = text(signed_in(officer_of(grant)).get(url("grant", grant.number)))

    assert "Gifts, target" not in page
    paid_and_left = re.compile(r"<dt>Paid</dt><dd>.*?([\d,.]+)</span> · .*?([\d,.]+)</span> left")
    assert paid_and_left.search(before).groups() == ("0.00", "2,000.00")
    assert paid_and_left.search(page).groups() == ("1,000.00", "1,000.00")
    assert (url("payments", grant.number) in page, grant.reports.first().get_absolute_url() in page) == (True, True)


def test_the_brief_of_a_grant_that_was_paid_adds_up(payable: Campaign) -> None:
    """A payment takes match out of the fund: less is left for this grant, and nothing becomes another grant's."""
    grant, bound = payable.grant, payable.grant.bound_minor
    gift(payable, "with a fee", 100_000, fee_minor=5_000)
    whole = fund_sums(grants.fresh(grant))[0]
    paid(payable)
    (sums,) = fund_sums(grants.fresh(grant))

    assert (whole.this, whole.others) == (bound, 0)
    assert sums.this < bound
    assert (sums.others, sums.free_after) == (0, grant.fund.free_now())


def test_the_brief_says_how_the_bank_stands_today(payable: Campaign) -> None:
    content = brief_content(read_for_brief(grants.fresh(payable.grant)))
    gate = next(gate for gate in content["gates"] if gate["code"] == "C14")

    assert (gate["state"], gate["text"][:11]) == ("pass", "approved on")


def test_a_payment_that_cannot_be_released_says_why(payable: Campaign) -> None:
    client = signed_in(finance())
    response = client.get(url("payment_release", tranche_of(payable, 2).pk))

    assert response.status_code == 409
    assert "Payment 1 comes first." in text(response)


def test_a_payment_is_held_put_back_and_cancelled(payable: Campaign) -> None:
    client, pk = signed_in(officer_of(payable.grant)), tranche_of(payable).pk

    assert client.get(url("payment_hold", pk)).status_code == 200
    assert client.post(url("payment_hold", pk), {"reason": ""}).status_code == 422
    assert client.post(url("payment_hold", pk), {"reason": "A paper is missing."}).status_code == 302
    assert "A paper is missing." in text(client.get(url("payments", payable.grant.number)))
    assert client.post(url("payment_resume", pk)).status_code == 302
    assert client.get(url("payment_cancel", pk)).status_code == 200
    assert client.post(url("payment_cancel", pk), {"reason": "Given up."}).status_code == 302
    assert tranche_of(payable).state == "cancelled"


def test_finance_makes_the_file_and_downloads_it_twice(payable: Campaign) -> None:
    client = signed_in(finance())
    assert "Nothing to pay now" in text(client.get(url("to_pay")))
    assert client.post(url("payment_file_make")).status_code == 409
    released(payable)

    assert "Make the file for the bank" in text(client.get(url("to_pay")))
    page = client.post(url("payment_file_make"), follow=True)
    made = PaymentFile.objects.get()
    files = [client.post(url("payment_file_download", made.pk)) for _ in range(2)]

    assert f"{payable.grant.number}-1" in text(page)
    assert files[0].content == files[1].content
    assert files[0]["Content-Disposition"] == f'attachment; filename="payments-{made.pk}.csv"'
    assert "no-store" in files[0]["Cache-Control"]
    assert "In a file" in text(client.get(url("to_pay")))


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_to_pay_takes_as_many_queries_whatever_stands_in_it(
    payable: Campaign, number: int, django_assert_max_num_queries: Any
) -> None:
    closed(payable)
    for each in range(1, number + 1):
        released(payable, each)
    client = signed_in(finance())

    with django_assert_max_num_queries(20):
        client.get(url("to_pay"))


def test_the_list_to_pay_leads_to_each_release_that_my_work_names(payable: Campaign) -> None:
    closed(payable)
    person = finance()
    (listed,) = [duty for duty in duties(person) if duty.key == "grants.release_payment"]

    page = signed_in(person).get(url("to_pay"))

    assert page.context["to_release"] == [listed]
    assert listed.why in text(page)
    assert f'href="{listed.url}"' in page.text


def test_a_statement_is_uploaded_compared_and_matched_by_hand(payable: Campaign) -> None:
    paid(payable)
    client = signed_in(finance())
    head = b"date,amount,currency,reference,text\n"
    bad = SimpleUploadedFile("b.csv", head + b"2026-11-25,x,USD,R,T\n")
    good = head + f"{timezone.localdate()},-1000.00,USD,BK-1,T\n2026-11-25,-5.00,USD,FEE,Fees\n".encode()

    refused = client.post(url("bank_statement_new"), {"file": bad})
    none = client.post(url("bank_statement_new"), {"file": SimpleUploadedFile("c.csv", b"hello")})
    page = client.post(url("bank_statement_new"), {"file": SimpleUploadedFile("d.csv", good)}, follow=True)
    again = client.post(url("bank_statement_new"), {"file": SimpleUploadedFile("d.csv", good)}, follow=True)

    assert (refused.status_code, none.status_code) == (422, 422)
    assert "Line 2: amount:" in text(refused)
    assert "has no column" in text(none)
    assert "1 matched, 0 differing, 1 unmatched" in text(page)
    assert "Nothing was added" in text(again)
    line = BankLine.objects.get(reference="FEE")
    assert client.get(url("bank_line", line.pk)).status_code == 200
    assert client.post(url("bank_line", line.pk), {"reason": ""}).status_code == 422
    done = client.post(url("bank_line", line.pk), {"reason": "Fees of the bank."}, follow=True)
    assert "2 matched, 0 differing, 0 unmatched" in text(done)
    assert "Fees of the bank." in text(done)
    assert "d.csv" in text(client.get(url("bank_statements")))


def test_the_partner_sees_what_was_paid_and_when(payable: Campaign) -> None:
    done = paid(payable)
    client = signed_in(owner_of(payable.grant))

    page = text(client.get(url("partner_payments")))

    for words in ("1,000.00", "BK-1", "To come", "Paid"):
        assert words in page
    assert done.released_by is not None
    assert done.released_by.name not in page


def test_the_partner_sees_what_is_to_come_once_the_match_is_fixed(payable: Campaign) -> None:
    client = signed_in(owner_of(payable.grant))

    before = text(client.get(url("partner_payments")))
    closed(payable)
    paid(payable)
    after = text(client.get(url("partner_payments")))
    theirs = text(signed_in(finance()).get(url("payments", payable.grant.number)))

    assert "At most, until it is paid" not in before
    assert after.count("At most, until it is paid") == 2
    for amount in ("800.00", "200.00"):
        assert f"</small> {amount}</span>" not in before
        assert f"</small> {amount}</span>" in after
        assert amount in theirs


def test_my_work_names_the_payment_that_waits(payable: Campaign, client: Client) -> None:
    payer = finance()
    closed(payable)
    before = {duty.key for duty in duties(payer)}
    released(payable)
    after = {duty.key for duty in duties(payer)}

    assert ("grants.release_payment" in before, "grants.pay" in after) == (True, True)
    assert "Pay, then record the payment" in text(signed_in(payer).get(url("finance")))
    assert client.get(url("to_pay")).status_code == 302


def test_the_statement_tells_the_budget_as_it_stands(payable: Campaign) -> None:
    content = closed(payable).statement_content
    assert content is not None
    assert content["budget"] == [
        {"line": "Social workers", "agreed_minor": 2_000_000, "scaled_minor": 133_334},
        {"line": "Training", "agreed_minor": 1_000_000, "scaled_minor": 66_666},
    ]
    assert content["excess_minor"] == 0

    statement = statement_of(Campaign.objects.get(pk=payable.pk).grant)
    page = statement_html(statement, sealed_at=timezone.now())
    statement.content = {key: value for key, value in content.items() if key not in {"budget", "excess_minor"}}

    assert "Schedule B: the budget at closing" in page
    assert "1,333.34" in page
    assert "Schedule B" not in statement_html(statement, sealed_at=timezone.now())


def test_above_the_goal_the_excess_goes_to_the_project_unmatched(payable: Campaign) -> None:
    gift(payable, "large", 3_000_000)
    page = text(signed_in(finance()).get(url("payments", payable.grant.number)))

    assert "Above the goal, to the project, unmatched" in page
    assert "16,000.00" in page
    content = closed(payable).statement_content
    assert content is not None
    assert content["excess_minor"] == 1_600_000
