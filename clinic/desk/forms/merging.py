"""What a receptionist chooses when two records become one."""

from wtforms import HiddenField, RadioField, StringField
from wtforms.fields.choices import SelectChoice

from clinic.core.types import is_public_id
from clinic.desk.rules.merging import FIELDS
from clinic.people.rules.searching import LONGEST_ASKED
from clinic.web.posted import PostedForm

KEPT, GONE = "kept", "gone"


def _choice() -> RadioField:
    sides = [SelectChoice(value=side, label=side) for side in (KEPT, GONE)]
    return RadioField(choices=sides, default=KEPT)


class MergeForm(PostedForm):
    """Whose value each field takes; ``looked_at`` is both records as they were shown."""

    looked_at = HiddenField()
    given_name = _choice()
    family_name = _choice()
    birth_date = _choice()
    email = _choice()
    phone = _choice()

    def from_gone(self) -> frozenset[str]:
        """The fields that take the value of the record that goes."""
        return frozenset(name for name in FIELDS if self[name].data == GONE)


class OtherForm(PostedForm):
    """Whom a record may be the same person as, as somebody types it."""

    q = StringField(render_kw={"autocomplete": "off", "maxlength": str(LONGEST_ASKED)})

    @property
    def typed(self) -> str:
        """The text, without what no database compares."""
        return str(self.q.data or "")[:LONGEST_ASKED].replace("\x00", "")


class ApartForm(PostedForm):
    """Two records that are not one person."""

    first = HiddenField()
    second = HiddenField()

    @property
    def pair(self) -> tuple[str, str] | None:
        """Their public ids; None where that was not sent."""
        first, second = str(self.first.data or ""), str(self.second.data or "")
        return (first, second) if is_public_id(first) and is_public_id(second) else None
