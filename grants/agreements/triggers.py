"""Triggers of agreements: signatures are only added and name the right hash; frozen terms and hashes never change."""

from collections.abc import Sequence

from vetting_portal.guards import Guard, append_only, kept

TERMS = "grants_terms"
AGREEMENTS = "grants_agreement"
SIGNATURES = "grants_signature"
TIMESTAMPS = "grants_timestamp"


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

_SEALED_FILE = f"SELECT 1 FROM {AGREEMENTS} WHERE id = NEW.agreement_id AND sealed_sha256 = NEW.sha256"

STAMPED = Guard(
    name="timestamp_bound",
    table=TIMESTAMPS,
    sqlite=[
        "DROP TRIGGER IF EXISTS timestamp_bound",
        f"CREATE TRIGGER timestamp_bound BEFORE INSERT ON {TIMESTAMPS} WHEN NOT EXISTS ({_SEALED_FILE}) "
        "BEGIN SELECT RAISE(ABORT, 'a timestamp is of the sealed file'); END",
    ],
    postgresql=[
        "CREATE OR REPLACE FUNCTION timestamp_bound() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NOT EXISTS ({_SEALED_FILE}) THEN RAISE EXCEPTION 'a timestamp is of the sealed file'; "
        "END IF; RETURN NEW; END $$",
        f"DROP TRIGGER IF EXISTS timestamp_bound ON {TIMESTAMPS}",
        f"CREATE TRIGGER timestamp_bound BEFORE INSERT ON {TIMESTAMPS} FOR EACH ROW EXECUTE FUNCTION timestamp_bound()",
    ],
    sqlite_triggers=["timestamp_bound"],
    postgresql_triggers=["timestamp_bound"],
)

_MAY_SIGN = (
    "a signature is of a director who declared first, did not judge and has no tie; or of an owner of the partner"
)
_SUBJECT = (
    "SELECT 1 FROM grants_agreement a JOIN grants_terms t ON t.id = a.terms_id "
    "JOIN grants_grant g ON g.id = t.grant_id JOIN partners_submission s ON s.id = g.submission_id "
    "WHERE a.id = NEW.agreement_id AND "
)
_AS_DIRECTOR = (
    "NEW.side = 'director' AND EXISTS (SELECT 1 FROM partners_duty d WHERE d.submission_id = s.id "
    "AND d.user_id = NEW.user_id AND d.side = 'sign') "
    "AND EXISTS (SELECT 1 FROM reviews_conflictdeclaration c WHERE c.submission_id = s.id AND c.user_id = NEW.user_id "
    "AND c.as_role = 'director' AND NOT c.has_interest AND c.declared_at <= NEW.signed_at) "
    "AND NOT EXISTS (SELECT 1 FROM reviews_conflictdeclaration c JOIN partners_submission o ON o.id = c.submission_id "
    "WHERE c.user_id = NEW.user_id AND c.has_interest AND o.organisation_id = s.organisation_id) "
    "AND NOT EXISTS (SELECT 1 FROM partners_membership m "
    "WHERE m.organisation_id = s.organisation_id AND m.user_id = NEW.user_id) "
    "AND EXISTS (SELECT 1 FROM vetting_portal_roleassignment r WHERE r.user_id = NEW.user_id AND r.role = 'director' "
    "AND r.since_at <= NEW.signed_at AND (r.until_at IS NULL OR r.until_at > NEW.signed_at))"
)
_AS_PARTNER = (
    "NEW.side = 'partner' AND EXISTS (SELECT 1 FROM partners_membership m WHERE m.organisation_id = s.organisation_id "
    "AND m.user_id = NEW.user_id AND m.role = 'owner' AND m.until_at IS NULL)"
)
SIGNER = Guard(
    name="signature_signer",
    table=SIGNATURES,
    sqlite=[
        "DROP TRIGGER IF EXISTS signature_signer",
        f"CREATE TRIGGER signature_signer BEFORE INSERT ON {SIGNATURES} WHEN NOT EXISTS "
        f"({_SUBJECT}(({_AS_DIRECTOR}) OR ({_AS_PARTNER}))) BEGIN SELECT RAISE(ABORT, '{_MAY_SIGN}'); END",
    ],
    postgresql=[
        "CREATE OR REPLACE FUNCTION signature_signer() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NOT EXISTS ({_SUBJECT}(({_AS_DIRECTOR}) OR ({_AS_PARTNER}))) THEN RAISE EXCEPTION '{_MAY_SIGN}' "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
        f"DROP TRIGGER IF EXISTS signature_signer ON {SIGNATURES}",
        f"CREATE TRIGGER signature_signer BEFORE INSERT ON {SIGNATURES} "
        "FOR EACH ROW EXECUTE FUNCTION signature_signer()",
    ],
    sqlite_triggers=["signature_signer"],
    postgresql_triggers=["signature_signer"],
)

_TOO_FEW = "a grant is approved by as many directors as its terms ask for"
_SIGNED = (
    "(SELECT COUNT(DISTINCT s.user_id) FROM grants_signature s JOIN grants_agreement a ON a.id = s.agreement_id "
    "WHERE a.terms_id = NEW.terms_id AND a.kind = 'agreement' AND a.voided_at IS NULL AND s.side = 'director')"
)
ENOUGH = Guard(
    name="grant_signed_enough",
    table="grants_grant",
    sqlite=[
        "DROP TRIGGER IF EXISTS grant_signed_enough",
        "CREATE TRIGGER grant_signed_enough BEFORE UPDATE OF state ON grants_grant "
        f"WHEN NEW.state = 'approved' AND OLD.state <> 'approved' AND {_SIGNED} < COALESCE("
        "(SELECT json_extract(content, '$.funder.directors_needed') FROM grants_terms WHERE id = NEW.terms_id), 1) "
        f"BEGIN SELECT RAISE(ABORT, '{_TOO_FEW}'); END",
    ],
    postgresql=[
        "CREATE OR REPLACE FUNCTION grant_signed_enough() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NEW.state = 'approved' AND OLD.state <> 'approved' AND {_SIGNED} < COALESCE("
        "(SELECT (content -> 'funder' ->> 'directors_needed')::int FROM grants_terms WHERE id = NEW.terms_id), 1) "
        f"THEN RAISE EXCEPTION '{_TOO_FEW}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
        "RETURN NEW; END $$",
        "DROP TRIGGER IF EXISTS grant_signed_enough ON grants_grant",
        "CREATE TRIGGER grant_signed_enough BEFORE UPDATE OF state ON grants_grant "
        "FOR EACH ROW EXECUTE FUNCTION grant_signed_enough()",
    ],
    sqlite_triggers=["grant_signed_enough"],
    postgresql_triggers=["grant_signed_enough"],
)

TRIGGERS = [
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
    append_only(TIMESTAMPS, "id"),
    append_only("grants_setback", "id"),
    append_only("grants_signingreminder", "id"),
    kept(
        "grants_absence",
        ["director_id", "stand_in_id", "from_on", "until_on", "noted_at", "noted_by_id"],
        "an absence is never removed or rewritten: it ends",
        final="ended_at",
    ),
    BOUND,
    STAMPED,
    SIGNER,
    ENOUGH,
]
