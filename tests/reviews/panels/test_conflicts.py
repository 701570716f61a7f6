"""What the records show between a reviewer and a partner, and what follows: barred, a written reason, an answer."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from partners.models import Organisation, Submission
from reviews.models import ConflictDeclaration, ConflictWarning, Review
from reviews.panels import actions
from reviews.panels.conflicts import Kind, domain_of, findings_of, is_same_domain, shared_domains, soft_findings
from reviews.panels.results import panel_result
from tests.factories import reviews as made
from tests.factories.partners import MembershipFactory, OrganisationFactory, PersonFactory
from tests.factories.portal import UserFactory
from tests.reviews.panels.test_views import page, post, signed_in
from tests.support.databases import append_only
from vetting_portal.models import AuditEntry
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db
ALL_THE_SAME = "Nobody else of the panel reads Thai."


@pytest.fixture
def lift():
    """A partner with a website and an owner of its own domain."""
    owner = UserFactory(email="siriporn@lift.example", name="Siriporn Chaiyasit")
    return OrganisationFactory(legal_name="LIFT", website="https://www.lift.example/en/", owner=owner)


@pytest.fixture
def submission(lift):
    return made.sent_submission(organisation=lift, created_by=lift.owners().get().user)


def kinds(organisation, user):
    return [str(finding.kind) for finding in findings_of(organisation, [user])[user.pk]]


# ---- domains


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("krit@lift.example", "lift.example"),
        ("krit@Mail.LIFT.example ", "mail.lift.example"),
        ("https://www.lift.example/about", "lift.example"),
        ("https://lift.example:8443", "lift.example"),
        ("krit@gmail.com", ""),
        ("krit@googlemail.com", ""),
        ("krit@yahoo.co.th", ""),
        ("https://www.facebook.com/lift", ""),
        ("https://lift.wordpress.com", ""),
        ("https://sites.google.com/view/lift", ""),
        ("krit@example.org", ""),
        ("krit@notgmail.com", "notgmail.com"),
        ("krit@localhost", ""),
        ("not an address", ""),
        ("", ""),
    ],
)
def test_domain_of_an_address(address, domain):
    assert domain_of(address) == domain


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("lift.example", "lift.example", True),
        ("mail.lift.example", "lift.example", True),
        ("lift.example", "mail.lift.example", True),
        ("uplift.example", "lift.example", False),
        ("", "", False),
        ("lift.example", "", False),
    ],
)
def test_same_domain(one, other, same):
    assert is_same_domain(one, other) is same


def test_list_of_shared_domains_is_clean():
    assert {"gmail.com", "qq.com", "proton.me", "wixsite.com"} <= shared_domains()
    assert all(one == one.strip().lower() and "." in one and "@" not in one for one in shared_domains())


# ---- findings


def test_nothing_is_shown_of_a_stranger(lift):
    assert kinds(lift, UserFactory(email="mei-ling@tan.example", name="Mei-Ling Tan")) == []


@pytest.mark.parametrize("ended", [True, False])
def test_a_membership_is_shown_now_or_ever(lift, ended):
    user = UserFactory()
    MembershipFactory(organisation=lift, user=user, ended=ended)

    (finding,) = findings_of(lift, [user])[user.pk]

    assert (finding.kind, finding.is_hard) == (Kind.MEMBER, True)
    assert finding.text == f"{'acted' if ended else 'acts'} for LIFT"


def test_a_recusal_is_remembered_for_every_later_submission(submission):
    review = made.begun(submission)
    actions.recuse_review(review=review, by=review.reviewer)

    assert kinds(submission.organisation, review.reviewer) == ["interest"]


def test_company_in_another_organisation_is_shown(lift):
    elsewhere, user = OrganisationFactory(legal_name="Nuru"), UserFactory()
    MembershipFactory(organisation=elsewhere, user=lift.owners().get().user, ended=True)
    MembershipFactory(organisation=elsewhere, user=user, ended=True)

    (finding,) = findings_of(lift, [user])[user.pk]

    assert (finding.kind, finding.is_hard) == (Kind.TOGETHER, False)
    assert "Nuru" in finding.text
    assert "Siriporn Chaiyasit" in finding.text


@pytest.mark.parametrize("email", ["tan@lift.example", "tan@mail.lift.example"])
def test_a_shared_domain_is_shown(lift, email):
    user = UserFactory(email=email, name="Mei-Ling Tan")

    (finding,) = findings_of(lift, [user])[user.pk]

    assert (finding.kind, finding.is_hard) == (Kind.DOMAIN, False)
    assert "the partner's website" in finding.text


def test_the_domain_of_a_former_member_is_shown():
    organisation = OrganisationFactory(website="")
    MembershipFactory(organisation=organisation, user=UserFactory(email="a@old.example"), ended=True)

    assert kinds(organisation, UserFactory(email="b@old.example")) == ["domain"]


@pytest.mark.parametrize(
    "name", ["Siriporn Chaiyasit", "Dr. Siriporn Chaiyasit", "CHAIYASIT, Siriporn", "Siriphon Chaiyasit", "ศิริพร ไชยสิทธิ์"]
)
def test_a_name_of_the_board_is_shown_however_it_is_written(lift, name):
    PersonFactory(organisation=lift, name="Siriporn Chaiyasit", local_name="ศิริพร ไชยสิทธิ์", role="signatory")

    (finding,) = findings_of(lift, [user := UserFactory(name=name)])[user.pk]

    assert (finding.kind, finding.is_hard) == (Kind.NAME, False)
    assert finding.text == "has a name close to Siriporn Chaiyasit (signatory)"
    assert "related" in finding.question


def test_people_of_the_past_count(lift):
    PersonFactory(organisation=lift, name="Krit Boonmee", until_on=date(2024, 1, 1))

    assert "of the past" in findings_of(lift, [user := UserFactory(name="Krit Boonmee")])[user.pk][0].text


@pytest.mark.parametrize("name", ["Krit Saetang", "Somchai Boonmee", "Krit", "", "Dr."])
def test_another_name_is_not_shown(lift, name):
    PersonFactory(organisation=lift, name="Krit Boonmee")

    assert kinds(lift, UserFactory(name=name)) == []


def test_many_people_are_looked_at_in_the_same_number_of_queries(lift, django_assert_num_queries):
    users = [UserFactory() for _ in range(6)]
    for user in users[:3]:
        MembershipFactory(organisation=OrganisationFactory(), user=user)

    with django_assert_num_queries(5):
        findings_of(lift, users[:1])
    with django_assert_num_queries(5):
        findings_of(lift, users)


# ---- assigning


def colleague(**fields):
    return made.reviewer(email="tan@lift.example", name="Mei-Ling Tan", **fields)


@pytest.mark.parametrize("reason", ["", "  ", "She reads Thai."])
def test_asking_somebody_in_spite_of_the_records_needs_a_reason(submission, reason):
    user = colleague()

    with pytest.raises(ValidationError) as refusal:
        actions.assign_reviewer(
            submission=submission, reviewer=user, due_on=made.in_a_week(), reason=reason, by=made.officer()
        )

    assert "lift.example" in refusal.value.message_dict["reason"][0]
    assert not Review.objects.exists()


def test_the_reason_is_kept_with_what_the_records_showed(submission):
    officer = made.officer()

    review = actions.assign_reviewer(
        submission=submission, reviewer=colleague(), due_on=made.in_a_week(), reason=ALL_THE_SAME, by=officer
    )

    warning = review.warnings.get()
    assert (warning.kind, warning.reason, warning.accepted_by) == ("domain", ALL_THE_SAME, officer)
    assert AuditEntry.objects.about(review).get().facts["warnings"] == ["domain"]
    text = page(made.officer(), "work", submission.pk).text
    assert ALL_THE_SAME in text
    with append_only():
        ConflictWarning.objects.filter(pk=warning.pk).update(reason="Another one.")


def test_no_warning_is_kept_where_there_is_none(submission):
    actions.assign_reviewer(
        submission=submission, reviewer=made.reviewer(), due_on=made.in_a_week(), reason=ALL_THE_SAME, by=made.officer()
    )

    assert not ConflictWarning.objects.exists()


def test_a_hard_conflict_is_refused_whatever_the_reason(submission):
    user = made.reviewer()
    MembershipFactory(organisation=submission.organisation, user=user, ended=True)

    with pytest.raises(Refused) as refusal:
        actions.assign_reviewer(
            submission=submission, reviewer=user, due_on=made.in_a_week(), reason=ALL_THE_SAME, by=made.officer()
        )

    assert refusal.value.blockers == [f"{user} acted for LIFT."]


# ---- declaring


@pytest.fixture
def asked(submission):
    """A review whose reviewer has an address of the partner's domain."""
    return actions.assign_reviewer(
        submission=submission, reviewer=colleague(), due_on=made.in_a_week(), reason=ALL_THE_SAME, by=made.officer()
    )


