"""The pages of amendments: draft, sign, countersign through the real forms; and the one history of a grant."""

import re

import pytest
from django.urls import reverse

from grants.agreements.actions import suspend_grant
from grants.agreements.models import Signature
from grants.amendments.models import Amendment
from grants.endings.history import TOLD, history
from tests.factories import amendments, grants
from tests.factories.portal import UserFactory
from tests.laws.test_one_door import declared
from vetting_portal.duties import duties
from vetting_portal.models import AuditEntry

pytestmark = pytest.mark.django_db

FIELD = re.compile(r'<(?:input|textarea)[^>]*name="([^"]+)"[^>]*>')


def signed_in(client, user):
    client.force_login(user)
    session = client.session
    session["second_factor"] = True
    session.save()
    return client


def page(client, name, *args):
    return client.get(reverse(f"grants:{name}", args=args)).content.decode()


def form_of(client, address):
    """Return what the form on a page holds, as a browser would send it."""
    form = client.get(address).context["form"]
    given = {name: form.initial.get(name, "") for name in form.fields}
    for rows in getattr(form, "rows", {}).values():
        for part in (rows.management_form, *rows.forms):
            given |= {part.add_prefix(name): part.initial.get(name, "") for name in part.fields}
    return {name: "" if value is None else value for name, value in given.items()}


def draft(client, grant, **changes):
    signed_in(client, grants.officer_of(grant))
    address = reverse("grants:amend", args=[grant.number])
    given = {**form_of(client, address), "reason": amendments.WHY, **changes}
    return client.post(address, given)


def test_an_officer_drafts_what_changes_and_reads_it_from_to(client, in_force):
    answer = draft(client, in_force, goal="34,000.00", cap="17,000.00", **{"budget-0-amount": "24000"})
    amendment = Amendment.objects.get()
    assert (answer.status_code, answer.url) == (302, amendment.get_absolute_url())
    shown = page(client, "amendment", amendment.number)
    told = ["Granting goal", "Gifts, target", "Match, at most", "Budget: Social workers"]
    assert [line["what"] for line in amendment.lines] == told
    assert "USD 17,000.00" in shown
    assert "Freeze the terms" in shown
    client.post(reverse("grants:amendment_freeze", args=[amendment.number]))
    assert amendments.fresh(amendment).state == "awaiting_signature"


def test_the_form_leaves_alone_what_nobody_changed(client, in_force):
    draft(client, in_force)
    assert Amendment.objects.get().lines == []


def test_what_does_not_add_up_is_linked_to_its_field(client, in_force):
    draft(client, in_force, cap="100.00")
    shown = page(client, "amendment", Amendment.objects.get().number)
    assert "A match cap is raised, never lowered." in shown
    assert "/change/#id_cap" in shown


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cap": "many"}, "many"),
        ({"reason": ""}, "Say why the terms change."),
        ({"tranches-0-due_on": ""}, "Give payment 1 a date."),
    ],
)
def test_a_wrong_entry_comes_back_with_its_reason(client, in_force, changes, said):
    answer = draft(client, in_force, **changes)
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert not Amendment.objects.exists()


@pytest.mark.parametrize("name", ["window_ends_on", "term_ends_on"])
@pytest.mark.parametrize("day", ["9999-12-31", "2201-01-01"])
def test_a_day_that_nobody_plans_for_is_refused_beside_its_field(client, in_force, name, day):
    answer = draft(client, in_force, **{name: day})

    assert answer.status_code == 422
    assert answer.context["form"].errors == {name: ["This is too far away. Look at the year."]}
    assert "This is too far away. Look at the year." in answer.text
    assert day in answer.text
    assert not Amendment.objects.exists()


def test_the_form_is_refused_while_an_amendment_is_open(client, in_force):
    standing = amendments.drafted(in_force)
    signed_in(client, grants.officer_of(in_force))

    answer = client.get(reverse("grants:amend", args=[in_force.number]))

    assert answer.status_code == 409
    assert f"{standing} is open." in answer.text
    assert "One at a time: finish it or withdraw it first." in answer.text
    assert standing.get_absolute_url() in answer.text


