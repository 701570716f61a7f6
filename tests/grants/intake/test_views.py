"""The pages of intake: what a person sends, sees and decides there."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from grants.campaigns.actions import close_campaign
from grants.campaigns.models import DonorDetails, Gift
from grants.campaigns.simulation.stage import Stage
from grants.intake.models import ChargeAssignment, GiftImport, HandGift, HandLimit
from tests.factories.campaigns import fresh, give, opened
from tests.factories.intake import charge, gifts_file, imported, line, told, waiting_gift
from vetting_portal.models import Role, RoleAssignment, User
from vetting_portal.tasks import drain


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    session = client.session
    session["second_factor"] = True
    session.save()
    return client


def url(name: str, *args: Any) -> str:
    return reverse(f"grants:{name}", args=args)


def text(response: Any) -> str:
    return response.content.decode()


def test_a_file_is_sent_seen_and_recorded(stage: Stage) -> None:
    campaign = opened(stage)
    client = signed_in(stage.finance)
    page = url("gifts_import", campaign.grant.number)

    sent = client.post(page, {"file": SimpleUploadedFile("g.csv", gifts_file(line("a"), line("b", donor="สมชาย")))})
    reading = text(client.get(sent["Location"]))
    drain()
    ready = text(client.get(sent["Location"]))
    begun = GiftImport.objects.get()
    client.post(url("import_start", begun.pk))
    drain()
    done = text(client.get(sent["Location"]))

    assert "lines are read" in reading
    assert "Ready to record" in ready
    assert "200.00" in ready
    assert "2 gifts are recorded" in done
    assert Gift.objects.count() == 2
    assert "g.csv" in text(client.get(page))


def test_a_bad_file_is_told_on_its_page(stage: Stage) -> None:
    campaign = opened(stage)
    client = signed_in(stage.finance)
    page = url("gifts_import", campaign.grant.number)

    empty = client.post(page, {"file": SimpleUploadedFile("g.csv", b"PK\0")})
    sent = client.post(page, {"file": SimpleUploadedFile("g.csv", gifts_file(line("a"), line("b", "-1.00")))})
    drain()
    shown = text(client.get(sent["Location"]))

    assert (empty.status_code, "no CSV file" in text(empty)) == (422, True)
    assert "Bad lines" in shown
    assert "gross: An amount cannot be negative." in shown
    assert client.post(url("import_start", GiftImport.objects.get().pk)).status_code == 409
    assert Gift.objects.count() == 0


def test_other_columns_are_named_on_a_page(stage: Stage) -> None:
    campaign = opened(stage)
    client = signed_in(stage.finance)
    content = b"Payment;When;Total\np1;2026-11-23 09:12;12,50\n"

    sent = client.post(
        url("gifts_import", campaign.grant.number),
        {"file": SimpleUploadedFile("theirs.csv", content), "source": "cards"},
    )
    begun = GiftImport.objects.get()
    form = {"key": "Payment", "received_at": "When", "gross": "Total", "amounts": "comma", "times": "iso"}
    wrong = client.post(url("import_columns", begun.pk), {**form, "time_zone": "Mars"})
    right = client.post(url("import_columns", begun.pk), {**form, "time_zone": "UTC"})
    drain()

    assert "other columns" in text(client.get(sent["Location"])) or "Ready" in text(client.get(sent["Location"]))
    assert (wrong.status_code, "Give a time zone by its name" in text(wrong)) == (422, True)
    assert right.status_code == 302
    assert begun.staged.get().gross_minor == 1_250
    assert client.post(url("import_discard", begun.pk)).status_code == 302
    assert client.get(url("import_columns", begun.pk)).status_code == 409


def test_a_gift_above_the_limit_is_confirmed_by_another(stage: Stage, other: User) -> None:
    campaign = opened(stage)
    first, second = signed_in(stage.finance), signed_in(other)
    form = {"key": "cheque 1", "donor_name": "R. Sato", "gross": "5000.00", "fee": "", "received_on": "2026-11-23"}

    entered = first.post(url("gift_new", campaign.grant.number), form, follow=True)
    waiting = HandGift.objects.get()
    mine = text(first.get(url("hand_gift", waiting.pk)))
    listed = text(second.get(url("intake")))
    confirmed = second.post(url("hand_gift_confirm", waiting.pk), follow=True)

    assert "waits for a second person" in text(entered)
    assert "Somebody else confirms it" in mine
    assert first.post(url("hand_gift_confirm", waiting.pk)).status_code == 403
    assert "cheque 1" in listed
    assert "Recorded as" in text(confirmed)
    assert "The gift is confirmed and recorded. Matched: USD 5,000.00." in text(confirmed)
    assert fresh(campaign).matched_minor == 500_000
    assert second.get(url("hand_gift_refuse", waiting.pk)).status_code == 409


def test_a_refusal_on_the_page_says_why(stage: Stage, other: User) -> None:
    waiting = waiting_gift(opened(stage), by=stage.finance)
    client = signed_in(other)
    page = url("hand_gift_refuse", waiting.pk)

    assert client.get(page).status_code == 200
    assert client.post(page, {"reason": ""}).status_code == 422
    assert client.post(page, {"reason": "No such cheque."}).status_code == 302
    assert "No such cheque." in text(client.get(url("hand_gift", waiting.pk)))


def test_the_limit_is_set_by_a_director(stage: Stage) -> None:
    director = User.objects.create_user("d@simulation.invalid", name="D")
    RoleAssignment.objects.create(user=director, role=Role.DIRECTOR, assigned_by=director)
    client = signed_in(director)

    assert client.post(url("hand_limit"), {"limit": "x"}).status_code == 422
    assert client.post(url("hand_limit"), {"limit": "250"}).status_code == 302
    assert HandLimit.objects.current().limit_minor == 25_000
    assert "250.00" in text(client.get(url("intake")))


def test_eligibility_is_corrected_on_a_page(stage: Stage) -> None:
    gift = give(opened(stage), "a", 100, by=stage.finance, ineligible="Said otherwise.")
    client = signed_in(stage.officer)
    page = url("gift_eligibility", gift.pk)

    shown = text(client.get(page))
    assert client.post(page, {"ineligible": "", "reason": ""}).status_code == 422
    done = client.post(page, {"ineligible": "", "reason": "It was money after all."}, follow=True)

    assert "No: Said otherwise." in shown
    assert "It was money after all." in text(done)
    assert Gift.objects.get().matched_minor == 100


def test_a_donor_is_forgotten_on_a_page(stage: Stage) -> None:
    gift = give(opened(stage), "a", 100, by=stage.finance, donor_name="Ana", donor_email="ana@example.org")
    client = signed_in(stage.finance)
    page = url("donor_forget", gift.donor_id)

    shown = text(client.get(page))
    assert client.post(page, {}).status_code == 422
    assert client.post(page, {"understood": "on"}).status_code == 302

    assert "Forget Ana" in shown
    assert DonorDetails.objects.count() == 0
    assert "Name and address were erased" in text(client.get(page))
    assert "Erased" in text(client.get(url("gift", gift.pk)))


def test_a_charge_is_assigned_on_a_page(stage: Stage) -> None:
    campaign = opened(stage)
    one = told(charge("ch_1"))
    client = signed_in(stage.finance)

    listed = text(client.get(url("intake")))
    done = client.post(url("charge_assign", one.pk), {"campaign": campaign.slug})
    drain()

    assert "The charge names no campaign." in listed
    assert done.status_code == 302
    assert Gift.objects.get().campaign == campaign
    assert "ch_1" not in text(client.get(url("intake")))


def test_whose_a_charge_is_has_to_be_chosen_even_that_it_is_nobodys(stage: Stage) -> None:
    opened(stage)
    one = told(charge("ch_1"))
    client, page = signed_in(stage.finance), url("charge_assign", one.pk)

    hasty = client.post(page, {"campaign": ""})
    assert (hasty.status_code, ChargeAssignment.objects.count()) == (422, 0)
    assert "Choose whose the charge is." in text(hasty)

    assert client.post(page, {"campaign": "-"}).status_code == 302
    assert ChargeAssignment.objects.get().campaign is None


def test_the_pages_take_the_same_queries_however_much_there_is(stage: Stage, django_assert_num_queries: Any) -> None:
    campaign = opened(stage)
    client = signed_in(stage.finance)
    for number in range(3):
        imported(campaign, gifts_file(line(f"k{number}", "x")), by=stage.finance)
        waiting_gift(campaign, by=stage.finance)
        told(charge(f"ch_{number}"))
        if number != 1:
            with django_assert_num_queries(12):
                client.get(url("intake"))


def test_a_gift_confirmed_after_the_closing_says_why_it_is_not_matched(stage: Stage, other: User) -> None:
    campaign = opened(stage)
    waiting = waiting_gift(campaign, by=stage.finance)
    close_campaign(campaign=campaign, by=stage.finance, reason="The partner has what it needs.")

    confirmed = signed_in(other).post(url("hand_gift_confirm", waiting.pk), follow=True)

    assert "Matched: USD 0.00. Recorded after the campaign closed." in text(confirmed)


def test_closing_says_which_gifts_would_lose_their_match(stage: Stage) -> None:
    campaign = opened(stage)
    client, page = signed_in(stage.finance), url("campaign_close", campaign.grant.number)
    before = text(client.get(page))
    for _ in range(2):
        waiting_gift(campaign, by=stage.finance)
    imported(campaign, gifts_file(line("k")), by=stage.finance)

    after = text(client.get(page))

    assert "Gifts that are not recorded yet" not in before
    assert "Two gifts wait for a second person" in after
    assert "2,000.02</span> in all. One file of gifts is not recorded." in after
