"""Triggers of reports: a consent only gets its withdrawal, where a story stood is kept, no story without consent."""

from vetting_portal.guards import Guard, append_only, kept

SHOWINGS = "grants_showing"
NAME = "grants_showing_consented"
MESSAGE = "a story is shown only with a consent that was not withdrawn, and never with a photograph of a survivor"
CONSENTED = (
    "SELECT 1 FROM grants_story s JOIN grants_consent c ON c.id = s.consent_id WHERE s.id = NEW.story_id "
    "AND c.withdrawn_at IS NULL AND (s.photo_id IS NULL OR (c.covers_photo AND c.role <> 'survivor'))"
)

TRIGGERS = [
    kept(
        "grants_consent",
        (
            "grant_id", "given_by", "is_pseudonym", "role", "purpose", "covers_words", "covers_photo", "given_on",
            "until_on", "how", "evidence_id", "evidence_note", "recorded_at", "recorded_by_id",
        ),
        "a consent never changes: it is withdrawn, once",
        final="withdrawn_at",
    ),
    kept(
        SHOWINGS,
        ("story_id", "page", "since_at", "since_by_id"),
        "where a story stood is kept: it only gets its end, once",
        final="until_at",
    ),
    Guard(
        name=NAME,
        table=SHOWINGS,
        sqlite=[
            f"DROP TRIGGER IF EXISTS {NAME}",
            f"CREATE TRIGGER {NAME} BEFORE INSERT ON {SHOWINGS} WHEN NOT EXISTS ({CONSENTED}) "
            f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END",
        ],
        postgresql=[
            f"CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF NOT EXISTS ({CONSENTED}) THEN RAISE EXCEPTION '{MESSAGE}' "
            "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
            f"DROP TRIGGER IF EXISTS {NAME} ON {SHOWINGS}",
            f"CREATE TRIGGER {NAME} BEFORE INSERT ON {SHOWINGS} FOR EACH ROW EXECUTE FUNCTION {NAME}()",
        ],
        sqlite_triggers=[NAME],
        postgresql_triggers=[NAME],
    ),
    append_only("grants_reportnotice", "id"),
]  # fmt: skip
