"""Triggers of agreements: signatures are only added and name the right hash; frozen terms and hashes never change."""

from collections.abc import Sequence

from vetting_portal.guards import Guard, append_only

TERMS = "grants_terms"
AGREEMENTS = "grants_agreement"
SIGNATURES = "grants_signature"


def frozen(table: str, columns: Sequence[str], set_once: Sequence[str] = ()) -> Guard:
    """Return the guard that lets nobody change ``columns`` of ``table``, nor ``set_once`` once they stand, nor
    remove a row.
    """
    name = f"{table}_frozen"
    changed_lite = [f"NEW.{column} IS NOT OLD.{column}" for column in columns]
    changed_lite += [f"(OLD.{c} IS NOT NULL AND OLD.{c} <> '' AND NEW.{c} IS NOT OLD.{c})" for c in set_once]
    changed_pg = [f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns]
    changed_pg += [
        f"(OLD.{c} IS NOT NULL AND OLD.{c}::text <> '' AND NEW.{c} IS DISTINCT FROM OLD.{c})" for c in set_once
    ]
    refuse = f"SELECT RAISE(ABORT, '{table} is frozen')"
    return Guard(
        name=name,
        table=table,
        sqlite=[
            *(f"DROP TRIGGER IF EXISTS {name}_{verb}" for verb in ("insert", "update", "delete")),
            f"CREATE TRIGGER {name}_insert BEFORE INSERT ON {table} WHEN EXISTS "
            f"(SELECT 1 FROM {table} WHERE id = NEW.id) BEGIN {refuse}; END",
            f"CREATE TRIGGER {name}_update BEFORE UPDATE ON {table} WHEN {' OR '.join(changed_lite)} "
            f"BEGIN {refuse}; END",
            f"CREATE TRIGGER {name}_delete BEFORE DELETE ON {table} BEGIN {refuse}; END",
        ],
        postgresql=[
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF TG_OP = 'UPDATE' THEN IF NOT ({' OR '.join(changed_pg)}) THEN RETURN NEW; END IF; END IF; "
            f"RAISE EXCEPTION '{table} is frozen'; END $$",
            f"DROP TRIGGER IF EXISTS {name}_rows ON {table}",
            f"DROP TRIGGER IF EXISTS {name}_truncate ON {table}",
            f"CREATE TRIGGER {name}_rows BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
            f"CREATE TRIGGER {name}_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
        ],
        sqlite_triggers=[f"{name}_insert", f"{name}_update", f"{name}_delete"],
        postgresql_triggers=[f"{name}_rows", f"{name}_truncate"],
    )


_RIGHT_FILE = (
    f"SELECT 1 FROM {AGREEMENTS} WHERE id = NEW.agreement_id AND signed_sha256 = NEW.document_sha256 "
    "AND voided_at IS NULL AND sealed_at IS NULL"
)

BOUND = Guard(
    name="signature_bound",
    table=SIGNATURES,
    sqlite=[
        "DROP TRIGGER IF EXISTS signature_bound",
        f"CREATE TRIGGER signature_bound BEFORE INSERT ON {SIGNATURES} WHEN NOT EXISTS ({_RIGHT_FILE}) "
        "BEGIN SELECT RAISE(ABORT, 'a signature names the file that stands to be signed'); END",
    ],
    postgresql=[
        "CREATE OR REPLACE FUNCTION signature_bound() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NOT EXISTS ({_RIGHT_FILE}) THEN RAISE EXCEPTION 'a signature names the file that stands to be signed'; "
        "END IF; RETURN NEW; END $$",
        f"DROP TRIGGER IF EXISTS signature_bound ON {SIGNATURES}",
        f"CREATE TRIGGER signature_bound BEFORE INSERT ON {SIGNATURES} FOR EACH ROW EXECUTE FUNCTION signature_bound()",
    ],
    sqlite_triggers=["signature_bound"],
    postgresql_triggers=["signature_bound"],
)

GUARDS = [
    frozen(
        TERMS,
        ["id", "grant_id", "version", "content", "sha256", "frozen_at", "frozen_by_id"],
        ["voided_at", "voided_by_id"],
    ),
    frozen(
        AGREEMENTS,
        [
            "id",
            "terms_id",
            "kind",
            "content",
            "content_sha256",
            "pages",
            "signed_file_id",
            "signed_sha256",
            "created_at",
        ],
        [
            "sealed_file_id",
            "sealed_sha256",
            "sealed_at",
            "seal_level",
            "voided_at",
            "voided_by_id",
            "voided_reason",
            "revoked_at",
            "revoked_by_id",
            "revoked_reason",
            "revoked_public",
        ],
    ),
    append_only("grants_brief", "id"),
    append_only(SIGNATURES, "id"),
    append_only("grants_spentcode", "id"),
    BOUND,
]
