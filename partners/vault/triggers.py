"""Triggers of the vault: a version is superseded, never changed or removed; a verification stays as it was made."""

from collections.abc import Sequence

from vetting_portal.guards import Guard, append_only

SAID = ("issuer", "issued_on", "expires_on", "language")
SENT = "SELECT 1 FROM partners_frozenevidence f WHERE f.document_id = OLD.id"
VERIFIED = "SELECT 1 FROM partners_verification v WHERE v.document_id = OLD.id"


def fixed(name: str, table: str, columns: Sequence[str], message: str, when: str = "") -> Guard:
    """Return the guard that keeps ``columns`` of a row as they are, empty ones too; ``when`` is a query about OLD."""
    asked = f" AND EXISTS ({when})" if when else ""
    on_sqlite = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in columns)
    on_postgresql = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)
    return Guard(
        name=name,
        table=table,
        sqlite=[
            f"DROP TRIGGER IF EXISTS {name}",
            f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} WHEN ({on_sqlite}){asked} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END",
        ],
        postgresql=[
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF ({on_postgresql}){asked} THEN RAISE EXCEPTION '{message}' "
            "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
            f"DROP TRIGGER IF EXISTS {name} ON {table}",
            f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
        ],
        sqlite_triggers=[name],
        postgresql_triggers=[name],
    )


def kept(table: str, message: str) -> Guard:
    """Return the guard that lets no row of ``table`` be removed."""
    name = f"{table}_kept"
    return Guard(
        name=name,
        table=table,
        sqlite=[
            f"DROP TRIGGER IF EXISTS {name}",
            f"CREATE TRIGGER {name} BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{message}'); END",
        ],
        postgresql=[
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
            f"DROP TRIGGER IF EXISTS {name} ON {table}",
            f"CREATE TRIGGER {name} BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
        ],
        sqlite_triggers=[name],
        postgresql_triggers=[name],
    )


TRIGGERS = [
    kept("partners_paper", "a paper is never removed"),
    fixed("partners_paper_fixed", "partners_paper", ("organisation_id", "translates_id"), "a paper stays where it is"),
    kept("partners_document", "a version of a paper is superseded, never removed"),
    fixed(
        "partners_document_fixed",
        "partners_document",
        ("paper_id", "number", "file_id", "size", "original_name", "uploaded_at", "uploaded_by_id"),
        "a version of a paper stays as it was sent",
    ),
    fixed(
        "partners_document_sent",
        "partners_document",
        SAID,
        "what was said of a paper that was sent never changes",
        SENT,
    ),
    fixed(
        "partners_document_verified",
        "partners_document",
        SAID,
        "what was said of a paper that was verified never changes",
        VERIFIED,
    ),
    kept("partners_verification", "a verification is taken back, never removed"),
    fixed(
        "partners_verification_fixed",
        "partners_verification",
        ("document_id", "how", "source", "role", "verified_at", "verified_by_id"),
        "a verification stays as it was made",
    ),
    fixed(
        "partners_verification_withdrawn",
        "partners_verification",
        ("withdrawn_at", "withdrawn_by_id", "withdrawal_reason"),
        "a verification is taken back once",
        "SELECT 1 WHERE OLD.withdrawn_at IS NOT NULL",
    ),
    append_only("partners_viewing", "id"),
    append_only("partners_renewalnotice", "id"),
]
