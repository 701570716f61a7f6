"""Triggers of reviews: nobody judges where they declared an interest; what was submitted, declared or resolved
stays.
"""

from partners.vault.triggers import SAID, fixed
from reviews.holds import triggers as holds
from reviews.visits.triggers import TRIGGERS as VISITS
from vetting_portal.guards import Guard, append_only

APART = "somebody who declared an interest in an organisation does not review its submissions"
_ACTIVE = "('invited', 'in_progress', 'submitted')"
_INTEREST = (
    "SELECT 1 FROM reviews_conflictdeclaration c JOIN partners_submission other ON other.id = c.submission_id "
    "JOIN partners_submission s ON s.organisation_id = other.organisation_id "
    "WHERE s.id = NEW.submission_id AND c.user_id = NEW.reviewer_id AND c.has_interest"
)
_REVIEW = (
    "SELECT 1 FROM reviews_review r JOIN partners_submission other ON other.id = r.submission_id "
    "JOIN partners_submission s ON s.organisation_id = other.organisation_id "
    f"WHERE s.id = NEW.submission_id AND r.reviewer_id = NEW.user_id AND r.state IN {_ACTIVE}"
)
# On PostgreSQL both sides lock the organisation's row: two transactions that each add one side meet there.
_LOCK = (
    "PERFORM 1 FROM partners_organisation o JOIN partners_submission s ON s.organisation_id = o.id "
    "WHERE s.id = NEW.submission_id FOR NO KEY UPDATE OF o; "
)
_RAISE = f"RAISE EXCEPTION '{APART}' USING ERRCODE = 'integrity_constraint_violation'"
_ABORT = f"SELECT RAISE(ABORT, '{APART}')"

REVIEW_APART = Guard(
    name="reviews_review_apart",
    table="reviews_review",
    sqlite=[
        "DROP TRIGGER IF EXISTS reviews_review_apart_insert",
        "DROP TRIGGER IF EXISTS reviews_review_apart_update",
        f"CREATE TRIGGER reviews_review_apart_insert BEFORE INSERT ON reviews_review "
        f"WHEN NEW.state IN {_ACTIVE} AND EXISTS ({_INTEREST}) BEGIN {_ABORT}; END",
        f"CREATE TRIGGER reviews_review_apart_update BEFORE UPDATE ON reviews_review "
        f"WHEN NEW.state IN {_ACTIVE} AND EXISTS ({_INTEREST}) BEGIN {_ABORT}; END",
    ],
    postgresql=[
        "CREATE OR REPLACE FUNCTION reviews_review_apart() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NEW.state IN {_ACTIVE} AND (TG_OP = 'INSERT' OR OLD.state NOT IN {_ACTIVE} "
        f"OR OLD.reviewer_id <> NEW.reviewer_id) THEN {_LOCK}"
        f"IF EXISTS ({_INTEREST}) THEN {_RAISE}; END IF; END IF; RETURN NEW; END $$",
        "DROP TRIGGER IF EXISTS reviews_review_apart ON reviews_review",
        "CREATE TRIGGER reviews_review_apart BEFORE INSERT OR UPDATE ON reviews_review "
        "FOR EACH ROW EXECUTE FUNCTION reviews_review_apart()",
    ],
    sqlite_triggers=["reviews_review_apart_insert", "reviews_review_apart_update"],
    postgresql_triggers=["reviews_review_apart"],
)
DECLARATION_APART = Guard(
    name="reviews_declaration_apart",
    table="reviews_conflictdeclaration",
    sqlite=[
        "DROP TRIGGER IF EXISTS reviews_declaration_apart_insert",
        "CREATE TRIGGER reviews_declaration_apart_insert BEFORE INSERT ON reviews_conflictdeclaration "
        f"WHEN NEW.has_interest AND EXISTS ({_REVIEW}) BEGIN {_ABORT}; END",
    ],
    postgresql=[
        "CREATE OR REPLACE FUNCTION reviews_declaration_apart() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NEW.has_interest THEN {_LOCK}IF EXISTS ({_REVIEW}) THEN {_RAISE}; END IF; END IF; RETURN NEW; END $$",
        "DROP TRIGGER IF EXISTS reviews_declaration_apart ON reviews_conflictdeclaration",
        "CREATE TRIGGER reviews_declaration_apart BEFORE INSERT ON reviews_conflictdeclaration "
        "FOR EACH ROW EXECUTE FUNCTION reviews_declaration_apart()",
    ],
    sqlite_triggers=["reviews_declaration_apart_insert"],
    postgresql_triggers=["reviews_declaration_apart"],
)

CITED_KEPT = fixed(
    "reviews_document_cited",
    "partners_document",
    SAID,
    "what was said of a paper that a submitted review cites never changes",
    "SELECT 1 FROM reviews_citation c JOIN reviews_score s ON s.id = c.score_id "
    "JOIN reviews_review r ON r.id = s.review_id WHERE c.document_id = OLD.id AND r.version >= 1",
)

TRIGGERS = [
    CITED_KEPT,
    REVIEW_APART,
    DECLARATION_APART,
    append_only("reviews_conflictdeclaration", "id"),
    append_only("reviews_conflictwarning", "id"),
    append_only("reviews_reviewversion", "id"),
    append_only("reviews_moderation", "id"),
    append_only("reviews_panelmessage", "id"),
    append_only("reviews_screening", "id"),
    *holds.TRIGGERS,
    *VISITS,
]
