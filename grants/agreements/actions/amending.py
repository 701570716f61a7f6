"""The terms of an amendment take the place of those before, from now on."""

from datetime import date, datetime

from grants.agreements.models import Grant, Terms
from vetting_portal.models import User
from vetting_portal.workflow import action, lock, record


@action
def amend_grant(*, grant: Grant, terms: Terms, by: User) -> Grant:
    """Let the terms of an amendment hold: the columns of the grant say from now on what they say. What people signed
    before stays as it is, and so does what was matched.
    """
    grant = lock(grant)
    content = terms.content
    money = content["money"]
    grant.amended_terms = terms
    grant.goal_minor, grant.cap_minor = money["goal_minor"], money["cap_minor"]
    grant.window_ends_at = datetime.fromisoformat(money["window"]["ends_at"])
    grant.term_ends_on = date.fromisoformat(content["term"]["ends_on"])
    grant.plan = {
        **grant.plan,
        "budget": content["budget"],
        "tranches": [{name: row[name] for name in row if name != "number"} for row in content["tranches"]],
        "reports": content["reports"],
        "conditions": content["conditions"],
    }
    grant.validate_constraints()
    grant.save(update_fields=["amended_terms", "goal_minor", "cap_minor", "window_ends_at", "term_ends_on", "plan"])
    record("amended", grant, by=by, facts={"terms_sha256": terms.sha256, "version": terms.version})
    return grant
