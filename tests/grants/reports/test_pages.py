"""The pages of reports."""

from typing import Any

from django.test import Client
from django.urls import reverse

from grants.campaigns.simulation.stage import Stage
from grants.reports.actions import save_report, submit_report
from tests.factories.campaigns import FULL, member_of, opened, report_of
from vetting_portal.models import User


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    session = client.session
    session["second_factor"] = True
    session.save()
    return client


def text(response: Any) -> str:
    return response.content.decode()


def url(name: str, *args: Any) -> str:
    return reverse(f"grants:{name}", args=args)


def test_a_report_goes_to_the_officer_and_back(stage: Stage) -> None:
    campaign = opened(stage)
    member = member_of(campaign.grant)
    report = report_of(campaign)
    partner, officer = signed_in(member), signed_in(stage.officer)
    page = url("report", report.pk)
    form = {
        "summary": "31 people have a named worker.",
        "changes": "Nothing.",
        "received": "10,000.00",
        "charges": "25",
        "local_currency": "thb",
        "rate": "35.10",
        "spent": "350000.00",
    }

    assert report.title in text(partner.get(url("partner_reports")))
    assert partner.get(page).status_code == 200
    early = partner.post(page, {"summary": "Half", "send": "1"})
    saved = partner.post(page, {**form, "rate": "zero"})
    sent = partner.post(page, {**form, "send": "1"}, follow=True)
    assert (early.status_code, saved.status_code) == (409, 422)
    assert "Your report is sent" in text(sent)
    assert report.title in text(officer.get(url("reports") + "?show=waiting"))
    assert "350,000.00" in text(officer.get(page))
    assert officer.post(url("report_send_back", report.pk), {"reason": ""}).status_code == 422
    assert officer.post(url("report_send_back", report.pk), {"reason": "Which shelters?"}).status_code == 302
    assert "Which shelters?" in text(partner.get(page))
    assert officer.get(url("report_send_back", report.pk)).status_code == 302
    partner.post(page, {**form, "send": "1"})
    assert officer.post(url("report_accept", report.pk)).status_code == 302
    assert officer.post(url("report_accept", report.pk)).status_code == 409
    assert report_of(campaign).state == "accepted"
    assert "31 people" not in text(Client().get(f"/campaign/{campaign.slug}/"))


def test_a_public_line_stands_on_the_campaign_page_once_accepted(stage: Stage, client: Client) -> None:
    campaign = opened(stage)
    report = report_of(campaign)
    member = member_of(campaign.grant)
    save_report(report=report, words=FULL, by=member)
    submit_report(report=report, by=member)
    before = text(client.get(f"/campaign/{campaign.slug}/"))

    signed_in(stage.officer).post(url("report_accept", report.pk))

    assert FULL["public_line"] not in before
    assert FULL["public_line"] in text(client.get(f"/campaign/{campaign.slug}/"))
