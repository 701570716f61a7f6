"""The pages: who may open them, what they say when it is not the moment, and the whole way through them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from grants.agreements import actions
from grants.agreements.models import Grant, Signature
from tests.factories import grants, reviews
from tests.factories.partners import MembershipFactory
from tests.factories.portal import TOTP, UserFactory
from vetting_portal.files import read_stored
from vetting_portal.models import User
from vetting_portal.tasks import drain

pytestmark = pytest.mark.django_db

ROLES = ["reviewer", "programme_officer", "director", "finance_officer", "auditor", "administrator"]
OPEN = {
    "list": {"programme_officer", "director", "finance_officer", "auditor"},
    "to_sign": {"director"},
    "signed": {"director"},
    "funds": {"director", "finance_officer", "auditor"},
    "fund_new": {"finance_officer"},
}
OPEN_FOR_GRANT = {
    "grant": {"programme_officer", "director", "finance_officer", "auditor"},
    "agreement_file": {"programme_officer", "director", "finance_officer", "auditor"},
    "declare": {"director"},
    "send_back": {"programme_officer", "director"},
    "decline": {"director"},
}


def status(client, name, *args):
    """Return how a page answers; a file is read to its end, which closes it."""
    response = client.get(reverse(f"grants:{name}", args=args))
    if response.streaming:
        b"".join(response.streaming_content)
    return response.status_code


def signed_in(client, user):
    client.force_login(user)
    return client


@pytest.mark.parametrize("role", ROLES)
def test_lists_open_for_their_roles(client, role):
    signed_in(client, UserFactory(roles=[role], totp=True))
    answers = {name: client.get(reverse(f"grants:{name}")).status_code for name in OPEN}
    assert answers == {name: 200 if role in roles else 403 for name, roles in OPEN.items()}


def test_pages_of_a_grant_open_for_their_roles(client, waiting):
    for role in ROLES:
        signed_in(client, UserFactory(roles=[role], totp=True))
        for name, roles in OPEN_FOR_GRANT.items():
            hidden = 403 if role in OPEN["list"] else 404
            wanted = 200 if role in roles else hidden
            assert status(client, name, waiting.number) == wanted, (role, name)


def test_visible_to_and_view_grant_agree(client):
    everyone = [UserFactory(roles=[role]) for role in ROLES]
    for state in ("draft", "awaiting_signature", "approved"):
        grant = grants.grant_in(state)
        people = [*everyone, grants.owner_of(grant), UserFactory(), MembershipFactory(ended=True).user]
        for user in people:
            sees = Grant.objects.visible_to(user).filter(pk=grant.pk).exists()
            assert sees == user.has_perm("grants.view_grant", grant), (state, user.role_keys)


def test_a_list_takes_the_same_queries_for_one_and_three(client, django_assert_num_queries):
    director = UserFactory(roles=["director"], totp=True)
    signed_in(client, director)
    grants.grant_in("awaiting_signature")
    for name in LIST_QUERIES:
        client.get(reverse(f"grants:{name}"))
    for extra in (0, 2):
        for _ in range(extra):
            grants.grant_in("awaiting_signature")
        for name, count in LIST_QUERIES.items():
            with django_assert_num_queries(count):
                client.get(reverse(f"grants:{name}"))


LIST_QUERIES = {"list": 7, "to_sign": 9}


def test_the_brief_opens_after_the_declaration_only(client, waiting):
    director = grants.directors_of(waiting)[0]
    signed_in(client, director)
    brief, declare = (reverse(f"grants:{name}", args=[waiting.number]) for name in ("brief", "declare"))
    assert client.get(brief).url == declare
    page = client.get(declare).content.decode()
    assert "checked" not in page
    assert client.post(declare, {}).status_code == 422
    assert client.post(declare, {"has_interest": "no"}).url == brief
    page = client.get(brief).content.decode()
    for words in ("Amounts", "No override", "Safeguarding", "Accounts are reviewed", "Signature 1 of 2"):
        assert words in page
    assert waiting.agreement.signed_sha256[:8] in page


def test_a_director_with_an_interest_sees_no_brief(client, waiting):
    signed_in(client, grants.directors_of(waiting)[0])
    answer = client.post(reverse("grants:declare", args=[waiting.number]), {"has_interest": "yes"})
    assert answer.url == reverse("grants:to_sign")
    assert client.get(reverse("grants:brief", args=[waiting.number])).status_code == 403


def sign_by_page(client, grant, user, begin, page, method="email"):
    signed_in(client, user)
    sha256 = grants.fresh(grant).agreement.signed_sha256
    answer = client.post(reverse(f"grants:{begin}", args=[grant.number]), {"method": method, "document_sha256": sha256})
    assert answer.url == reverse(f"grants:{page}", args=[grant.number])
    form = client.get(answer.url).context["form"]
    code = grants.mailed_code() if method == "email" else grants.totp_code()
    return client.post(answer.url, {**form.initial, "consent": "on", "code": code})


def test_the_whole_way_from_draft_to_verified_seal(client, draft):
    officer = grants.officer_of(draft)
    officer_client = signed_in(client, officer)
    TOTP.activate(officer, grants.TOTP_SECRET)
    assert officer_client.get(reverse("grants:grant", args=[draft.number])).status_code == 200
    assert officer_client.post(reverse("grants:freeze", args=[draft.number])).status_code == 302
    first, second = grants.directors_of(draft)
    for director, method in ((first, "totp"), (second, "email")):
        signed_in(client, director)
        client.post(reverse("grants:declare", args=[draft.number]), {"has_interest": "no"})
        assert sign_by_page(client, draft, director, "sign_begin", "sign", method).status_code == 302
    owner = grants.owner_of(draft)
    signed_in(client, owner)
    page = client.get(reverse("grants:partner_agreement", args=[draft.number]))
    assert "then countersign" in page.content.decode()
    assert status(client, "agreement_file", draft.number) == 200
    assert sign_by_page(client, draft, owner, "countersign_begin", "countersign").status_code == 302
    drain()
    grant = grants.fresh(draft)
    assert grant.state == "in_force"
    client.logout()
    sealed = read_stored(grant.agreement.sealed_file)
    answer = client.post(reverse("grants:verify"), {"file": SimpleUploadedFile("a.pdf", sealed)})
    assert "Genuine" in answer.content.decode()
    answer = client.post(reverse("grants:verify"), {"file": SimpleUploadedFile("a.pdf", sealed + b"x")})
    assert "Bytes were added after the seal" in answer.content.decode()
    for sha256 in (grant.agreement.sealed_sha256, grant.agreement.signed_sha256, grant.terms.sha256):
        assert client.get(reverse("grants:verify_record", args=[sha256])).status_code == 200


def test_the_sign_page_keeps_a_wrong_code_at_its_field(client, waiting):
    director = grants.directors_of(waiting)[0]
    grants.declare(waiting, director)
    challenge, code = grants.begin(waiting, director)
    signed_in(client, director)
    address = reverse("grants:sign", args=[waiting.number])
    given = {"document_sha256": challenge.document_sha256, "nonce": challenge.nonce, "code": code}
    assert client.post(address, given).status_code == 422  # no consent
    answer = client.post(address, {**given, "consent": "on", "code": "1"})
    assert (answer.status_code, "4 more tries" in answer.content.decode()) == (422, True)
    assert not Signature.objects.exists()


def test_a_stale_sign_page_is_told_and_nothing_is_written(client, waiting):
    director = grants.directors_of(waiting)[0]
    grants.declare(waiting, director)
    challenge, code = grants.begin(waiting, director)
    officer = grants.officer_of(waiting)
    back = actions.send_back_grant(grant=waiting, reason="Another window.", by=officer)
    actions.freeze_terms(grant=actions.change_grant(grant=back, fields={"title": "New"}, by=officer), by=officer)
    signed_in(client, director)
    given = {"document_sha256": challenge.document_sha256, "nonce": challenge.nonce, "code": code, "consent": "on"}
    answer = client.post(reverse("grants:sign", args=[waiting.number]), given)
    assert (answer.status_code, "Changed since you viewed it" in answer.content.decode()) == (409, True)
    assert not Signature.objects.exists()


def test_the_sign_page_without_an_open_challenge_leads_back(client, waiting):
    director = grants.directors_of(waiting)[0]
    grants.declare(waiting, director)
    signed_in(client, director)
    assert client.get(reverse("grants:sign", args=[waiting.number])).url == reverse(
        "grants:brief", args=[waiting.number]
    )


def test_begin_answers_to_post_only(client, waiting):
    director = grants.directors_of(waiting)[0]
    grants.declare(waiting, director)
    signed_in(client, director)
    address = reverse("grants:sign_begin", args=[waiting.number])
    assert client.get(address).status_code == 405
    assert client.post(address, {}).status_code == 409


def test_another_partner_sees_nothing(client, approved):
    stranger = MembershipFactory(role="owner").user
    signed_in(client, stranger)
    for name in ("partner_agreement", "countersign", "agreement_file", "grant"):
        assert status(client, name, approved.number) == 404, name


def test_a_partner_sees_nothing_before_the_directors_have_signed(client, waiting):
    signed_in(client, grants.owner_of(waiting))
    assert client.get(reverse("grants:partner_agreement", args=[waiting.number])).status_code == 404


def test_an_editor_reads_and_does_not_sign(client, approved):
    editor = MembershipFactory(organisation=approved.submission.organisation).user
    signed_in(client, editor)
    page = client.get(reverse("grants:partner_agreement", args=[approved.number]))
    assert (page.status_code, page.context["can_sign"]) == (200, False)
    address = reverse("grants:countersign_begin", args=[approved.number])
    assert client.post(address, {"method": "email", "document_sha256": "x"}).status_code == 403


def form_data(form):
    data = {name: "" if value is None else value for name, value in form.initial.items() if name in form.fields}
    data["fund"] = form.initial["fund"].pk
    for name, rows in form.rows.items():
        data |= {f"{name}-TOTAL_FORMS": rows.total_form_count(), f"{name}-INITIAL_FORMS": rows.initial_form_count()}
        for place, row in enumerate(rows):
            data |= {f"{name}-{place}-{field}": row.initial.get(field) or "" for field in row.fields}
    return {key: value for key, value in data.items() if value is not False}


def test_the_officers_form_drafts_what_it_proposes_and_it_adds_up(client):
    grants.FunderFactory()
    officer = User.objects.get(pk=reviews.officer(totp=True).pk)
    submission = reviews.recommended(by=officer)
    grants.fund_with(submission=submission)
    grants.directors()
    signed_in(client, officer)
    address = reverse("grants:draft", args=[submission.number])
    data = form_data(client.get(address).context["form"])
    answer = client.post(address, {**data, "signatory_title": "Director"})
    grant = Grant.objects.get()
    assert answer.url == reverse("grants:grant", args=[grant.number])
    assert (grant.goal_minor, grant.cap_minor) == (3_000_000, 1_500_000)
    (condition,) = grant.plan["conditions"]
    assert (condition["number"], condition["text"]) == (1, "Accounts are reviewed before the second payment.")
    assert (condition["blocks"], condition["of"]) == ("payment", 1)
    assert grant.freeze_blockers() == []
    assert client.get(address).url == grant.get_absolute_url()
    change = reverse("grants:change", args=[grant.number])
    data = form_data(client.get(change).context["form"])
    assert client.post(change, {**data, "cap": "99999", "goal": "3.333"}).status_code == 422
    for slip in ({"window_ends_on": "9999-12-31"}, {"window_starts_on": "0001-01-01"}, {"term_ends_on": "9999-12-31"}):
        refused = client.post(change, {**data, **slip})
        assert (refused.status_code, "Look at the year." in refused.text) == (422, True)
    assert client.post(change, {**data, "tranches-0-due_on": ""}).status_code == 302
    assert [str(reason) for reason in grants.fresh(grant).freeze_blockers()] == ["A payment has no date (Schedule D)."]
    assert client.post(change, data).status_code == 302
    assert client.post(change, {**data, "budget-0-amount": "-4"}).status_code == 422
    assert client.post(change, {**data, "title": "Renamed"}).status_code == 302
    assert Grant.objects.get().title == "Renamed"


@pytest.mark.parametrize("step", ["send_back", "decline"])
def test_a_step_with_a_reason(client, step, waiting):
    signed_in(client, grants.directors_of(waiting)[0])
    address = reverse(f"grants:{step}", args=[waiting.number])
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "The window is too short."}).status_code == 302
    assert grants.fresh(waiting).state == {"send_back": "draft", "decline": "declined"}[step]
    assert client.post(address, {"reason": "Again."}).status_code == 409


def test_verify_says_what_is_wrong_with_no_file_or_an_empty_one(client):
    assert client.get(reverse("grants:verify")).status_code == 200
    assert client.post(reverse("grants:verify"), {}).status_code == 422
    answer = client.post(reverse("grants:verify"), {"file": SimpleUploadedFile("a.pdf", b"")})
    assert (answer.status_code, "The file is empty" in answer.content.decode()) == (422, True)
    answer = client.post(reverse("grants:verify"), {"file": SimpleUploadedFile("a.txt", b"hello")})
    assert "We have no record of this file" in answer.content.decode()


@pytest.mark.parametrize("name", ["0" * 64, "nothing", "A" * 64])
def test_a_record_that_is_not_there(client, name):
    assert client.get(reverse("grants:verify_record", args=[name])).status_code == 404


@pytest.mark.parametrize(("name", "count"), [("brief", 20), ("grant", 19)])
def test_a_page_takes_few_queries(client, django_assert_max_num_queries, name, count, waiting):
    first, second = grants.directors_of(waiting)
    grants.sign(waiting, second)
    grants.declare(waiting, first)
    signed_in(client, first)
    address = reverse(f"grants:{name}", args=[waiting.number])
    client.get(address)
    with django_assert_max_num_queries(count):
        client.get(address)
