"""What a phone helps to type: which keyboard a question wants, and what it knows already.

Questions are known by their linkIds in the forms that ship; a form of somebody else's whose
linkIds say the same gets the same help. Only what is asked of whoever is answering is filled in
(WCAG 2.2, 1.3.5): the keyboard alone is offered where it is another person's.
"""

from collections.abc import Mapping

from clinic.intake.rules.form import Item

OWN: Mapping[str, str] = {
    "name-first": "given-name",
    "name-middle": "additional-name",
    "name-last": "family-name",
    "name-suffix": "honorific-suffix",
    "name-used": "nickname",
    "proxy-name": "name",
    "proxy-phone": "tel",
    "street": "address-line1",
    "city": "address-level2",
    "state": "address-level1",
    "zip": "postal-code",
    "mobile": "tel",
    "email": "email",
    "tv-street": "address-line1",
    "tv-city": "address-level2",
    "tv-callback": "tel",
}
"""linkId -> the token of HTML's autofill."""
_OF_PHONES = ("phone", "callback", "mobile")


def typing_help(item: Item, *, is_own_device: bool) -> dict[str, object]:
    """Attributes of a line of text. On a device that many use nothing is filled in or kept."""
    found: dict[str, object] = {}
    name = item.link_id.lower()
    if name.endswith("email"):
        found["inputmode"] = "email"
    elif any(word in name for word in _OF_PHONES):
        found["inputmode"] = "tel"
    if not is_own_device:
        found["autocomplete"] = "off"
    elif item.link_id in OWN:
        found["autocomplete"] = OWN[item.link_id]
    return found
