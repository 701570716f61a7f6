import shutil
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from reviews.models import ListEntry, ListName, SanctionsList, Screening, ScreeningHit
from reviews.screening.actions import (
    ask_for_identity,
    clear_hit,
    confirm_hit,
    import_list,
    screen_organisation,
    seen_token,
)
from reviews.screening.parsing import BrokenListError, check_list
from reviews.screening.status import list_blockers, screening_status
from reviews.screening.subjects import fingerprint_of, subjects_of
from tests.factories import reviews as made
from tests.factories.partners import MembershipFactory, OrganisationFactory, PersonFactory
from tests.factories.portal import UserFactory
from tests.support.rig import ROOT
from vetting_portal.models import AuditEntry
from vetting_portal.tasks import drain
from vetting_portal.workflow import Refused

pytestmark = pytest.mark.django_db
CUTS = ROOT / "tests/data/sanctions"


def events(subject) -> list[str]:
    return [entry.event for entry in AuditEntry.objects.about(subject)]


def test_import_keeps_entries_names_hash_and_date():
    current = made.imported()

    assert (current.entry_count, current.entries.count()) == (8, 8)
    assert ListName.objects.count() == current.name_count
    assert current.is_current
    assert events(current) == ["imported"]


def test_import_takes_the_date_of_the_un_itself():
    current, _ = import_list(checked=check_list("un", CUTS / "un/UN_consolidated.xml"), by=made.commands())

    assert current.published_on == date(2026, 2, 27)


def test_a_new_list_replaces_the_old_one(tmp_path):
    old = made.imported()
    newer = tmp_path / "newer.csv"
    newer.write_bytes(made.EXAMPLE_LIST.read_bytes().replace(b"Ivo EXAMPLEVIC", b"Iva EXAMPLEVIC"))

    new = made.imported(newer)

    assert list(SanctionsList.objects.current()) == [new]
    assert not SanctionsList.objects.get(pk=old.pk).is_current


def test_the_same_list_again_changes_nothing():
    first = made.imported()

    again, is_new = import_list(
        checked=check_list("opensanctions", made.EXAMPLE_LIST), published_on=timezone.localdate(), by=made.commands()
    )

    assert (again.pk, is_new, SanctionsList.objects.count()) == (first.pk, False, 1)


def test_a_file_that_changes_while_it_is_read_is_refused_and_the_old_list_stays(tmp_path):
    old = made.imported()
    path = tmp_path / "list.csv"
    shutil.copy(made.EXAMPLE_LIST, path)
    checked = check_list("opensanctions", path)
    path.write_bytes(path.read_bytes().replace(b"Ivo EXAMPLEVIC", b"Ivo EXAMPLEVIK"))

    with pytest.raises(BrokenListError, match="changed while it was read"):
        import_list(checked=checked, by=made.commands())

    assert list(SanctionsList.objects.current()) == [old]
    assert ListEntry.objects.exclude(sanctions_list=old).count() == 0


def test_a_list_from_the_future_is_refused():
    with pytest.raises(ValidationError, match="future"):
        made.imported(published_on=timezone.localdate() + timedelta(days=2))


def test_only_administrators_and_commands_import():
    with pytest.raises(PermissionDenied):
        import_list(checked=check_list("opensanctions", made.EXAMPLE_LIST), by=made.officer())


@pytest.mark.parametrize(("days", "stale"), [(0, False), (30, False), (31, True), (None, True)])
def test_a_list_goes_stale_after_30_days_or_without_a_date(days, stale):
    current = made.imported()
    current.published_on = None if days is None else timezone.localdate() - timedelta(days=days)
    current.save()

    assert current.is_stale is stale
    assert bool(list_blockers()) is stale


def test_screening_is_refused_without_a_list_and_with_a_stale_one():
    organisation, officer = OrganisationFactory(), made.officer()
    with pytest.raises(Refused, match="No sanctions list"):
        screen_organisation(organisation=organisation, by=officer)

    made.imported(published_on=timezone.localdate() - timedelta(days=31))

    with pytest.raises(Refused, match="more than 30 days ago"):
        screen_organisation(organisation=organisation, by=officer)
    assert not Screening.objects.exists()


