"""The pages of campaigns, gifts and the ledger: who sees them, what they say, what they refuse."""

import io
from datetime import datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from grants.agreements.actions import resume_grant, suspend_grant
from grants.agreements.models import Grant
from grants.campaigns.actions import close_campaign, pause_campaign, record_gifts, refund_gift
from grants.campaigns.models import Campaign, Gift
from grants.campaigns.simulation.stage import Stage, grant_in_force
from tests.factories.campaigns import fresh, give, member_of, opened, planned, report_of, row
from tests.factories.grants import finance
from tests.factories.intake import waiting_gift
from tests.factories.portal import UserFactory
from vetting_portal.duties import duties
from vetting_portal.models import AuditEntry, Role, RoleAssignment, User


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    session = client.session
    session["second_factor"] = True
    session.save()
    return client


def text(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode()


def url(name: str, *args: Any) -> str:
    return reverse(f"grants:{name}", args=args)


def test_the_front_page_is_public_and_lists_what_was_opened(stage: Stage, client: Client) -> None:
    empty = text(client.get("/"))
    campaign, hidden = opened(stage), planned(stage)

    page = text(client.get("/"))

    assert "No campaign is open today" in empty
    assert f"/campaign/{campaign.slug}/" in page
    assert hidden.slug not in page
    assert client.get(f"/campaign/{hidden.slug}/").status_code == 404


def test_the_campaign_page_leads_with_so_far_and_names_no_donor(stage: Stage, client: Client) -> None:
    campaign = opened(stage)
    give(campaign, "a", 1_195_000, by=stage.finance, donor_name="P. Castellanos", donor_email="pc@example.org")

    response = client.get(f"/campaign/{campaign.slug}/")
    page = text(response)

    for words in ("$23,900", "$11,950", "$3,050", "$26,950", "Two ways to count", "How we chose them", "Start note"):
        assert words in page
    assert "Castellanos" not in page
    assert "pc@example.org" not in page
    assert "<script" not in page
    assert len(response.content) < 60_000


def test_the_campaign_page_takes_the_same_queries_however_many_gifts(
    stage: Stage, client: Client, django_assert_max_num_queries: Any
) -> None:
    campaign = opened(stage)
    record_gifts(campaign=campaign, rows=[row(f"g{n}", 100) for n in range(120)], by=stage.finance)

    with django_assert_max_num_queries(20):
        client.get(f"/campaign/{campaign.slug}/")


def test_a_closed_campaign_offers_nothing(stage: Stage, client: Client) -> None:
    campaign = opened(stage)
    close_campaign(campaign=campaign, by=stage.finance)

    page = text(client.get(f"/campaign/{campaign.slug}/"))

    assert "This campaign is closed" in page
    assert "How to give" not in page


def test_the_ledger_adds_up_on_the_page(stage: Stage) -> None:
    campaign = opened(stage)
    record_gifts(
        campaign=campaign,
        rows=[row(f"g{n}", 10_000, fee_minor=320, donor_name=f"Donor {n}") for n in range(71)],
        by=stage.finance,
    )
    refund_gift(campaign=campaign, gift_key="g67", by=stage.finance)

    client = signed_in(stage.finance)
    page = text(client.get(url("ledger", campaign.grant.number)))
    everything = text(client.get(url("ledger", campaign.grant.number) + "?show=all&page=2"))

    assert "Donor 3<" in everything
    assert "50 other gifts" in everything
    for words in (
        "Donor 70",
        "61 other gifts",
        "7,100.00",
        "227.20",
        "Agrees with the fund",
        "Its match went back",
        "50%",
    ):
        assert words in page
    assert "Donor 3<" not in page


@pytest.mark.parametrize("rows", [1, 3])
def test_the_ledger_takes_as_many_queries_for_one_gift_as_for_three(
    stage: Stage, rows: int, django_assert_num_queries: Any
) -> None:
    campaign = opened(stage)
    record_gifts(campaign=campaign, rows=[row(f"g{n}", 100) for n in range(rows)], by=stage.finance)
    client = signed_in(stage.finance)

    with django_assert_num_queries(18):
        client.get(url("ledger", campaign.grant.number))


def test_the_officer_plans_and_opens_a_campaign(stage: Stage) -> None:
    grant = grant_in_force(stage, 700, cap_minor=1_000)
    client = signed_in(stage.officer)
    form = {
        "title": "The case is closed.\nSomeone stays.",
        "slug": "someone-stays",
        "lead": "Social workers stay.",
        "steps": "Week 1: A safe room\nMonth 12: A call",
        "gift_examples": "25: A bag\n120.50: A month",
    }

    assert client.get(url("campaign_plan", grant.number)).status_code == 200
    bad = client.post(url("campaign_plan", grant.number), {**form, "slug": "Some One", "steps": "Week 1"})
    done = client.post(url("campaign_plan", grant.number), form)
    ledger = client.get(url("ledger", grant.number))
    opening = client.post(url("campaign_open", grant.number), follow=True)

    campaign = Campaign.objects.get(slug="someone-stays")
    assert (bad.status_code, done.status_code) == (422, 302)
    assert "Open the campaign" in text(ledger)
    assert opening.status_code == 200
    assert campaign.state == "open"
    assert campaign.gift_examples == [{"minor": 2500, "text": "A bag"}, {"minor": 12050, "text": "A month"}]
    assert client.get(url("campaign_plan", grant.number)).status_code == 409
    edited = client.post(url("campaign_edit", grant.number), {**form, "lead": "They stay a year."})
    assert edited.status_code == 302
    assert client.post(url("campaign_pause", grant.number)).status_code == 302
    assert client.post(url("campaign_pause", grant.number)).status_code == 409
    assert client.post(url("campaign_resume", grant.number)).status_code == 302
    assert fresh(campaign).lead == "They stay a year."


def test_what_waits_for_the_grant_says_so_where_it_is_offered(stage: Stage) -> None:
    campaign = opened(stage)
    pause_campaign(campaign=fresh(campaign), by=stage.officer)
    client, page = signed_in(stage.officer), url("ledger", campaign.grant.number)
    resume = url("campaign_resume", campaign.grant.number)
    assert "The grant is suspended." not in text(client.get(page))
    grant = Grant.objects.get(pk=campaign.grant.pk)
    suspend_grant(grant=grant, reason="A visit is due.", by=UserFactory(roles=["director"]))

    shown = text(client.get(page))

    assert "The grant is suspended." in shown
    assert resume in shown
    assert client.post(resume).status_code == 409
    resume_grant(grant=Grant.objects.get(pk=grant.pk), by=UserFactory(roles=["director"]))
    assert client.post(resume).status_code == 302


def test_finance_records_a_gift_once(stage: Stage) -> None:
    campaign = opened(stage)
    client = signed_in(stage.finance)
    form = {"key": "cheque 1", "donor_name": "R. Sato", "gross": "100.00", "fee": "", "received_on": "2026-11-23"}
    page = url("gift_new", campaign.grant.number)

    wrong = client.post(page, {**form, "gross": "100.005"})
    first = client.post(page, form, follow=True)
    again = client.post(page, form, follow=True)

    assert "USD has 2 decimals" in text(wrong)
    assert "R. Sato" in text(wrong)
    assert "Gift 1 is recorded" in text(first)
    assert again.status_code == 200
    assert Gift.objects.count() == 1
    assert Gift.objects.get().received_at.isoformat().startswith("2026-11-23T12:00")


def test_a_refund_clicked_twice_counts_once(stage: Stage) -> None:
    campaign = opened(stage)
    gift = give(campaign, "a", 10_000, by=stage.finance)
    client = signed_in(stage.finance)
    form = {"amount": "30", "reason": "Card stolen", "refund_key": "form-1"}

    assert client.get(url("gift_refund", gift.pk)).status_code == 200
    assert client.post(url("gift_refund", gift.pk), {**form, "amount": "100.01"}).status_code == 422
    for _ in range(2):
        assert client.post(url("gift_refund", gift.pk), form).status_code == 302
    page = text(client.get(url("gift", gift.pk)))

    assert Gift.objects.get().refunded_minor == 3_000
    assert "70.00" in page
    refund_gift(campaign=campaign, gift_key="a", by=stage.finance)
    assert client.get(url("gift_refund", gift.pk)).status_code == 409


def test_the_csv_neutralises_formulas(stage: Stage) -> None:
    campaign = opened(stage)
    give(campaign, "=cmd|' /C calc'!A0", 10_000, by=stage.finance, donor_name="@SUM(A1)", fee_minor=20_000)

    content = text(signed_in(stage.finance).get(url("gifts_csv", campaign.grant.number)))

    assert "'=cmd|" in content
    assert "'@SUM(A1)" in content
    assert ",-100.00," in content  # a net below zero is a number


def test_closing_before_its_day_asks_why_and_says_what_is_lost(stage: Stage) -> None:
    campaign = opened(stage)
    client = signed_in(stage.finance)
    page = url("campaign_close", campaign.grant.number)

    assert "lost for the match" in text(client.get(page))
    refused = client.post(page, {"understood": "on"})

    assert (refused.status_code, fresh(campaign).state) == (422, "open")
    assert "Say why the campaign closes before" in text(refused)
    client.post(page, {"understood": "on", "reason": "The shelter closes next week."})
    assert AuditEntry.objects.about(fresh(campaign)).get(event="close").words.note == "The shelter closes next week."


def test_closing_asks_first(stage: Stage) -> None:
    campaign = opened(stage)
    client = signed_in(stage.finance)
    page = url("campaign_close", campaign.grant.number)

    assert "cannot be opened again" in text(client.get(page))
    assert client.post(page, {}).status_code == 422
    told = {"understood": "on", "reason": "The shelter closes next week."}
    assert client.post(page, told).status_code == 302
    assert client.post(page, told).status_code == 409
    assert fresh(campaign).state == "closed"
    assert client.get(url("ledger", campaign.grant.number)).status_code == 200


def test_what_is_not_yours_is_404_and_what_is_not_your_role_403(stage: Stage) -> None:
    campaign = opened(stage)
    gift = give(campaign, "a", 100, by=stage.finance)
    number, report = campaign.grant.number, report_of(campaign)
    stranger = signed_in(User.objects.create_user("s@example.org", name="Stranger"))
    member = signed_in(member_of(campaign.grant))
    officer = signed_in(stage.officer)

    for name, key in (("ledger", number), ("gift", gift.pk), ("gifts_csv", number), ("campaign_close", number)):
        assert stranger.get(url(name, key)).status_code == 404
        assert member.get(url(name, key)).status_code == 404
    assert stranger.get(url("report", report.pk)).status_code == 404
    assert member.get(url("report", report.pk)).status_code == 200
    assert member.get(url("reports")).status_code == 403
    assert officer.get(url("gift_new", number)).status_code == 403
    assert officer.get(url("gift_refund", gift.pk)).status_code == 403
    assert officer.get(url("finance")).status_code == 403
    assert signed_in(stage.finance).post(url("report_accept", report.pk)).status_code == 403
    assert Client().get(url("ledger", number)).status_code == 302


def test_finance_comes_first_to_what_is_to_be_done(stage: Stage) -> None:
    client = signed_in(stage.finance)
    empty = text(client.get(url("finance")))
    campaign = opened(stage)
    opened(stage, window_ends_at=campaign.grant.created_at)

    page = text(client.get(url("finance")))

    assert "No campaign takes gifts yet" in empty
    assert "Close a campaign" in page
    assert "Open its ledger" in page
    assert campaign.grant.number in page


def test_the_finance_page_says_the_first_duties_about_money_of_my_work(stage: Stage) -> None:
    campaign = opened(stage, window_ends_at=timezone.now() + timedelta(days=1))
    waiting_gift(campaign, by=stage.finance)
    person = finance()
    with time_machine.travel(timezone.now() + timedelta(days=3), tick=False):
        listed = [duty for duty in duties(person) if duty.kind.group == "Money" or duty.key == "grants.close_campaign"]
        shown = signed_in(person).get(url("finance")).context

    assert {duty.key for duty in listed} >= {"grants.confirm_gift", "grants.close_campaign"}
    assert [shown["first"], *shown["duties"]] == listed[:5]
    assert shown["many"] == len(listed)


def test_a_gift_before_the_campaign_opens_is_refused(stage: Stage) -> None:
    campaign = planned(stage)

    response = signed_in(stage.finance).get(url("gift_new", campaign.grant.number))

    assert response.status_code == 409


def test_visible_and_view_agree_record_by_record(stage: Stage) -> None:
    campaign = opened(stage)
    gift, report = give(campaign, "a", 100, by=stage.finance), report_of(campaign)
    people = [User.objects.create_user(f"{role}@example.org") for role in (*Role.values, "none")]
    for person, role in zip(people, Role.values, strict=False):
        RoleAssignment.objects.create(user=person, role=role, assigned_by=person)
    people.append(member_of(campaign.grant))

    for person in people:
        for record, permission in ((campaign, "view_campaign"), (gift, "view_gift"), (report, "view_report")):
            visible = type(record).objects.visible_to(person).filter(pk=record.pk).exists()
            assert visible == person.has_perm(f"grants.{permission}", record), (person, permission)


def test_a_paused_campaign_says_so(stage: Stage, client: Client) -> None:
    campaign = opened(stage)
    pause_campaign(campaign=campaign, by=stage.officer)

    assert "paused" in text(client.get(f"/campaign/{campaign.slug}/"))
    assert io.StringIO(text(client.get("/"))).read().count("Paused") == 1


def test_the_days_left_are_counted_to_the_last_day_included(stage: Stage, client: Client) -> None:
    campaign = opened(stage)
    last = campaign.grant.window_last_on
    for days, words in ((2, "2 days left"), (1, "1 day left"), (0, "last day"), (-1, "match window over")):
        noon = datetime.combine(last - timedelta(days=days), time(12), tzinfo=campaign.grant.zone)
        with time_machine.travel(noon, tick=False):
            assert words in text(client.get(f"/campaign/{campaign.slug}/")), words
