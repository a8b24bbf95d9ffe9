"""What a reader of the trail asks for: filters in the address, a name in a form."""

import re
from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from wtforms import StringField, ValidationError

from clinic.people.rules.names import LONGEST_NAME
from clinic.scheduling.rules.week_address import read_date
from clinic.trail.rules import Asked, read_position
from clinic.web.posted import PostedForm

_PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)
_ACTION = re.compile(r"[a-z.-]{1,60}", re.ASCII)


def read_asked(args: Mapping[str, str], *, session: str | None = None) -> Asked:
    """The entries that an address asks for; what cannot be read counts as not said."""

    def matching(name: str, pattern: re.Pattern[str]) -> str | None:
        value = args.get(name, "")
        return value if pattern.fullmatch(value) else None

    return Asked(
        patient=matching("patient", _PUBLIC_ID),
        actor=matching("actor", _PUBLIC_ID),
        action=matching("action", _ACTION),
        session=session or matching("session", _PUBLIC_ID),
        from_date=read_date(args.get("from", "")),
        to_date=read_date(args.get("to", "")),
        after=read_position(args.get("after", "")),
    )


class FindPatientForm(PostedForm):
    """A patient's name. It is sent as a form: names do not stand in addresses."""

    name = StringField(
        _l("Patient’s name"),
        description=_l("The beginning of the given or the family name, or of both."),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )

    def validate_name(self, field: StringField) -> None:
        """Some letters, not more than a name has."""
        field.data = (field.data or "").strip()
        if not field.data:
            raise ValidationError(_l("Enter a name, its beginning is enough."))
        if len(field.data) > LONGEST_NAME or not field.data.isprintable():
            raise ValidationError(_l("Enter a name of ordinary letters."))