def test_the_page_of_an_open_amendment_says_that_its_grant_is_suspended(client, in_force):
    amendment = amendments.amendment_in("awaiting_signature", in_force)
    signed_in(client, grants.officer_of(in_force))
    before = client.get(amendment.get_absolute_url()).text

    suspend_grant(grant=grants.fresh(in_force), reason="A visit is due.", by=grants.directors_of(in_force)[0])
    after = client.get(amendment.get_absolute_url()).text

    words = "This amendment is not signed meanwhile."
    assert (words in before, words in after) == (False, True)


def test_the_form_is_refused_while_the_grant_is_suspended(client, in_force):
    suspend_grant(grant=in_force, reason="A visit is due.", by=grants.directors_of(in_force)[0])
    signed_in(client, grants.officer_of(in_force))

    answer = client.get(reverse("grants:amend", args=[in_force.number]))

    assert answer.status_code == 409
    assert "The grant is suspended." in answer.text
    assert "Only a grant in force is amended." in answer.text


def test_what_was_typed_stays_where_another_amendment_was_drafted_meanwhile(client, in_force):
    signed_in(client, grants.officer_of(in_force))
    address = reverse("grants:amend", args=[in_force.number])
    given = {**form_of(client, address), "reason": "More people came than we hoped for.", "cap": "17,000.00"}
    standing = amendments.drafted(in_force)

    answer = client.post(address, given)

    assert answer.status_code == 409
    assert f"{standing} is open. One at a time: finish it or withdraw it first." in answer.text
    assert "More people came than we hoped for." in answer.text
    assert "17,000.00" in answer.text
    assert Amendment.objects.get() == standing


def test_a_draft_is_changed(client, in_force):
    amendment = amendments.drafted(in_force)
    signed_in(client, amendments.officer_of(amendment))
    address = reverse("grants:amendment_change", args=[amendment.number])
    client.post(address, {**form_of(client, address), "cap": "18,000.00"})
    assert amendments.fresh(amendment).cap_minor == 1_800_000


def confirm(client, amendment, begin, sign):
    sha256 = amendment.agreement.signed_sha256
    begun = client.post(
        reverse(f"grants:{begin}", args=[amendment.number]), {"method": "email", "document_sha256": sha256}
    )
    assert begun.url == reverse(f"grants:{sign}", args=[amendment.number])
    given = {**form_of(client, begun.url), "consent": "on", "code": grants.mailed_code()}
    return client.post(begun.url, given)


def test_directors_sign_and_the_partner_countersigns_by_the_same_pages(client, in_force):
    amendment = amendments.amendment_in("awaiting_signature", in_force)
    for director in grants.directors_of(in_force)[:2]:
        signed_in(client, director)
        assert amendment.number in page(client, "to_sign")
        confirm(client, amendment, "amendment_sign_begin", "amendment_sign")
        assert amendment.number not in page(client, "to_sign")
    owner = grants.owner_of(in_force)
    signed_in(client, owner)
    assert "Amendment 1" in page(client, "partner_agreement", in_force.number)
    assert "USD 17,500.00" in page(client, "partner_amendment", amendment.number)
    confirm(client, amendment, "amendment_countersign_begin", "amendment_countersign")
    sides = list(Signature.objects.filter(agreement=amendment.agreement).values_list("side", flat=True))
    assert sides == ["director", "director", "partner"]
    assert client.get(reverse("grants:amendment_countersign", args=[amendment.number])).status_code == 409


def test_the_confirmation_says_what_changes_and_what_happens_then(client, in_force):
    amendment = amendments.amendment_in("awaiting_signature", in_force)
    director = grants.directors_of(in_force)[0]
    amendments.begin(amendment, director)
    shown = page(signed_in(client, director), "amendment_sign", amendment.number)
    assert "<b>amendment 1</b>" in shown
    assert "USD 15,000.00 → <b>USD 17,500.00</b>" in shown
    assert "A change of the amendment voids it." in shown
    assert "The grant is approved" not in shown


