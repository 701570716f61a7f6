"""Whether a referee stands outside the organisation: not family, staff or board, as far as records can tell."""

import re
import unicodedata
from urllib.parse import urlsplit

from partners.organisations.models import Organisation

# Everybody has an address there: the same domain says nothing.
PUBLIC_MAIL = frozenset(
    {
        "gmail.com", "googlemail.com", "yahoo.com", "ymail.com", "outlook.com", "hotmail.com", "live.com", "msn.com",
        "icloud.com", "me.com", "aol.com", "proton.me", "protonmail.com", "gmx.com", "gmx.net", "gmx.de", "mail.com",
        "mail.ru", "yandex.ru", "yandex.com", "qq.com", "163.com", "126.com", "naver.com", "zoho.com", "fastmail.com",
    }
)  # fmt: skip
TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr", "prof", "rev", "sr", "fr"})


def domain_of(address: str) -> str:
    """Return what stands behind the @ in small letters."""
    return address.rpartition("@")[2].strip().lower()


def _words(name: str) -> frozenset[str]:
    """Return the words of a name without accents, order and titles."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return frozenset(re.findall(r"\w+", plain)) - TITLES


def own_domains(organisation: Organisation) -> frozenset[str]:
    """Return the mail domains of its members and of its website, without those that everybody uses."""
    addresses = organisation.memberships.values_list("user__email", flat=True)
    host = (urlsplit(organisation.website).hostname or "").removeprefix("www.")
    return frozenset({domain_of(address) for address in addresses} | ({host} if host else set())) - PUBLIC_MAIL


def inside_problems(organisation: Organisation, *, name: str, email: str) -> dict[str, str]:
    """Return, by field, why somebody seems to belong to the organisation; empty where nothing says so."""
    problems = {}
    called = _words(name)
    known = [
        *organisation.people.values_list("name", "local_name"),
        *((member, "") for member in organisation.memberships.values_list("user__name", flat=True)),
    ]
    if called and any(called == _words(one) for names in known for one in names if one):
        problems["name"] = "This is one of your own people. A referee is not family, staff or board."
    domain = domain_of(email)
    if organisation.memberships.filter(user__email__iexact=email.strip()).exists():
        problems["email"] = "This is the address of somebody who acts for you here."
    elif any(domain == own or domain.endswith(f".{own}") for own in own_domains(organisation)):
        problems["email"] = f"{domain} is your own organisation’s domain. A referee comes from outside."
    return problems
