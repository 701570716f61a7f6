"""The pages of an ending: what they say before, who may open them, bad input, and the way through them."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from grants.endings.models import Ending
from grants.funds.models import Account
from grants.payments.due import accounts_of
from tests.factories import endings, grants, payments
from tests.factories.conditions import bound
from tests.factories.intake import waiting_gift
from tests.factories.portal import TOTP, TOTP_SECRET
from vetting_portal.duties import Wanted, duties

pytestmark = pytest.mark.django_db


def signed_in(user):
    """Return a browser in which ``user`` is signed in."""
    client = Client()
    if user.is_staff_member and not Authenticator.objects.filter(user=user).exists():
        TOTP.activate(user, TOTP_SECRET)
    client.force_login(user)
    return client


def at(name, number):
    """Return the address of a page of an ending or a grant."""
    return reverse(f"grants:{name}", args=[number])


def told(grant, **changes):
    """Return what the officer types into the page."""
    values = {
        "reason": "agreed",
        "words": endings.WORDS,
        "public_reason": endings.PUBLIC,
        "ends_on": timezone.localdate().isoformat(),
        "second": grants.directors_of(grant)[0].pk,
    }
    return {**values, **changes}


def figures(text):
    """Return the sums of the four boxes on a page, in minor units: as a reader adds them up."""
    return [int(found.replace(",", "").replace(".", "")) for found in re.findall(r'class="value">([\d,.]+)<', text)]


def test_the_page_names_conditions_that_are_no_longer_asked_and_reminders_that_stop(draft):
    grant = bound(draft, of=1)
    page = signed_in(grants.officer_of(grant)).get(at("end", grant.number)).text

    assert ("Condition 1" in page, "No longer asked" in page) == (True, True)
    assert ("Reminders" in page, "No more are sent" in page) == (True, True)


def test_the_page_says_beforehand_where_every_cent_goes(paid):
    page = signed_in(grants.officer_of(paid.grant)).get(at("end", paid.grant.number)).text

    earned, risk, back, unpaid = figures(page)[:4]
    assert (earned, risk, back, unpaid) == (0, 0, 100_000, 100_000)
    assert "2,000.00" in page
    for part in ("Payment 2", "Payment 3", "Start note", "Final report", "Closing report", "Campaign", "Agreement"):
        assert part in page
    for person in (grants.owner_of(paid.grant), *grants.directors_of(paid.grant)[:2]):
        assert person.name in page
    assert "checked" not in page.partition("<form")[2].partition("</fieldset>")[0]


def test_bad_input_comes_back_beside_its_field_with_what_was_typed(in_force):
    client = signed_in(grants.officer_of(in_force))
    typed = told(in_force, words="Too few words.", ends_on="yesterday", reason="")

    answer = client.post(at("end", in_force.number), typed)

    assert answer.status_code == 422
    assert "Too few words." in answer.text
    assert "Choose why the grant ends." in answer.text
    assert not Ending.objects.exists()
    short = client.post(at("end", in_force.number), told(in_force, words="Too few words."))
    assert "Write at least 10 words" in short.text


@pytest.mark.parametrize("second", ["asker", "stranger", "nobody"])
def test_only_another_director_is_asked(in_force, second):
    first = grants.directors_of(in_force)[0]
    pk = {"asker": first.pk, "stranger": grants.finance().pk, "nobody": 10**9}[second]

    answer = signed_in(first).post(at("end", in_force.number), told(in_force, second=pk))

    assert answer.status_code == 422
    assert not Ending.objects.exists()


def test_from_the_page_to_the_end_of_the_grant(paid):
    grant, director = paid.grant, grants.directors_of(paid.grant)[0]
    officer = signed_in(grants.officer_of(grant))
    asked = officer.post(at("end", grant.number), told(grant))
    ending = Ending.objects.get()
    assert (asked.status_code, asked.url) == (302, ending.get_absolute_url())
    assert officer.get(at("end", grant.number)).url == ending.get_absolute_url()
    assert [duty.key for duty in duties(director) if "ending" in duty.key] == ["grants.confirm_ending"]

    client = signed_in(director)
    page = client.get(ending.get_absolute_url()).text
    assert "You confirm exactly this letter" in page
    assert director.name in page
    sha256 = ending.letter.signed_sha256
    client.post(at("ending_sign_begin", ending.number), {"method": "totp", "document_sha256": sha256})
    shown = client.get(at("ending_sign", ending.number))
    nonce = shown.context["form"]["nonce"].value()
    given = {"document_sha256": sha256, "nonce": nonce, "consent": "on"}
    assert client.post(at("ending_sign", ending.number), {**given, "code": "000000"}).status_code == 422
    client.post(at("ending_sign_begin", ending.number), {"method": "totp", "document_sha256": sha256})
    nonce = client.get(at("ending_sign", ending.number)).context["form"]["nonce"].value()
    done = client.post(at("ending_sign", ending.number), {**given, "nonce": nonce, "code": grants.totp_code()})

    assert (done.status_code, endings.fresh(ending).state) == (302, "carried_out")
    assert client.post(at("ending_sign", ending.number), {**given, "code": grants.totp_code()}).status_code == 409
    assert "carried out" in client.get(ending.get_absolute_url()).text.lower()
    partner = signed_in(grants.owner_of(grant))
    assert "Closing letter" in partner.get(at("partner_agreement", grant.number)).text
    letter = partner.get(at("ending_letter", ending.number))
    assert b"".join(letter.streaming_content).startswith(b"%PDF")


def test_a_partner_sees_no_letter_before_a_director_confirmed(in_force):
    ending = endings.asked(in_force)
    partner = signed_in(grants.owner_of(in_force))

    assert partner.get(at("ending_letter", ending.number)).status_code == 404
    assert partner.get(ending.get_absolute_url()).status_code == 404
    assert "Closing letter" not in partner.get(at("partner_agreement", in_force.number)).text


def test_finance_records_what_comes_back_and_then_has_no_duty(paid):
    ending = endings.ended(paid.grant)
    finance = grants.finance()
    client, page = signed_in(finance), at("ending_returned", ending.number)
    owner, wanted = grants.owner_of(paid.grant), Wanted(is_mine=True)
    assert [duty.key for duty in duties(finance, wanted) if "return" in duty.key] == ["grants.record_return"]
    (mine,) = (duty for duty in duties(owner, wanted) if "return" in duty.key)
    assert "Return what you did not spend" in signed_in(owner).get(reverse("portal:home"), follow=True).text
    assert "Still to be returned or shown as spent" in signed_in(owner).get(mine.url).text
    typed = {"amount": "1,000.01", "received_on": timezone.localdate().isoformat(), "bank_reference": "B 7"}

    too_much = client.post(page, typed)
    assert (too_much.status_code, "1,000.01" in too_much.text) == (422, True)
    assert "At most" in too_much.text
    assert client.post(page, {**typed, "amount": "1,000.00"}).status_code == 302

    assert accounts_of(grants.fresh(paid.grant))[Account.Kind.RETURNED] == -100_000
    assert [duty.key for who in (finance, owner) for duty in duties(who) if "return" in duty.key] == []
    assert client.get(page).status_code == 409
    assert "B 7" in client.get(ending.get_absolute_url()).text


def test_donors_read_that_the_grant_ended_and_nothing_that_was_said_to_the_partner(paid, client):
    endings.ended(paid.grant)

    page = client.get(reverse("grants:campaign", args=[paid.slug])).text

    assert endings.PUBLIC in page
    assert "similar purpose" in page
    assert endings.WORDS not in page


def test_the_partner_reads_on_its_home_that_its_grant_has_ended(paid):
    owner = grants.owner_of(paid.grant)
    endings.ended(paid.grant)

    page = signed_in(owner).get(reverse("partners:home")).text

    assert "You are here" not in page
    assert "Return what you did not spend" in page


def test_suspended_the_page_says_so_and_a_director_lets_it_go_on(payable):
    grant = payable.grant
    officer, director = signed_in(grants.officer_of(grant)), signed_in(grants.directors_of(grant)[0])
    assert officer.post(at("suspend", grant.number), {"reason": ""}).status_code == 422
    assert officer.post(at("suspend", grant.number), {"reason": "A report of harm."}).status_code == 302
    assert grants.fresh(grant).state == "suspended"
    assert "A report of harm." in signed_in(grants.owner_of(grant)).get(at("partner_agreement", grant.number)).text
    assert officer.post(at("resume", grant.number)).status_code == 403
    tranche = payments.tranche_of(payable)
    assert "The grant is not in force." in [str(reason) for reason in tranche.release_blockers()]

    assert director.post(at("resume", grant.number)).status_code == 302

    assert grants.fresh(grant).state == "in_force"
    assert director.post(at("resume", grant.number)).status_code == 409


def test_a_grant_is_complete_once_everything_is_paid_and_reported(payable):
    grant = payable.grant
    officer = signed_in(grants.officer_of(grant))
    page = officer.get(at("complete", grant.number)).text
    assert "The campaign is open." in page
    assert officer.post(at("complete", grant.number)).status_code == 409
    payments.spent(payable, payments.all_paid(payable))

    assert [duty.key for duty in duties(grants.officer_of(grant)) if "complete" in duty.key] == [
        "grants.complete_grant"
    ]
    assert officer.post(at("complete", grant.number)).status_code == 302
    assert grants.fresh(grant).state == "completed"
    assert officer.post(at("close_file", grant.number)).status_code == 302
    assert grants.fresh(grant).state == "closed"
    assert officer.post(at("close_file", grant.number)).status_code == 409


def test_a_year_later_a_request_that_nobody_answered_has_expired_and_leads_on(in_force, time_machine):
    ending = endings.asked(in_force)
    time_machine.move_to(timezone.now() + timedelta(days=365))
    officer = signed_in(grants.officer_of(in_force))

    answer = officer.get(ending.get_absolute_url())

    assert answer.status_code == 200
    assert signed_in(ending.second).get(at("ending_sign", ending.number)).status_code == 409


def test_who_ends_a_grant_reads_which_gifts_are_not_recorded_yet(paid):
    waiting_gift(payments.fresh(paid), by=grants.finance())

    page = signed_in(grants.officer_of(paid.grant)).get(at("end", paid.grant.number)).text

    assert "1 waiting for a second person, USD 1,000.01" in page