def field_of(review):
    (finding,) = soft_findings(review.submission.organisation, review.reviewer)
    return f"answer_{finding.key}"


def test_what_the_records_show_is_asked_before_anything_opens(asked):
    answer = page(asked.reviewer, "review_gate", asked.pk)

    assert f'name="{field_of(asked)}"' in answer.text
    assert "What ties you to the partner?" in answer.text
    assert asked.submission.title not in answer.text


@pytest.mark.parametrize("said", ["", "No."])
def test_without_an_answer_nothing_opens(asked, said):
    answer = post(
        asked.reviewer, "review_gate", asked.pk, interest="none", keeps_confidence="on", **{field_of(asked): said}
    )

    assert answer.status_code == 422
    assert "Answer this: at least 3 words." in answer.text
    assert not ConflictDeclaration.objects.exists()
    assert signed_in(asked.reviewer).get(asked.submission.get_absolute_url()).status_code == 404


def test_the_answer_is_part_of_the_declaration_and_the_officer_reads_it(asked):
    said = "A friend lent me the mailbox in 2019."
    post(asked.reviewer, "review_gate", asked.pk, interest="none", keeps_confidence="on", **{field_of(asked): said})

    declaration = ConflictDeclaration.objects.get()
    assert [(one["kind"], one["answer"]) for one in declaration.answers] == [("domain", said)]
    assert said in page(made.officer(), "work", asked.submission_id).text
    actions.declare_as_officer(submission=asked.submission, has_interest=False, by=asked.invited_by)
    gate = next(one for one in panel_result(Submission.objects.get()).gates if one.code == "C15")
    assert (gate.state, gate.text) == ("pass", "none unresolved, 1 answered that the records show")


