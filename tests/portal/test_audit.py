import json

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from tests.factories.portal import UserFactory
from tests.support.races import run_together
from vetting_portal import audit
from vetting_portal.guards import missing_triggers
from vetting_portal.models import AuditEntry, AuditHead, AuditWords, StaffInvitation, User
from vetting_portal.workflow import action, record

pytestmark = [pytest.mark.django_db, pytest.mark.both]


@action
def write_entries(*, by, count, note=""):
    for number in range(count):
        record("noted", by, by=by, note=note, facts={"number": number})


def behind_the_triggers(statement):
    """Change a row as somebody with the database file could: the triggers are taken away and put back."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE '%audit%'")
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
            cursor.execute(statement)
            for _, sql in triggers:
                cursor.execute(sql)
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in ("vetting_portal_auditentry", "vetting_portal_auditwords"):
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(statement)
            for table in ("vetting_portal_auditentry", "vetting_portal_auditwords"):
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_entries_form_a_chain_without_gaps():
    write_entries(by=UserFactory(), count=3)
    write_entries(by=UserFactory(), count=2)
    assert list(AuditEntry.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3, 4, 5]
    assert list(audit.breaks()) == []


def test_an_action_that_fails_leaves_no_entry_and_no_gap():
    person = UserFactory()

    @action
    def fail(*, by):
        record("noted", by, by=by)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail(by=person)
    write_entries(by=person, count=1)
    assert AuditEntry.objects.get().seq == 1


def test_an_entry_outside_an_action_is_an_error():
    person = UserFactory()
    with pytest.raises(RuntimeError, match="outside an action"):
        record("noted", person, by=person)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE vetting_portal_auditentry SET event = 'x' WHERE seq = 2",
        "DELETE FROM vetting_portal_auditentry WHERE seq = 3",
        "UPDATE vetting_portal_auditwords SET name = 'x' WHERE entry_id = 2",
        "DELETE FROM vetting_portal_auditwords WHERE entry_id = 2",
    ],
)
def test_the_database_refuses_to_change_the_trail(statement):
    write_entries(by=UserFactory(), count=3)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(audit.breaks()) == []


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="INSERT OR REPLACE is SQLite's")
def test_replacing_an_entry_is_refused_on_sqlite():
    write_entries(by=UserFactory(), count=2)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT OR REPLACE INTO vetting_portal_auditentry SELECT * FROM vetting_portal_auditentry")


@pytest.mark.postgres
def test_truncating_the_trail_is_refused_on_postgresql():
    write_entries(by=UserFactory(), count=2)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE vetting_portal_auditentry CASCADE")


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE vetting_portal_auditentry SET event = 'x' WHERE seq = 2", "entry 2 was changed"),
        ("UPDATE vetting_portal_auditentry SET actor_id = 999 WHERE seq = 1", "entry 1 was changed"),
        ("UPDATE vetting_portal_auditentry SET facts = '{\"number\": 7}' WHERE seq = 3", "entry 3 was changed"),
        ("UPDATE vetting_portal_auditwords SET note = 'x' WHERE entry_id = 2", "the words of entry 2 were changed"),
        ("DELETE FROM vetting_portal_auditwords WHERE entry_id = 2", "the words of entry 2 are missing"),
        ("UPDATE vetting_portal_audithead SET seq = 7 WHERE id = 1", "the trail ends at entry 3, its head says 7"),
    ],
)
def test_a_change_behind_the_triggers_is_found(statement, says):
    write_entries(by=UserFactory(), count=3)
    behind_the_triggers(statement)
    assert says in list(audit.breaks())


def test_a_removed_tail_is_found():
    write_entries(by=UserFactory(), count=3)
    behind_the_triggers("DELETE FROM vetting_portal_auditwords WHERE entry_id = 3")
    behind_the_triggers("DELETE FROM vetting_portal_auditentry WHERE seq = 3")
    assert list(audit.breaks()) == ["the trail ends at entry 2, its head says 3"]


def test_a_person_can_be_erased_and_the_chain_holds():
    leaving, staying = UserFactory(name="Leaving"), UserFactory(name="Staying")
    write_entries(by=leaving, count=2, note="private")
    write_entries(by=staying, count=1)
    assert audit.erase_person(leaving) == 2
    assert set(AuditWords.objects.values_list("name", "note", "salt")) >= {("", "", "")}
    assert not AuditWords.objects.filter(name="Leaving").exists()
    assert list(audit.breaks()) == []


def test_a_checkpoint_lies_on_the_trail_until_it_is_rewritten(tmp_path):
    person = UserFactory()
    write_entries(by=person, count=3)
    path = tmp_path / "checkpoint.json"
    path.write_text(json.dumps(audit.checkpoint()))
    write_entries(by=person, count=1)
    assert list(audit.checkpoint_breaks(path)) == []
    entry = AuditEntry.objects.get(seq=3)
    entry.event = "forged"
    rewritten = "UPDATE vetting_portal_auditentry SET event = 'forged', hash = '%s' WHERE seq = 3"
    behind_the_triggers(rewritten % audit.entry_hash(entry))
    assert list(audit.checkpoint_breaks(path)) == ["entry 3 is not the one of the checkpoint"]


def test_a_forged_checkpoint_is_found(tmp_path):
    write_entries(by=UserFactory(), count=1)
    path = tmp_path / "checkpoint.json"
    path.write_text(json.dumps({**audit.checkpoint(), "seq": 2}))
    assert list(audit.checkpoint_breaks(path)) == ["the checkpoint's signature is not valid"]


def test_verify_audit_answers_with_its_exit_code(capsys):
    write_entries(by=UserFactory(), count=2)
    call_command("verify_audit")
    assert capsys.readouterr().out == "Whole: 2 entries.\n"
    behind_the_triggers("UPDATE vetting_portal_auditentry SET event = 'x' WHERE seq = 2")
    with pytest.raises(SystemExit) as left:
        call_command("verify_audit")
    assert left.value.code == 1
    assert capsys.readouterr().out == "Broken: entry 2 was changed.\n"


def test_a_missing_trigger_is_named():
    assert list(missing_triggers()) == []
    name = "vetting_portal_auditentry_append_only_" + ("update" if connection.vendor == "sqlite" else "rows")
    with connection.cursor() as cursor:
        cursor.execute(
            f"DROP TRIGGER {name}" + ("" if connection.vendor == "sqlite" else " ON vetting_portal_auditentry")
        )
    assert list(missing_triggers()) == [name]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_many_writers_never_fork_the_chain():
    people = [UserFactory() for _ in range(8)]
    outcomes = run_together(
        *(lambda person=person: [write_entries(by=person, count=2) for _ in range(10)] for person in people)
    )
    assert [outcome.error for outcome in outcomes] == [None] * 8
    assert AuditHead.objects.get().seq == 160
    assert list(audit.breaks()) == []


def test_the_trail_keeps_what_is_gone():
    inviter = UserFactory(roles=["administrator"])
    assert User.objects.system("background").is_system
    assert StaffInvitation.objects.count() == 0
    write_entries(by=inviter, count=1)
    assert AuditWords.objects.get().role == "administrator"
