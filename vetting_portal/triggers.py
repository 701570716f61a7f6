"""The triggers of the audit trail: entries are only ever added, their words only ever erased."""

from vetting_portal.guards import Guard, append_only

WORDS = "vetting_portal_auditwords"
_ERASED = (
    "NEW.entry_id = OLD.entry_id AND NEW.salt = '' AND NEW.name = '' AND NEW.role = '' "
    "AND NEW.note = '' AND NEW.erased_at IS NOT NULL"
)

TRIGGERS = [
    append_only("vetting_portal_auditentry", "seq"),
    Guard(
        name="audit_words_erase_only",
        table=WORDS,
        sqlite=[
            *(f"DROP TRIGGER IF EXISTS audit_words_{verb}" for verb in ("insert", "update", "delete")),
            f"CREATE TRIGGER audit_words_insert BEFORE INSERT ON {WORDS} WHEN EXISTS (SELECT 1 FROM {WORDS} WHERE "
            "entry_id = NEW.entry_id) BEGIN SELECT RAISE(ABORT, 'words of the trail can only be erased'); END",
            f"CREATE TRIGGER audit_words_update BEFORE UPDATE ON {WORDS} WHEN NOT ({_ERASED}) "
            "BEGIN SELECT RAISE(ABORT, 'words of the trail can only be erased'); END",
            f"CREATE TRIGGER audit_words_delete BEFORE DELETE ON {WORDS} "
            "BEGIN SELECT RAISE(ABORT, 'words of the trail can only be erased'); END",
        ],
        postgresql=[
            "CREATE OR REPLACE FUNCTION audit_words_erase_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF TG_OP = 'UPDATE' THEN IF {_ERASED} THEN RETURN NEW; END IF; END IF; "
            "RAISE EXCEPTION 'words of the trail can only be erased'; END $$",
            f"DROP TRIGGER IF EXISTS audit_words_rows ON {WORDS}",
            f"DROP TRIGGER IF EXISTS audit_words_truncate ON {WORDS}",
            f"CREATE TRIGGER audit_words_rows BEFORE UPDATE OR DELETE ON {WORDS} "
            "FOR EACH ROW EXECUTE FUNCTION audit_words_erase_only()",
            f"CREATE TRIGGER audit_words_truncate BEFORE TRUNCATE ON {WORDS} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_words_erase_only()",
        ],
        sqlite_triggers=["audit_words_insert", "audit_words_update", "audit_words_delete"],
        postgresql_triggers=["audit_words_rows", "audit_words_truncate"],
    ),
]
