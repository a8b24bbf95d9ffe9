"""By which clock a visit by video is told to the patient."""

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from clinic.scheduling.forms.requests import choices_of
from clinic.scheduling.forms.telehealth import zone_choice
from clinic.scheduling.rules.zones import is_zone, offered_zones
from clinic.web.posted import PostedForm


class ClockForm(PostedForm):
    """The patient's own clock, a part of the page that asks who is coming.

    Nothing chosen, or what is no clock: those of the state where the patient will be.
    """

    zone = SelectField(
        _l("Your clock"),
        description=_l("We tell you the time by it besides the clinic's."),
        choices=[],
        validate_choice=False,
    )

    def __init__(self) -> None:
        super().__init__()
        own = self.own_zone()
        self.has_zone = "zone" in request.form
        self.zone.choices = choices_of(
            [
                ("", _l("That of the state I will be in")),
                *((name, zone_choice(name)) for name in offered_zones(chosen=own)),
            ]
        )

    def own_zone(self) -> str | None:
        """The clock that was chosen, None for none."""
        chosen = str(self.zone.data or "")
        return chosen if is_zone(chosen) else None
