"""The people of the example, all invented, with how they sign in."""

from dataclasses import dataclass

from vetting_portal.models import Role


@dataclass(frozen=True)
class ExamplePerson:
    """Somebody of the example: role of the contract, address, name, and the secret of the authenticator."""

    role: str
    email: str
    name: str
    totp_secret: str | None = None
    organisation: str | None = None
    languages: tuple[str, ...] = ()


# The same for everybody: the example guards nothing, and says so on every page.
PASSWORD = "example-only-passphrase"  # noqa: S105

OWNER = ExamplePerson("partner_owner", "siriporn@example.org", "Siriporn Chaiyasit", organisation="LIFT International")
EDITOR = ExamplePerson("partner_editor", "krit@example.org", "Krit Boonmee", organisation="LIFT International")
OTHER_OWNER = ExamplePerson("partner_owner", "grace@example.org", "Grace Akinyi", organisation="Nuru Maji Collective")
OFFICER = ExamplePerson(Role.PROGRAMME_OFFICER, "ruth@example.org", "Ruth Okafor", "KRUGS4ZANFZSAYJANRUXGZLO")
REVIEWERS = (
    ExamplePerson(
        Role.REVIEWER, "mei-ling@example.org", "Mei-Ling Tan", "MFZWKZLBOJSGS3THEBXW4ZJA", languages=("th", "zh")
    ),
    ExamplePerson(
        Role.REVIEWER, "daniel@example.org", "Daniel Ferreira", "MRQW42LFNRUXG4TFMFSGS3TH", languages=("pt",)
    ),
    ExamplePerson(
        Role.REVIEWER, "amina@example.org", "Amina Yusuf", "MFWWS3TBNFZXEZLBMRUW4ZZA", languages=("sw", "fr")
    ),
)
DIRECTORS = (
    ExamplePerson(Role.DIRECTOR, "helen@example.org", "Helen Park", "NBSWYZLOONUWO3TTO5UXI2BA"),
    ExamplePerson(Role.DIRECTOR, "marcus@example.org", "Marcus Webb", "NVQXEY3VONZWSZ3OONQWY43P"),
)
FINANCE = ExamplePerson(Role.FINANCE_OFFICER, "ines@example.org", "Ines Duarte", "NFXGK43DN52W45DTNVXW4ZLZ")
AUDITOR = ExamplePerson(Role.AUDITOR, "paul@example.org", "Paul Adeyemi", "OBQXK3DDNBSWG23TMV3GK4TZ")
ADMINISTRATOR = ExamplePerson(Role.ADMINISTRATOR, "clara@example.org", "Clara Novak", "MNWGC4TBNZXXMYLLOJ2W443B")

STAFF = (OFFICER, *REVIEWERS, *DIRECTORS, FINANCE, AUDITOR, ADMINISTRATOR)
PARTNERS = (OWNER, EDITOR, OTHER_OWNER)
# One of each role in the order of the contract, then the second ones.
IN_ORDER = (
    OWNER, EDITOR, REVIEWERS[0], OFFICER, DIRECTORS[0], FINANCE, AUDITOR, ADMINISTRATOR,
    REVIEWERS[1], REVIEWERS[2], DIRECTORS[1], OTHER_OWNER,
)  # fmt: skip