def test_screening_covers_every_name_of_the_organisation_and_its_people():
    organisation = OrganisationFactory(
        legal_name="Green House", local_name="บ้านเขียว", former_names=["Imaginary Front for Example"], people=False
    )
    PersonFactory(organisation=organisation, name=made.NEAR_NAME, local_name="พิม รัตนกุล")
    PersonFactory(organisation=organisation, name="Pimchai Rattanakun", until_on=timezone.localdate())

    run = made.screened(organisation)

    assert (run.name_count, run.candidate_count, run.new_count) == (5, 2, 2)
    assert {hit.entry_number for hit in ScreeningHit.objects.all()} == {"EX-20417", "EX-30003"}
    assert run.lists[0]["source"] == "opensanctions"


def test_screening_again_finds_nothing_new():
    hit = made.hit_of()

    run = made.screened(hit.organisation)

    assert (run.candidate_count, run.new_count, ScreeningHit.objects.count()) == (1, 0, 1)


@pytest.mark.parametrize("who", [made.director, made.reviewer, UserFactory])
def test_only_officers_screen(who):
    made.imported()

    with pytest.raises(PermissionDenied):
        screen_organisation(organisation=OrganisationFactory(), by=who())


def test_a_former_member_does_not_screen_or_decide():
    hit = made.hit_of()
    officer = made.officer()
    MembershipFactory(organisation=hit.organisation, user=officer, ended=True)

    with pytest.raises(PermissionDenied):
        screen_organisation(organisation=hit.organisation, by=officer)
    with pytest.raises(PermissionDenied):
        made.decide(hit, clear_hit, by=officer)


def test_status_goes_from_pending_to_pass():
    organisation = OrganisationFactory()
    before = screening_status(organisation).state
    made.screened(organisation)

    after = screening_status(organisation)

    assert (before, after.state, after.reasons, after.is_pass) == ("pending", "pass", (), True)


def test_an_open_candidate_is_pending_and_a_cleared_one_passes():
    hit = made.hit_of()
    before = screening_status(hit.organisation)

    made.decide(hit, clear_hit)

    assert before.state == "pending"
    assert before.reasons[0].url == hit.get_absolute_url()
    assert screening_status(hit.organisation).state == "pass"
    assert events(hit) == ["clear"]


def test_a_confirmed_candidate_fails_and_the_directors_are_told(mailoutbox):
    hit = made.hit_of()
    director = made.director()

    made.decide(hit, confirm_hit)
    drain()

    assert [(mail.to, mail.subject) for mail in mailoutbox] == [([director.email], "A listed name is confirmed")]

    status = screening_status(hit.organisation)
    assert (status.state, status.is_held) == ("fail", True)
    assert ScreeningHit.objects.get().standing == "confirmed"


def test_asking_the_partner_leaves_it_open_and_says_nothing_of_lists(mailoutbox):
    hit = made.hit_of()

    asked = made.decide(hit, ask_for_identity)
    drain()

    assert [mail.to for mail in mailoutbox] == [[hit.organisation.owners().first().user.email]]
    assert not any(word in mailoutbox[0].body.lower() for word in ("sanction", "list", "screen"))
    assert (asked.state, asked.asked_by is None) == ("open", False)
    assert screening_status(hit.organisation).state == "pending"


def test_a_decision_needs_ten_words():
    hit = made.hit_of()

    with pytest.raises(ValidationError, match=r"at least 10 words\. You have 3"):
        made.decide(hit, clear_hit, reason="Not the same.")
    assert ScreeningHit.objects.get().state == "open"