def test_who_steps_aside_answers_nothing(asked):
    post(asked.reviewer, "review_gate", asked.pk, interest="some")

    assert Review.objects.get().state == Review.State.RECUSED
    assert ConflictDeclaration.objects.get().answers == []


def test_what_the_records_show_since_the_asking_is_asked_too(submission):
    review = made.invited(submission, who=made.reviewer(name="Krit Boonmee"))
    PersonFactory(organisation=submission.organisation, name="Krit Boonmee")

    with pytest.raises(ValidationError, match="Answer this"):
        actions.declare(review=review, has_interest=False, keeps_confidence=True, by=review.reviewer)


def test_an_officer_answers_too(submission):
    officer = UserFactory(roles=["programme_officer"], email="ruth@lift.example")

    refused = post(officer, "declare_as_officer", submission.pk, interest="none")
    (finding,) = soft_findings(submission.organisation, officer)
    said = {f"answer_{finding.key}": "They host our old list."}
    post(officer, "declare_as_officer", submission.pk, interest="none", **said)

    assert refused.status_code == 422
    assert ConflictDeclaration.objects.get().answers[0]["answer"] == "They host our old list."
    assert Submission.objects.get(pk=submission.pk).officer == officer


def test_findings_do_not_show_to_the_partner(asked):
    owner = Organisation.objects.get().owners().get().user

    assert signed_in(owner).get(f"/submissions/{asked.submission_id}/work/").status_code in {403, 404}
