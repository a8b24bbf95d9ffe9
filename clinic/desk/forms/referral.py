"""What staff type of a referral."""

from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField

from clinic.people.rules.names import Unusable, clean_text
from clinic.scheduling.operations.referrals import MOST_VISITS, NewReferral
from clinic.scheduling.rules.week_address import read_date
from clinic.web.posted import PostedForm

LONGEST = 200


class ReferralForm(PostedForm):
    """Who sent the patient, from when until when, and for how many visits."""

    referrer = StringField(
        _l("Sent by"),
        description=_l("The doctor who referred, or the insurer who authorised."),
        render_kw={"autocomplete": "off", "maxlength": str(LONGEST)},
    )
    begins = StringField(_l("From"), description=_l("Like 2026-03-14."))
    ends = StringField(_l("Until"), description=_l("Empty: no end was set."))
    visits = StringField(
        _l("Visits"),
        description=_l("Empty: no number was set."),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )

    def read(self) -> NewReferral | None:
        """What was typed, or None with the faults told."""
        sound = bool(self.validate())
        begins, ends = self._day(self.begins, is_needed=True), self._day(self.ends)
        visits, referrer = self._visits(), self._referrer()
        if not sound or begins is None or self.errors_told():
            return None
        return NewReferral(referrer=referrer, begins=begins, ends=ends, visits=visits)

    def errors_told(self) -> bool:
        """Whether any field has a fault."""
        return any(field.errors for field in (self.referrer, self.begins, self.ends, self.visits))

    def tell(self, errors: dict[str, list[str]]) -> None:
        """Put what the operation refused beside its fields."""
        for name, lines in errors.items():
            self[name].errors = [_(line) for line in lines]

    def _referrer(self) -> str:
        try:
            text = clean_text(" ".join((self.referrer.data or "").split()), longest=LONGEST)
        except Unusable as complaint:
            self.referrer.errors = [_(str(complaint))]
            return ""
        if not text:
            self.referrer.errors = [_("Enter who sent the patient, in at most 200 characters.")]
        return text

    def _day(self, field: StringField, *, is_needed: bool = False) -> date | None:
        text = (field.data or "").strip()
        found = read_date(text)
        if found is None and (text or is_needed):
            field.errors = [_("Enter a date like 2026-03-14.")]
        return found

    def _visits(self) -> int | None:
        text = (self.visits.data or "").strip()
        if not text:
            return None
        is_number = text.isascii() and text.isdecimal() and len(text) < 4
        if not is_number or not 0 < int(text) <= MOST_VISITS:
            self.visits.errors = [_("Enter a number of visits from 1 to 500, or nothing.")]
            return None
        return int(text)
