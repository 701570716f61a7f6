"""What a wording can name and what it must hold: the values that terms give, and the named texts with their places."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Value:
    """A value that the terms of a grant give: its type, what it is, and whether some grants have none."""

    type: str
    meaning: str
    may_be_missing: bool = False


VALUES: dict[str, Value] = {
    "funder": Value("text", "The funder's name"),
    "funder_tax_number": Value("text", "The funder's tax number"),
    "funder_seat": Value("text", "The funder's city and country"),
    "funder_country": Value("text", "The funder's country"),
    "governing_law": Value("text", "The state or country whose law governs", may_be_missing=True),
    "courts": Value("text", "The place whose courts decide", may_be_missing=True),
    "partner": Value("text", "The partner's legal name"),
    "partner_country": Value("text", "The partner's country"),
    "purpose": Value("text", "What the grant is for"),
    "goal": Value("money", "The granting goal"),
    "gifts": Value("money", "The gifts hoped for: the goal less the match"),
    "cap": Value("money", "The match cap"),
    "ratio": Value("ratio", "The match ratio"),
    "ratio_p": Value("number", "The first number of the ratio"),
    "ratio_q": Value("number", "The second number of the ratio"),
    "rate": Value("text", "The ratio in words, from the text for it"),
    "counted": Value("text", "Before or after card fees, from the text for it"),
    "basis": Value("text", "What of a gift is matched, from the text for it"),
    "refund_rule": Value("text", "Where the match of a refunded gift goes, from the text for it"),
    "donor_cap": Value("money", "The cap a donor", may_be_missing=True),
    "gift_cap": Value("money", "The cap a gift", may_be_missing=True),
    "window_start": Value("moment", "When the match window opens, with its time zone"),
    "window_end": Value("moment", "When the match window closes, with its time zone"),
    "window_first_day": Value("date", "The first day of the match window"),
    "window_last_day": Value("date", "The last day of the match window"),
    "window_opens": Value("text", "Day and time at which the window opens"),
    "window_closes": Value("text", "Day and time at which the window closes"),
    "window_zone": Value("text", "The time zone of the window"),
    "window_place": Value("text", "Whose time the window is in, in words"),
    "fund": Value("text", "The match fund"),
    "reservation": Value("text", "The number of the reserve in the fund"),
    "term_start": Value("date", "The first day of the term"),
    "term_end": Value("date", "The last day of the term"),
    "payments": Value("text", "How many payments, in words"),
    "instalments": Value("text", "How many instalments, in words"),
    "shares": Value("text", "The shares of the payments"),
    "reports": Value("text", "The reports with their dates"),
    "directors": Value("number", "How many directors sign"),
    "signing_directors": Value("text", "How many directors sign, in words: two directors"),
    "officer": Value("text", "The programme officer"),
    "contact": Value("text", "The funder's e-mail address, else its name"),
    "whom_to_call": Value("text", "The programme officer, with the e-mail address"),
    "individuals": Value("text", "The rule for help to individuals, from the text for it"),
    "submission": Value("text", "The number of the partner's submission"),
    "bank": Value("text", "The partner's bank", may_be_missing=True),
    "bank_last4": Value("text", "The last characters of the account", may_be_missing=True),
    "fee_percent": Value("text", "The card fee of the examples, in per cent"),
    "fee_fixed": Value("money", "The fixed card fee of the examples"),
}
# Filled themselves before the others: none of them can name another one.
MADE_FROM_TEXTS = frozenset({"rate", "counted", "basis", "refund_rule", "individuals"})


@dataclass(frozen=True)
class Named:
    """A text with a place of its own: it can be changed, never left out."""

    group: str
    label: str
    makes_a_value: bool = False


def _choice(label: str) -> Named:
    return Named("Texts that the terms choose between", label, makes_a_value=True)


TEXTS: dict[str, Named] = {
    "a_title": Named("Schedule A", "Title"),
    "a_none": Named("Schedule A", "When there is no indicator"),
    "a_note": Named("Schedule A", "Note"),
    "b_title": Named("Schedule B", "Title"),
    "b_total": Named("Schedule B", "The last line"),
    "b_note": Named("Schedule B", "Note"),
    "c_title": Named("Schedule C", "Title"),
    "c_intro": Named("Schedule C", "Opening"),
    "c_cap": Named("Schedule C", "Cap"),
    "c_window": Named("Schedule C", "Window"),
    "c_order": Named("Schedule C", "Order"),
    "c_not_matched": Named("Schedule C", "Not matched"),
    "c_donor_cap": Named("Schedule C", "Cap a donor, where there is one"),
    "c_gift_cap": Named("Schedule C", "Cap a gift, where there is one"),
    "c_reserved": Named("Schedule C", "Committed from"),
    "c_examples_note": Named("Schedule C", "Note to the examples"),
    "c_names_note": Named("Schedule C", "Last note"),
    "d_title": Named("Schedule D", "Title"),
    "d_note": Named("Schedule D", "Note"),
    "e_title": Named("Schedule E", "Title"),
    "f_title": Named("Schedule F", "Title"),
    "f_none": Named("Schedule F", "When there is no condition"),
    "g_title": Named("Schedule G", "Title"),
    "g_named": Named("Schedule G", "When the account is known"),
    "g_unnamed": Named("Schedule G", "When the account is not known yet"),
    "g_note": Named("Schedule G", "Note"),
    "h_title": Named("Schedule H", "Title"),
    "h_intro": Named("Schedule H", "Opening"),
    "basis_gross": _choice("Matched on: gross"),
    "basis_net": _choice("Matched on: net"),
    "counted_gross": _choice("In the highlights: gross"),
    "counted_net": _choice("In the highlights: net"),
    "rate_even": _choice("Rate: one for one"),
    "rate_other": _choice("Rate: another"),
    "refunds_backfill": _choice("Refunds: earlier gifts first"),
    "refunds_forward": _choice("Refunds: later gifts only"),
    "individuals_allowed": _choice("Help to individuals: allowed"),
    "individuals_not_allowed": _choice("Help to individuals: not allowed"),
    "consent_director": Named("What a signer agrees to", "A director"),
    "consent_partner": Named("What a signer agrees to", "The partner"),
}
GROUPS = tuple(dict.fromkeys(one.group for one in TEXTS.values()))
CONSENTS = ("consent_director", "consent_partner")


def place_of_text(key: str) -> str:
    """Return where a named text stands, as people say it: ``Schedule C, Opening``."""
    return f"{TEXTS[key].group}, {TEXTS[key].label.lower()}" if key in TEXTS else key
