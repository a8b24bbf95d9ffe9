"""What staff ask of the day's list, and the steps they press."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField, ValidationError

from clinic.desk.presenters.asking import DayAsk, today_in
from clinic.desk.rules import Show
from clinic.people.rules.names import Unusable, clean_text
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.status import Action
from clinic.scheduling.rules.week_address import read_date
from clinic.web.posted import PostedForm

LONGEST_REASON = 500
_STEP = re.compile(r"([a-z-]{1,10})\|([0-9]{1,9})\|([A-Za-z0-9_-]{22})", re.ASCII)


@dataclass(frozen=True, slots=True)
class PressedStep:
    """The step behind a pressed button, and the version of the visit that was looked at."""

    action: Action
    version: int
    public_id: str


def read_day_ask(*, args: Mapping[str, str], setting: Setting, now: datetime) -> DayAsk:
    """The list in an address; what is not known there counts as not said."""
    location = args.get("location", "")
    place = setting.locations.get(location)
    zone = place.zone if place else setting.zone
    today = today_in(zone, now)
    show = args.get("show", "")
    return DayAsk(
        day=read_date(args.get("date", "")) or today,
        zone=zone,
        today=today,
        location=location if place else None,
        show=Show(show) if show in list(Show) else Show.ALL,
    )


def read_step(text: str) -> PressedStep | None:
    """The step behind a pressed button, None when it is none of ours."""
    found = _STEP.fullmatch(text)
    if found is None or found[1] not in list(Action) or found[1] == Action.CANCEL:
        return None
    return PressedStep(Action(found[1]), int(found[2]), found[3])


class CancelForm(PostedForm):
    """Why a visit is cancelled, and which version of it was looked at."""

    reason = TextAreaField(
        _l("Why is it cancelled?"),
        description=_l("For example: called, has a cold. Staff see it, the patient does not."),
    )
    version = HiddenField()

    def validate_reason(self, field: TextAreaField) -> None:
        """A reason is needed, short and printable."""
        try:
            # A note may have lines; they are kept as one.
            field.data = clean_text(" ".join((field.data or "").split()), longest=LONGEST_REASON)
        except Unusable as complaint:
            raise ValidationError(_(str(complaint))) from None
        if not field.data:
            raise ValidationError(_("Enter a reason, a word is enough."))

    def looked_at(self) -> int | None:
        """The version, None when it is no number."""
        text = self.version.data or ""
        return int(text) if re.fullmatch("[0-9]{1,9}", text, re.ASCII) else None