def test_the_partner_reads_nothing_before_the_directors_signed(client, in_force):
    amendment = amendments.amendment_in("awaiting_signature", in_force)
    signed_in(client, grants.owner_of(in_force))
    for name in ("partner_amendment", "amendment_file", "amendment_countersign"):
        assert client.get(reverse(f"grants:{name}", args=[amendment.number])).status_code == 404
    assert "Amendment 1" not in page(client, "partner_agreement", in_force.number)


@pytest.mark.parametrize(
    ("step", "state"), [("send-back", "draft"), ("withdraw", "withdrawn"), ("decline", "declined")]
)
def test_a_step_with_a_reason(client, in_force, step, state):
    amendment = amendments.amendment_in("awaiting_signature", in_force)
    by = grants.directors_of(in_force)[0] if step == "decline" else amendments.officer_of(amendment)
    address = f"{amendment.get_absolute_url()}{step}/"
    signed_in(client, by)
    assert client.post(address, {"reason": ""}).status_code == 422
    client.post(address, {"reason": "Not this year."})
    assert amendments.fresh(amendment).state == state
    assert "Not this year." in page(client, "amendment", amendment.number)


def test_both_files_are_served(client, in_force):
    amendment = amendments.amendment_in("in_force", in_force)
    document = amendments.fresh(amendment).agreement
    signed_in(client, grants.owner_of(in_force))
    address = reverse("grants:amendment_file", args=[amendment.number])
    sealed, signed = (b"".join(client.get(f"{address}{query}").streaming_content) for query in ("", "?signed"))
    assert (len(sealed), len(signed)) == (document.sealed_file.size, document.signed_file.size)


def test_pages_say_the_terms_in_force(client, in_force):
    amendments.amendment_in("in_force", in_force, **amendments.MORE, conditions=["Two people sign each cheque."])
    shown = page(signed_in(client, grants.officer_of(in_force)), "grant", in_force.number)
    assert "35,000.00" in shown
    assert "Two people sign each cheque." in shown
    assert "Terms in force: version 2" in shown
    own = page(signed_in(client, grants.owner_of(in_force)), "partner_agreement", in_force.number)
    assert "17,500.00" in own
    assert "Two people sign each cheque." in own


def test_the_record_of_the_agreement_names_its_amendments(client, in_force):
    document = amendments.fresh(amendments.amendment_in("in_force", in_force)).agreement
    shown = client.get(grants.fresh(in_force).agreement.verify_path).content.decode()
    assert document.verify_path in shown
    amended = client.get(document.verify_path).content.decode()
    assert "Amendment 1" in amended
    assert f"Agreement {in_force.number}" in amended


def test_the_public_reads_the_public_reason_only(client, in_force):
    grants.end(
        in_force, "The partner ended its work.", "Fraud by Mr X, whom the board has since dismissed and reported."
    )
    shown = client.get(grants.fresh(in_force).agreement.verify_path).content.decode()
    assert "The partner ended its work." in shown
    assert "Fraud" not in shown


def test_a_director_revokes_the_agreement_of_a_completed_grant(client, in_force):
    director = grants.directors_of(in_force)[0]
    address = reverse("grants:revoke", args=[in_force.number])
    given = {"reason": "Found later.", "public_reason": "The funder revoked it."}
    signed_in(client, director)
    assert client.post(address, given).status_code == 409
    grants.actions.complete_grant(grant=in_force, by=grants.officer_of(in_force))
    client.post(address, given)
    agreement = grants.fresh(in_force).agreement
    assert (agreement.revoked_by, agreement.public_reason) == (director, "The funder revoked it.")
    assert client.post(address, given).status_code == 409


def titles(grant, **how):
    return [event.title for event in history(grant, **how).events]


