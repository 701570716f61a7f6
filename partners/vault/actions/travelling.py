"""The passport: a partner takes its vault along."""

from partners.organisations.models import Organisation
from partners.vault.passport.contents import SUMS, Passport, passport_of
from partners.vault.renewal import criteria_by_code
from vetting_portal.canonical import sha256_hex
from vetting_portal.files import is_stored
from vetting_portal.models import Funder, User
from vetting_portal.workflow import Blocker, Refused, action, ask, lock, record

EMPTY = Blocker("No paper is accepted yet.", hint="A passport holds the papers that we have checked and accepted.")


@action
def take_passport(*, organisation: Organisation, by: User) -> Passport:
    """Put a passport together for who acts for the organisation, and note the hash of its list on the trail.

    Raises PermissionDenied; Refused where nothing is accepted yet, or the storage misses a file.
    """
    fresh = lock(organisation)
    ask(by, "partners.act_for_organisation", fresh)
    passport = passport_of(fresh, Funder.objects.current(), criteria_by_code())
    if not passport.items:
        raise Refused([EMPTY], subject=fresh)
    missing = [item.document.paper.title for item in passport.items if not is_stored(item.document.file.sha256)]
    if missing:
        hint = "We can mend this. Write to us, and try again tomorrow."
        raise Refused([Blocker(f"We cannot find the file of “{title}” now.", hint=hint) for title in missing])
    sums = sha256_hex(dict(passport.small)[SUMS])
    record("passport_taken", fresh, by=by, facts={"papers": len(passport.items), "sums_sha256": sums})
    return passport
