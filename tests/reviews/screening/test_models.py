"""What the database holds of lists, screenings and candidates by itself."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from reviews.models import ListEntry, ListName, SanctionsList, Screening, ScreeningHit
from reviews.screening.actions import clear_hit
from tests.factories import reviews as made
from tests.factories.partners import OrganisationFactory
from tests.factories.portal import UserFactory
from vetting_portal.models import Role

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def refused(write) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        write()


def changed(record, **fields) -> None:
    refused(lambda: type(record).objects.filter(pk=record.pk).update(**fields))


def test_one_list_of_a_source_is_current():
    current = made.imported()

    refused(
        lambda: SanctionsList.objects.create(
            source="opensanctions",
            sha256="a" * 64,
            is_current=True,
            entry_count=1,
            name_count=1,
            imported_at=timezone.now(),
            imported_by=current.imported_by,
        )
    )


@pytest.mark.parametrize("fields", [{"source": "somebody"}, {"sha256": "abc"}, {"entry_count": 0}, {"name_count": 0}])
def test_a_current_list_is_whole(fields):
    changed(made.imported(), **fields)


def test_an_entry_has_a_number_once_a_name_and_a_kind():
    current = made.imported()
    entry = current.entries.first()

    changed(entry, name="")
    changed(entry, kind="robot")
    changed(ListName.objects.first(), text="")
    refused(
        lambda: ListEntry.objects.create(
            sanctions_list=current, number=entry.number, kind="person", name="A", fingerprint="x"
        )
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "cleared"},
        {"state": "confirmed"},
        {"state": "perhaps"},
        {"decided_at": datetime(2026, 11, 1, tzinfo=UTC)},
        {"asked_at": datetime(2026, 11, 1, tzinfo=UTC)},
        {"score": 101},
        {"source": "somebody"},
    ],
)
def test_a_candidate_has_a_decision_with_stamps_or_none(fields):
    changed(made.hit_of(), **fields)


def test_a_decision_says_why():
    changed(made.decide(made.hit_of(), clear_hit), reason="")


def test_a_pair_is_asked_about_once():
    hit = made.hit_of()
    hit.pk = None

    refused(hit.save)


def test_a_pair_with_the_organisation_is_asked_about_once():
    organisation = OrganisationFactory(legal_name="Imaginary Front for the Example")
    made.screened(organisation)
    hit = ScreeningHit.objects.get()
    hit.pk = None

    refused(hit.save)


def test_a_screening_is_never_changed():
    run = made.screened(OrganisationFactory())

    changed(run, candidate_count=0)
    refused(run.delete)


@pytest.mark.parametrize("fields", [{"name_count": 0}, {"lists": []}, {"candidate_count": 0, "new_count": 1}])
def test_a_screening_names_lists_and_names(fields):
    run = made.screened(OrganisationFactory())
    values = {
        "organisation": run.organisation,
        "lists": run.lists,
        "subjects_fingerprint": "x",
        "name_count": 1,
        "candidate_count": 0,
        "new_count": 0,
        "screened_at": run.screened_at,
        "screened_by": run.screened_by,
        **fields,
    }

    refused(lambda: Screening.objects.create(**values))


@pytest.mark.parametrize("model", [ScreeningHit, Screening, SanctionsList])
def test_only_staff_who_read_everything_see_screening(model):
    hit = made.hit_of()
    sees = {role: model.objects.visible_to(UserFactory(roles=[role])).exists() for role in Role.values}
    owner = hit.organisation.owners().first().user

    assert [role for role, does in sees.items() if not does] == ["reviewer"]
    assert not model.objects.visible_to(owner).exists()


def test_visible_to_and_the_permission_agree_on_candidates():
    hit = made.hit_of()

    for user in [UserFactory(roles=[role]) for role in Role.values] + [hit.organisation.owners().first().user]:
        assert ScreeningHit.objects.visible_to(user).exists() is user.has_perm("reviews.view_hit", hit)
