"""Triggers of the ledger: lines and transactions are only added; a sealed transaction sums to zero and takes
no more lines.
"""

from vetting_portal.guards import Guard, append_only

BOOK = "grants_ledgertransaction"
LINES = "grants_ledgerline"
_SUM = f"(SELECT COALESCE(SUM(amount_minor), 0) FROM {LINES} WHERE transaction_id = NEW.id)"
_ONLY_SEALED = " AND ".join(
    ["NOT OLD.is_sealed", "NEW.is_sealed"]
    + [f"NEW.{name} = OLD.{name}" for name in ("id", "key", "kind", "fund_id", "reference", "note", "by_id", "at")]
)

SEALING = Guard(
    name="ledger_sealing",
    table=BOOK,
    sqlite=[
        *(
            f"DROP TRIGGER IF EXISTS ledger_{name}"
            for name in ("open_insert", "key_kept", "seal_only", "seal_sum", "kept")
        ),
        f"CREATE TRIGGER ledger_open_insert BEFORE INSERT ON {BOOK} WHEN NEW.is_sealed "
        "BEGIN SELECT RAISE(ABORT, 'a ledger transaction is sealed after its lines'); END",
        # INSERT OR REPLACE would take the old row away without a DELETE trigger.
        f"CREATE TRIGGER ledger_key_kept BEFORE INSERT ON {BOOK} WHEN EXISTS "
        f"(SELECT 1 FROM {BOOK} WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
        f"CREATE TRIGGER ledger_seal_only BEFORE UPDATE ON {BOOK} WHEN NOT ({_ONLY_SEALED}) "
        "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
        f"CREATE TRIGGER ledger_seal_sum BEFORE UPDATE ON {BOOK} WHEN NEW.is_sealed AND {_SUM} <> 0 "
        "BEGIN SELECT RAISE(ABORT, 'a ledger transaction sums to zero'); END",
        f"CREATE TRIGGER ledger_kept BEFORE DELETE ON {BOOK} "
        "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
    ],
    postgresql=[
        "CREATE OR REPLACE FUNCTION ledger_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP = 'INSERT' THEN "
        "IF NEW.is_sealed THEN RAISE EXCEPTION 'a ledger transaction is sealed after its lines'; END IF; RETURN NEW; "
        "ELSIF TG_OP = 'UPDATE' THEN "
        f"IF NOT ({_ONLY_SEALED}) THEN RAISE EXCEPTION 'the ledger is append-only'; END IF; "
        f"IF {_SUM} <> 0 THEN RAISE EXCEPTION 'a ledger transaction sums to zero'; END IF; RETURN NEW; "
        "END IF; RAISE EXCEPTION 'the ledger is append-only'; END $$",
        # At commit: no transaction stays open, none is out of balance, whoever wrote it.
        "CREATE OR REPLACE FUNCTION ledger_closed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_SUM} <> 0 THEN RAISE EXCEPTION 'a ledger transaction sums to zero'; END IF; "
        f"IF NOT (SELECT is_sealed FROM {BOOK} WHERE id = NEW.id) THEN "
        "RAISE EXCEPTION 'a ledger transaction stayed open'; END IF; RETURN NULL; END $$",
        f"DROP TRIGGER IF EXISTS ledger_rows ON {BOOK}",
        f"DROP TRIGGER IF EXISTS ledger_truncate ON {BOOK}",
        f"DROP TRIGGER IF EXISTS ledger_closed_at_commit ON {BOOK}",
        f"CREATE TRIGGER ledger_rows BEFORE INSERT OR UPDATE OR DELETE ON {BOOK} "
        "FOR EACH ROW EXECUTE FUNCTION ledger_guard()",
        f"CREATE TRIGGER ledger_truncate BEFORE TRUNCATE ON {BOOK} FOR EACH STATEMENT EXECUTE FUNCTION ledger_guard()",
        f"CREATE CONSTRAINT TRIGGER ledger_closed_at_commit AFTER INSERT ON {BOOK} DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION ledger_closed()",
    ],
    sqlite_triggers=["ledger_open_insert", "ledger_key_kept", "ledger_seal_only", "ledger_seal_sum", "ledger_kept"],
    postgresql_triggers=["ledger_rows", "ledger_truncate", "ledger_closed_at_commit"],
)

LATE_LINES = Guard(
    name="ledger_late_lines",
    table=LINES,
    sqlite=[
        "DROP TRIGGER IF EXISTS ledger_line_late",
        f"CREATE TRIGGER ledger_line_late BEFORE INSERT ON {LINES} WHEN EXISTS "
        f"(SELECT 1 FROM {BOOK} WHERE id = NEW.transaction_id AND is_sealed) "
        "BEGIN SELECT RAISE(ABORT, 'a sealed ledger transaction takes no more lines'); END",
    ],
    postgresql=[
        "CREATE OR REPLACE FUNCTION ledger_line_late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF EXISTS (SELECT 1 FROM {BOOK} WHERE id = NEW.transaction_id AND is_sealed) THEN "
        "RAISE EXCEPTION 'a sealed ledger transaction takes no more lines'; END IF; RETURN NEW; END $$",
        f"DROP TRIGGER IF EXISTS ledger_line_late ON {LINES}",
        f"CREATE TRIGGER ledger_line_late BEFORE INSERT ON {LINES} FOR EACH ROW EXECUTE FUNCTION ledger_line_late()",
    ],
    sqlite_triggers=["ledger_line_late"],
    postgresql_triggers=["ledger_line_late"],
)

TRIGGERS = [SEALING, append_only(LINES, "id"), LATE_LINES]
