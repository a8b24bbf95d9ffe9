"""Bodies of the JSON API, read field by field with strict types.

Null is the same as absent. Unknown names are faults, so that a misspelled option is never
silently left out.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from flask import request
from flask_babel import gettext as _

from clinic.core.errors import Refusal
from clinic.interop.forms.faults import Faults
from clinic.interop.rules.bounds import LONGEST_CODE, LONGEST_REASON, MOST_CODES
from clinic.interop.rules.instants import read_instant
from clinic.interop.rules.json_text import JsonText, NotJson, TextFault, join, read_json
from clinic.scheduling.rules.states import STATES


class UnreadableBody(Refusal):
    """The body is not JSON, or not declared as such."""

    code = "not-json"
    status = 400
    message = "Send a JSON object with the content type application/json."


def read_body(*, may_be_empty: bool = False) -> JsonText:
    """The request's JSON; Raises UnreadableBody.

    A page of another site can send plain text from a visitor's browser without asking us first,
    but not what is declared as JSON: that is why the content type counts.
    """
    data = request.get_data(cache=False)
    if may_be_empty and not data.strip():
        return JsonText({}, {})
    if not request.is_json:
        raise UnreadableBody
    try:
        return read_json(data=data)
    except NotJson:
        raise UnreadableBody from None


class Fields:
    """The members of one JSON object; what is wrong is noted in ``faults``."""

    def __init__(
        self, raw: Mapping[str, object], *, allowed: Collection[str], faults: Faults, path: str = ""
    ) -> None:
        self.raw = raw
        self.path = path
        self.faults = faults
        for name in raw:
            if name not in allowed:
                self.fault(name, _("This is not asked for here."))

    def fault(self, name: str, sentence: str) -> None:
        """Note what is wrong with a member."""
        self.faults.add(join(self.path, name), sentence)

    def text(self, name: str, *, needed: bool = False, most: int = LONGEST_CODE) -> str | None:
        """A text without control characters (line ends apart) that is not empty."""
        value = self._given(name, needed=needed)
        if value is None:
            return None
        if not isinstance(value, str):
            self.fault(name, _("Send this as text."))
        elif not value.strip():
            self.fault(name, _("This is empty."))
        elif len(value) > most:
            self.fault(name, _("Use at most %(most)d characters.", most=most))
        elif not value.replace("\n", "").replace("\t", "").isprintable():
            self.fault(name, _("Remove the characters that cannot be printed."))
        else:
            return value.strip()
        return None

    def state(self, name: str) -> str | None:
        """A state of the USA by its two capital letters."""
        found = self.text(name)
        if found is not None and not is_state(found):
            self.fault(name, _("Send a state by its two capital letters, like NY."))
            return None
        return found

    def instant(self, name: str, *, needed: bool = False) -> datetime | None:
        """An instant by RFC 3339, in UTC or with its offset."""
        found = self.text(name, needed=needed)
        if found is None:
            return None
        try:
            return read_instant(text=found)
        except ValueError:
            self.fault(name, _("Send a moment with its offset, like 2026-03-02T14:30:00Z."))
            return None

    def whole_number(self, name: str, *, lowest: int, highest: int) -> int | None:
        """A whole number within bounds, both allowed; a fraction of .0 is one still no."""
        value = self._given(name, needed=False)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            self.fault(name, _("Send a whole number."))
        elif not lowest <= value <= highest:
            self.fault(
                name,
                _("Send a number from %(lowest)d to %(highest)d.", lowest=lowest, highest=highest),
            )
        else:
            return value
        return None

    def flag(self, name: str) -> bool | None:
        """True or false, never a word or a number."""
        value = self._given(name, needed=False)
        if value is not None and not isinstance(value, bool):
            self.fault(name, _("Send true or false."))
            return None
        return value

    def one_of(self, name: str, among: Collection[str], *, needed: bool = False) -> str | None:
        """One of a few words."""
        found = self.text(name, needed=needed)
        if found is not None and found not in among:
            self.fault(name, _("Send one of: %(words)s.", words=", ".join(among)))
            return None
        return found

    def codes(self, name: str) -> tuple[str, ...] | None:
        """A list of different codes."""
        value = self._given(name, needed=False)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.fault(name, _("Send a list of codes."))
        elif len(value) > MOST_CODES or any(len(one) > LONGEST_CODE for one in value):
            self.fault(name, _("Send at most %(most)d codes.", most=MOST_CODES))
        elif len(set(value)) < len(value):
            self.fault(name, _("Send each code once."))
        else:
            return tuple(value)
        return None

    def members(
        self, name: str, *, allowed: Collection[str], needed: bool = False
    ) -> "Fields | None":
        """An object inside this one."""
        value = self._given(name, needed=needed)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.fault(name, _("Send this as an object."))
            return None
        return Fields(value, allowed=allowed, faults=self.faults, path=join(self.path, name))

    def reason(self, name: str) -> str | None:
        """The ``reason`` inside an object like ``override``; needed when the object is there."""
        inside = self.members(name, allowed=("reason",))
        return inside.text("reason", needed=True, most=LONGEST_REASON) if inside else None

    def _given(self, name: str, *, needed: bool) -> object:
        value = self.raw.get(name)
        if value is None and needed:
            self.fault(name, _("This is needed."))
        return value


def fields_of(body: JsonText, *, allowed: Collection[str]) -> Fields:
    """The members of a request's object, with what is wrong with its text noted already."""
    faults = Faults()
    for path, fault in body.faults.items():
        faults.add(path, _text_fault(fault))
    if not isinstance(body.value, dict):
        faults.add("body", _("Send an object."))
        faults.refuse()
    raw: dict[str, object] = body.value  # type: ignore[assignment]
    return Fields(raw, allowed=allowed, faults=faults)


def is_state(text: str) -> bool:
    """Whether there is such a state or territory, by its two capital letters."""
    return text in STATES


def _text_fault(fault: TextFault) -> str:
    if fault is TextFault.DOUBLED:
        return str(_("Send this once."))
    return str(_("Remove the characters that cannot be printed."))
