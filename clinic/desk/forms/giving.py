"""To whom a manager lets a form be given."""

from collections.abc import Iterable

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice

from clinic.intake.operations.questionnaires import Habits
from clinic.web.posted import PostedForm

OLDEST = 150
LONGEST_DAYS = 3660


class GivingForm(PostedForm):
    """Services, kinds of patients, and for how long answers hold."""

    services = SelectMultipleField(
        _l("Asked when one of these is booked"),
        description=_l("Visits by video ask about safety whatever is chosen here."),
        validate_choice=False,
    )
    for_whom = RadioField(
        _l("Given to"),
        choices=[
            SelectChoice(value="everyone", label=_l("Everyone")),
            SelectChoice(value="new", label=_l("New patients")),
            SelectChoice(value="returning", label=_l("Patients who were here before")),
        ],
        default="everyone",
    )
    min_age = StringField(_l("From age"), render_kw={"inputmode": "numeric"})
    max_age = StringField(_l("To age"), render_kw={"inputmode": "numeric"})
    lasts_days = StringField(
        _l("For how many days answers hold"),
        description=_l(
            "Within them the form is not asked for again. Leave it empty to ask at every visit. The"
            " form about safety is asked again after 14 days at the latest."
        ),
        render_kw={"inputmode": "numeric"},
    )
    after = SelectField(
        _l("Patients meet it"),
        description=_l("Where several forms are asked for, they are listed in this order."),
        validate_choice=False,
    )
    is_prefilled = BooleanField(_l("Show what was answered last time, to be confirmed"))

    @classmethod
    def of(cls, habits: Habits, services: Iterable[str], after: str) -> "GivingForm":
        """The form as things stand."""
        return cls(
            formdata=None,
            data={
                "services": list(services),
                "for_whom": habits.for_whom,
                "min_age": str(habits.min_age),
                "max_age": "" if habits.max_age == OLDEST else str(habits.max_age),
                "lasts_days": "" if habits.lasts_days is None else str(habits.lasts_days),
                "after": after,
                "is_prefilled": habits.is_prefilled,
            },
        )

    def offer(
        self, services: Iterable[tuple[str, str]], others: Iterable[tuple[str, str]]
    ) -> "GivingForm":
        """The clinic's services, and the other forms in their order: slug and name."""
        self.after.choices = [
            SelectChoice(value="", label=_("First")),
            *(
                SelectChoice(value=slug, label=_("After “%(name)s”", name=name))
                for slug, name in others
            ),
        ]
        self.services.choices = [SelectChoice(value=slug, label=name) for slug, name in services]
        return self

    def read(self) -> Habits | None:
        """What is wanted, or None with every fault told at its field."""
        is_whole = self.validate()
        low = self._number(self.min_age, 0, OLDEST, empty=0)
        high = self._number(self.max_age, 0, OLDEST, empty=OLDEST)
        days = self._number(self.lasts_days, 1, LONGEST_DAYS, empty=0)
        if low is None or high is None or days is None or not is_whole:
            return None
        if high < low:
            self.max_age.errors = [_("The upper age is below the lower one")]
            return None
        return Habits(
            for_whom=str(self.for_whom.data),
            min_age=low,
            max_age=high,
            lasts_days=days or None,
            is_prefilled=bool(self.is_prefilled.data),
        )

    @staticmethod
    def _number(field: StringField, low: int, high: int, *, empty: int) -> int | None:
        text = (field.data or "").strip()
        if not text:
            return empty
        if text.isascii() and text.isdecimal() and len(text) < 6 and low <= int(text) <= high:
            return int(text)
        field.errors = [_("Enter a number from %(low)s to %(high)s", low=low, high=high)]
        return None
