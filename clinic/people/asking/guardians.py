"""Who acts for a child: the part of a form that booking and asking for a visit share."""

from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField
from wtforms.fields.choices import SelectChoice

from clinic.core.errors import Invalid
from clinic.people.rules.guardians import GuardianDetails, guardian_details
from clinic.people.rules.patients import PatientDetails
from clinic.web.date_field import BirthDateField
from clinic.web.posted import PostedForm

RELATIONS = (
    ("parent", _l("Parent")),
    ("guardian", _l("Legal guardian")),
    ("other", _l("In place of a parent")),
)
GUARDIAN = ("guardian_name", "relation", "guardian_birth_date")


class GuardianPart(PostedForm):
    """A parent or guardian, who is reached at the contact that the form gives for the child."""

    guardian_name = StringField(
        _l("Your own name"),
        description=_l("Given and family name, as on your ID."),
        render_kw={"autocomplete": "name", "spellcheck": "false"},
    )
    relation = RadioField(
        _l("What are you to the child?"),
        choices=[SelectChoice(value=value, label=label) for value, label in RELATIONS],
        validate_choice=False,
    )
    guardian_birth_date = BirthDateField(
        _l("Your own date of birth"),
        description=_l("With it and a code you can see the child’s visits. For example 3 14 1984."),
    )

    def has_guardian(self) -> bool:
        """Whether anything of a guardian was typed or chosen."""
        born = "".join(self.guardian_birth_date.typed.values())
        return bool((self.guardian_name.data or "").strip() or self.relation.data or born.strip())

    def shows_guardian(self) -> bool:
        """Whether the part stands open: something was typed there, or has to be."""
        return self.has_guardian() or any(self[name].errors for name in GUARDIAN)

    def read_guardian(self, *, child: PatientDetails | None, today: date) -> GuardianDetails | None:
        """Who acts for the child, or None with every fault told at its field."""
        try:
            return guardian_details(
                name=self.guardian_name.data or "",
                birth_date=self.guardian_birth_date.data,
                relation=self.relation.data or "",
                email=child.email if child else None,
                phone=child.phone if child else None,
                today=today,
            )
        except Invalid as refusal:
            self._tell_guardian(refusal.errors)
            return None

    def _tell_guardian(self, errors: dict[str, list[str]]) -> None:
        fields = {
            "name": self.guardian_name,
            "relation": self.relation,
            "birth_date": self.guardian_birth_date,
        }
        for path, sentences in errors.items():
            if not fields[path].errors:
                fields[path].errors = [_(sentences[0])]
