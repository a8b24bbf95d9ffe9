"""Names and contact data: as they are kept, and as they are compared.

What is kept is what the person typed, tidied: NFC, spaces collapsed, invisible marks removed. The
``key`` of a name or address is only for comparing (contract.md, "Who is the same patient").
"""

import re
import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email

HOME_REGION = "US"
LONGEST_NAME = 100
LONGEST_EMAIL = 254
LONGEST_PHONE = 40
LONGEST_KEY = 400
"""A key can be longer than the name: one sign may unfold to eighteen."""

_SPACES = re.compile(r"\s+")
_EMPTY_LINES = re.compile(r"\n{3,}")
_PHONE_SIGNS = re.compile(r"\+?[0-9 ()./-]+")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
# The joiners shape letters of Persian and Indic names; every other format sign is invisible, and
# some of them turn the text around them.
_JOINERS = frozenset("\u200c\u200d")
NO_TEXT = "\ufffd"
"""What stands, once a form is read, for bytes that are no text."""


class Unusable(ValueError):
    """Text that cannot be taken; says why in a sentence for the person who typed it."""


def clean_text(text: str, *, longest: int) -> str:
    """The text tidied; "" when nothing is left. Raises Unusable for what cannot be kept.

    Space at the ends goes, line ends there too; control characters elsewhere are refused.
    """
    text = text.strip()
    if len(text) > longest:
        raise Unusable(f"Use at most {longest} characters.")
    if _is_plain(text):
        return _SPACES.sub(" ", text)
    if any(unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} for sign in text):
        raise Unusable("Remove the characters that cannot be printed.")
    seen = "".join(sign for sign in text if not _is_invisible(sign))
    return _SPACES.sub(" ", unicodedata.normalize("NFC", seen)).strip(" \u200c\u200d")


def clean_lines(text: str, *, longest: int) -> str:
    """Words of several lines tidied; "" when nothing is left. Raises Unusable.

    Lines stay, at most one empty one between two; in each line the rules of ``clean_text`` hold.
    """
    if len(text.strip()) > longest:
        raise Unusable(f"Use at most {longest} characters.")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").split("\n")
    tidied = "\n".join(clean_text(line, longest=longest) for line in lines)
    return _EMPTY_LINES.sub("\n\n", tidied).strip()


def _is_plain(text: str) -> bool:
    """Whether every sign is one of ASCII that is printed: nothing to refuse, fold or compose."""
    return text.isascii() and text.isprintable()


def _is_invisible(sign: str) -> bool:
    return unicodedata.category(sign) == "Cf" and sign not in _JOINERS


def name_key(name: str) -> str:
    """A name as compared: NFKC, case folded, spaces collapsed, without invisible marks."""
    if name.isascii():  # as almost all are: composed already, and nothing in it is invisible
        return _SPACES.sub(" ", name.lower()).strip()
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    seen = "".join(sign for sign in folded if unicodedata.category(sign) != "Cf")
    return _SPACES.sub(" ", seen).strip()


def clean_name(text: str) -> str:
    """A name as kept, "" when there is none; raises Unusable, also for bytes that were no text."""
    if NO_TEXT in text:
        raise Unusable("Remove the characters that cannot be printed.")
    name = clean_text(text, longest=LONGEST_NAME)
    if len(name) > LONGEST_NAME or len(name_key(name)) > LONGEST_KEY:
        raise Unusable(f"Use at most {LONGEST_NAME} characters.")
    return name if name_key(name) else ""


def clean_email(text: str) -> str:
    """An e-mail address in its usual form, "" when there is none; raises Unusable.

    Its shape is checked, not whether anybody reads it: no name server is asked.
    """
    try:
        address = clean_text(text, longest=LONGEST_EMAIL)
        if not address:
            return ""
        found: str = validate_email(address, check_deliverability=False).normalized
    except (EmailNotValidError, Unusable):
        raise Unusable("Enter an e-mail address like name@example.com.") from None
    if len(found) > LONGEST_EMAIL or len(email_key(found)) > LONGEST_KEY:
        raise Unusable("Enter an e-mail address like name@example.com.")
    return found


def email_key(address: str) -> str:
    """An e-mail address as compared: case folded."""
    return address.casefold()


def clean_phone(text: str) -> str:
    """A phone number in E.164, "" when there is none; raises Unusable.

    Without a country code it is a number of the USA. It must be possible (its length fits its
    country's plan), not assigned: plans change faster than anybody's tables of them.
    """
    complaint = "Enter a phone number with its area code, like 212 555 0100."
    try:
        digits = unicodedata.normalize("NFKC", clean_text(text, longest=LONGEST_PHONE))
        digits = _DASHES.sub("-", digits)
        if not digits:
            return ""
        if not _PHONE_SIGNS.fullmatch(digits):
            raise Unusable(complaint)
        number = phonenumbers.parse(digits, HOME_REGION)
    except (phonenumbers.NumberParseException, Unusable):
        raise Unusable(complaint) from None
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise Unusable(complaint)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