def test_a_decision_is_about_what_was_seen():
    hit = made.hit_of()
    seen = seen_token(hit)
    hit.person.name = "Pim Rattanakun"
    hit.person.save()

    with pytest.raises(ValidationError, match="changed since you opened this page"):
        clear_hit(hit=hit, reason=made.REASON, seen=seen, by=made.officer())


@pytest.mark.parametrize("decision", [clear_hit, confirm_hit, ask_for_identity])
def test_a_decided_candidate_is_not_decided_again(decision):
    hit = made.decide(made.hit_of(), clear_hit)

    with pytest.raises(Refused):
        made.decide(hit, decision)


@pytest.mark.parametrize(
    ("field", "value"), [("name", "Pim R. Rattanakul"), ("born_on", date(1958, 1, 1)), ("nationality", "LA")]
)
def test_a_decision_counts_as_open_again_once_our_record_changes(field, value):
    hit = made.decide(made.hit_of(), clear_hit)
    setattr(hit.person, field, value)
    hit.person.save()

    again = ScreeningHit.objects.get()
    assert (again.state, again.standing) == ("cleared", "open")
    assert screening_status(hit.organisation).state == "pending"
    assert made.decide(again, clear_hit).standing == "cleared"
    assert events(hit) == ["clear", "reopen", "clear"]


def test_a_decision_counts_as_open_again_once_the_entry_changes(tmp_path):
    hit = made.decide(made.hit_of(), clear_hit)
    path = tmp_path / "newer.csv"
    path.write_bytes(made.EXAMPLE_LIST.read_bytes().replace(b",1958,", b",1986-05-14,"))
    made.imported(path)

    assert ScreeningHit.objects.get().standing == "open"

    run = made.screened(hit.organisation)

    assert (run.new_count, ScreeningHit.objects.get().state) == (0, "open")


def test_a_decision_stands_when_another_entry_changes(tmp_path):
    hit = made.decide(made.hit_of(), clear_hit)
    path = tmp_path / "newer.csv"
    path.write_bytes(made.EXAMPLE_LIST.read_bytes().replace(b"Ivo EXAMPLEVIC", b"Iva EXAMPLEVIC"))
    made.imported(path)

    assert ScreeningHit.objects.get(pk=hit.pk).standing == "cleared"
    assert [str(reason) for reason in screening_status(hit.organisation).reasons] == [
        "A list was renewed after the screening."
    ]
    made.screened(hit.organisation)
    assert screening_status(hit.organisation).state == "pass"


def test_an_entry_that_left_the_list_is_decided_again(tmp_path):
    hit = made.decide(made.hit_of(), clear_hit)
    path = tmp_path / "newer.csv"
    path.write_bytes(
        b"".join(line for line in made.EXAMPLE_LIST.read_bytes().splitlines(True) if b"EX-20417" not in line)
    )
    made.imported(path)

    assert ScreeningHit.objects.get(pk=hit.pk).standing == "open"


def test_a_name_added_after_the_screening_makes_it_pending():
    organisation = OrganisationFactory()
    made.screened(organisation)

    PersonFactory(organisation=organisation, name="New Signatory", role="signatory")

    assert [str(reason) for reason in screening_status(organisation).reasons] == [
        "A name was added or changed after the screening."
    ]


@pytest.mark.parametrize(("days", "state"), [(29, "pass"), (31, "pending")])
def test_a_screening_holds_for_30_days(days, state):
    organisation, current = OrganisationFactory(), made.imported()
    Screening.objects.create(
        organisation=organisation,
        lists=[current.as_record()],
        subjects_fingerprint=fingerprint_of(subjects_of(organisation)),
        name_count=5,
        candidate_count=0,
        new_count=0,
        screened_at=timezone.now() - timedelta(days=days),
        screened_by=made.officer(),
    )

    assert screening_status(organisation).state == state


def test_somebody_who_left_no_longer_counts():
    hit = made.hit_of()
    hit.person.until_on = timezone.localdate()
    hit.person.save()

    made.screened(hit.organisation)

    assert screening_status(hit.organisation).state == "pass"
