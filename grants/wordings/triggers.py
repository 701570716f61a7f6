"""Triggers of wordings: what is published never changes, and nobody publishes what they changed."""

from vetting_portal.guards import Guard, append_only

VERSIONS, PASSAGES, EDITORS = "grants_wordingversion", "grants_passage", "grants_wordingeditor"
KEPT = "a published wording never changes, and no version is removed"
SECOND = "a wording is published by a second person"
PART = "the wording it belongs to is published or thrown away, and never changes"
NAMED = "whoever changes a passage stands among the editors of its wording"

_DONE = "(OLD.published_at IS NOT NULL OR OLD.discarded_at IS NOT NULL)"
_ALONE = (
    "NEW.published_at IS NOT NULL AND (NEW.published_by_id IS NULL OR NEW.published_by_id = NEW.created_by_id OR "
    f"EXISTS (SELECT 1 FROM {EDITORS} e WHERE e.wording_id = NEW.id AND e.user_id = NEW.published_by_id))"
)
_BORN_DONE = "NEW.published_at IS NOT NULL AND NOT NEW.is_shipped"
_CLOSED = (
    f"SELECT 1 FROM {VERSIONS} v WHERE v.id = {{row}}.wording_id "
    "AND (v.published_at IS NOT NULL OR v.discarded_at IS NOT NULL)"
)
_NO_EDITOR = (
    f"NEW.changed_by_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {EDITORS} e WHERE e.wording_id = NEW.wording_id "
    "AND e.user_id = NEW.changed_by_id)"
)


def _lite(name: str, verb: str, table: str, when: str, message: str) -> list[str]:
    """Return the statements of one SQLite trigger."""
    return [
        f"DROP TRIGGER IF EXISTS {name}",
        f"CREATE TRIGGER {name} BEFORE {verb} ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, '{message}'); END",
    ]


def _refuse(message: str) -> str:
    return f"RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation'; "


VERSION_KEPT = Guard(
    name="wording_kept",
    table=VERSIONS,
    sqlite=[
        # INSERT OR REPLACE would remove the old row: refuse a key or a name that is taken.
        *_lite(
            "wording_kept_insert",
            "INSERT",
            VERSIONS,
            f"EXISTS (SELECT 1 FROM {VERSIONS} v WHERE v.id = NEW.id OR v.name = NEW.name)",
            KEPT,
        ),
        *_lite("wording_kept_born", "INSERT", VERSIONS, _BORN_DONE, SECOND),
        *_lite("wording_kept_update", "UPDATE", VERSIONS, _DONE, KEPT),
        *_lite("wording_kept_second", "UPDATE", VERSIONS, f"NOT {_DONE} AND {_ALONE}", SECOND),
        *_lite("wording_kept_delete", "DELETE", VERSIONS, "1", KEPT),
    ],
    postgresql=[
        "CREATE OR REPLACE FUNCTION wording_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP IN ('DELETE', 'TRUNCATE') THEN {_refuse(KEPT)} END IF; "
        f"IF TG_OP = 'INSERT' THEN IF {_BORN_DONE} THEN {_refuse(SECOND)} END IF; RETURN NEW; END IF; "
        f"IF {_DONE} THEN {_refuse(KEPT)} END IF; "
        f"IF {_ALONE} THEN {_refuse(SECOND)} END IF; RETURN NEW; END $$",
        f"DROP TRIGGER IF EXISTS wording_kept ON {VERSIONS}",
        f"CREATE TRIGGER wording_kept BEFORE INSERT OR UPDATE OR DELETE ON {VERSIONS} "
        "FOR EACH ROW EXECUTE FUNCTION wording_kept()",
        f"DROP TRIGGER IF EXISTS wording_kept_truncate ON {VERSIONS}",
        f"CREATE TRIGGER wording_kept_truncate BEFORE TRUNCATE ON {VERSIONS} "
        "FOR EACH STATEMENT EXECUTE FUNCTION wording_kept()",
    ],
    sqlite_triggers=[f"wording_kept_{what}" for what in ("insert", "born", "update", "second", "delete")],
    postgresql_triggers=["wording_kept", "wording_kept_truncate"],
)

_OLD_CLOSED, _NEW_CLOSED = f"EXISTS ({_CLOSED.format(row='OLD')})", f"EXISTS ({_CLOSED.format(row='NEW')})"

PASSAGE_KEPT = Guard(
    name="passage_kept",
    table=PASSAGES,
    sqlite=[
        *_lite(
            "passage_kept_insert",
            "INSERT",
            PASSAGES,
            f"{_NEW_CLOSED} OR EXISTS (SELECT 1 FROM {PASSAGES} p WHERE p.id = NEW.id)",
            PART,
        ),
        *_lite("passage_kept_update", "UPDATE", PASSAGES, f"{_OLD_CLOSED} OR {_NEW_CLOSED}", PART),
        *_lite("passage_kept_delete", "DELETE", PASSAGES, _OLD_CLOSED, PART),
        *_lite("passage_kept_new_editor", "INSERT", PASSAGES, _NO_EDITOR, NAMED),
        *_lite("passage_kept_editor", "UPDATE", PASSAGES, _NO_EDITOR, NAMED),
    ],
    postgresql=[
        "CREATE OR REPLACE FUNCTION passage_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'TRUNCATE' THEN {_refuse(PART)} END IF; "
        f"IF TG_OP <> 'INSERT' THEN IF {_OLD_CLOSED} THEN {_refuse(PART)} END IF; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; "
        f"IF {_NEW_CLOSED} THEN {_refuse(PART)} END IF; "
        f"IF {_NO_EDITOR} THEN {_refuse(NAMED)} END IF; RETURN NEW; END $$",
        f"DROP TRIGGER IF EXISTS passage_kept ON {PASSAGES}",
        f"CREATE TRIGGER passage_kept BEFORE INSERT OR UPDATE OR DELETE ON {PASSAGES} "
        "FOR EACH ROW EXECUTE FUNCTION passage_kept()",
        f"DROP TRIGGER IF EXISTS passage_kept_truncate ON {PASSAGES}",
        f"CREATE TRIGGER passage_kept_truncate BEFORE TRUNCATE ON {PASSAGES} "
        "FOR EACH STATEMENT EXECUTE FUNCTION passage_kept()",
    ],
    sqlite_triggers=[f"passage_kept_{what}" for what in ("insert", "update", "delete", "new_editor", "editor")],
    postgresql_triggers=["passage_kept", "passage_kept_truncate"],
)

TRIGGERS = [VERSION_KEPT, PASSAGE_KEPT, append_only(EDITORS, "id")]
