"""Whether an account can be what it says: IBAN, BIC, account number, and the name of who holds it."""

import re

from django.core.exceptions import ValidationError
from stdnum import bic, iban, numdb
from stdnum.exceptions import InvalidChecksum
from stdnum.exceptions import ValidationError as NumberError

from partners.organisations.models import Organisation
from partners.places.countries import country_name
from reviews.screening.spelling import ORGANISATION, tokens

IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}")
ACCOUNT = re.compile(r"[0-9A-Z]{5,34}")
PHONE = re.compile(r"\+[0-9]{7,15}")


def uses_iban(country: str) -> bool:
    """Whether banks of a country give their customers an IBAN."""
    return bool(dict(numdb.get("iban").info(country)[0][1]))


def checked_iban(text: str, country: str) -> str:
    """Return an IBAN without spaces. Raises ValidationError in plain words."""
    number = iban.compact(text).upper()
    if not IBAN.fullmatch(number):
        raise ValidationError("This is not a whole IBAN. It begins with two letters and two digits.")
    try:
        iban.validate(number)
    except InvalidChecksum as error:
        raise ValidationError("Two digits of this IBAN are wrong or have changed places. Compare it again.") from error
    except NumberError as error:
        raise ValidationError("This is not an IBAN as the banks of that country write it.") from error
    if number[:2] != country:
        message = f"This IBAN is of {country_name(number[:2])}, and the bank is in {country_name(country)}."
        raise ValidationError(message)
    return str(number)


def checked_account(text: str, country: str) -> str:
    """Return an account number without spaces. Raises ValidationError where the country uses IBANs, or it cannot be."""
    if uses_iban(country):
        message = f"Banks in {country_name(country)} use an IBAN. Give it instead."
        raise ValidationError(message)
    number = re.sub(r"[\s.-]", "", text).upper()
    if not ACCOUNT.fullmatch(number) or not re.search(r"[1-9]", number):
        raise ValidationError("Give the account number as the bank writes it: 5 to 34 digits or letters.")
    return number


def checked_bic(text: str, country: str) -> str:
    """Return a BIC. Raises ValidationError in plain words."""
    code = re.sub(r"\s", "", text).upper()
    if not bic.is_valid(code):
        raise ValidationError("A SWIFT code (BIC) has 8 or 11 letters and digits, for example KASITHBK.")
    if code[4:6] != country:
        message = f"This SWIFT code is of {country_name(code[4:6])}, and the bank is in {country_name(country)}."
        raise ValidationError(message)
    return code


def checked_phone(text: str) -> str:
    """Return a telephone number with its country's code. Raises ValidationError in plain words."""
    number = re.sub(r"[\s().-]", "", text)
    number = f"+{number[2:]}" if number.startswith("00") else number
    if not PHONE.fullmatch(number):
        raise ValidationError("Give the number with its country’s code, for example +66 2 123 4567.")
    return number


def holds_in_its_name(organisation: Organisation, holder: str) -> bool:
    """Whether the account is held in the legal name, or the same in the local script; legal forms aside."""
    held = set(tokens(holder, ORGANISATION))
    names = filter(None, [organisation.legal_name, organisation.local_name])
    return bool(held) and any(held == set(tokens(name, ORGANISATION)) for name in names)