def test_the_history_is_one_line_newest_first(in_force):
    campaign = amendments.campaign_of(in_force)
    amendments.amendment_in("in_force", in_force)
    names = [director.name for director in grants.directors_of(in_force)[:2]]
    owner = grants.owner_of(in_force).name
    grants.end(grants.fresh(in_force))
    assert titles(in_force) == [
        "Nothing is left to be returned",
        "Unpaid match went back to its fund, unpaid gifts to a similar purpose",
        "The campaign closed",
        "Amendment 1 was revoked",
        "The agreement was revoked",
        "The grant was ended",
        "Report no longer asked for: Final report",
        "Report no longer asked for: Start note",
        "Payment 3 was cancelled",
        "Condition 1 is no longer asked for",
        "Payment 2 was cancelled",
        "Payment 1 was cancelled",
        "The ending was carried out",
        f"{names[0]} confirmed the ending",
        "A director is asked to confirm the ending",
        "Payments and reports stand on their schedules",
        "The match cap was raised to USD 17,500.00",
        "Amendment 1 is in force",
        "Amendment 1 was sealed",
        f"{owner} signed amendment 1 for the partner",
        "Amendment 1 was approved",
        f"{names[1]} signed amendment 1, director",
        f"{names[0]} signed amendment 1, director",
        "Amendment 1: the terms were frozen",
        "Amendment 1 was drafted",
        "Payments and reports stand on their schedules",
        "The campaign opened",
        "The campaign page was written",
        "The grant is in force",
        "The agreement was sealed",
        f"{owner} signed for the partner",
        "Approved: the match is reserved",
        f"{names[1]} signed, director",
        f"{names[0]} signed, director",
        "Condition 1 is asked for",
        "The terms were frozen",
        "The grant was drafted",
    ]
    assert campaign.grant_id == in_force.pk


def test_the_partner_reads_its_own_part(in_force):
    amendments.amendment_in("withdrawn", in_force)
    grants.end(grants.fresh(in_force))
    own, staff = history(in_force, for_partner=True).events, history(in_force).events
    told = {event.title for event in own}
    assert told < {event.title for event in staff}
    assert not {"Amendment 1 was withdrawn", "The grant was drafted", "The terms were frozen"} & told
    words = " ".join(event.text for event in own)
    assert grants.MISUSED not in words
    assert "The partner ended its work." in words


def test_every_move_of_a_grant_and_its_amendments_is_told():
    told = {(model.__name__, event) for model, event in TOLD}
    moves = {(model.__name__, move.name) for model, move in declared()}
    kinds = {"Grant", "Amendment", "Campaign", "Report", "Tranche", "Condition", "Ending"}
    assert {move for move in moves if move[0] in kinds} - told == set()


@pytest.mark.parametrize("name", ["grant", "amendment"])
def test_pages_take_the_same_few_queries_however_much_happened(client, django_assert_max_num_queries, in_force, name):
    amendments.campaign_of(in_force)
    amendments.amendment_in("withdrawn", in_force)
    amendment = amendments.amendment_in("awaiting_signature", grants.fresh(in_force))
    signed_in(client, grants.directors_of(in_force)[0])
    address = reverse(f"grants:{name}", args=[amendment.number if name == "amendment" else in_force.number])
    client.get(address)
    with django_assert_max_num_queries(19 if name == "grant" else 23) as asked:
        client.get(address)
    before = len(asked)
    entry = AuditEntry.objects.filter(subject_type="grants.Amendment").count()
    UserFactory()
    assert entry
    if name == "grant":
        amendments.actions.withdraw_amendment(
            amendment=amendment, reason="Not needed.", by=amendments.officer_of(amendment)
        )
        with django_assert_max_num_queries(before):
            client.get(address)


def test_the_home_of_the_partner_asks_for_the_countersignature(in_force, client):
    amendment = amendments.amendment_in("approved", in_force)
    owner, url = grants.owner_of(in_force), reverse("grants:partner_amendment", args=[amendment.number])
    assert url in {duty.url for duty in duties(owner)}
    client.force_login(owner)
    assert url in client.get(reverse("partners:home")).text
    amendments.countersign(amendment)
    assert url not in client.get(reverse("partners:home")).text
