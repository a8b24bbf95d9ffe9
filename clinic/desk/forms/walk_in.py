"""Three fields for somebody at the counter: the name, the birth date, what for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from clinic.core.errors import Invalid
from clinic.people.rules.patients import PatientDetails, patient_details
from clinic.people.rules.searching import read_asked
from clinic.scheduling.rules.setting import Setting


@dataclass(frozen=True, slots=True)
class WalkInAsk:
    """Who came and for which service; ``fault`` says what is missing, "" when nothing is."""

    details: PatientDetails | None
    service: str
    fault: str


def read_walk_in(*, values: Mapping[str, str], setting: Setting, today: date) -> WalkInAsk:
    """The last word of the name is the family name; the birth date is typed like 3/14/1984."""
    *given, family = values.get("name", "").split() or [""]
    born = read_asked(values.get("born", "")).birth_date
    slug = values.get("service", "")
    service = setting.services.get(slug)
    if service is None or service.is_telehealth or service.capacity > 1:
        return WalkInAsk(None, "", str(_("Choose what they come for.")))
    raw = {
        "given_name": " ".join(given),
        "family_name": family,
        "birth_date": born.isoformat() if born else "",
    }
    try:
        details = patient_details(raw, contact_required=False, today=today)
    except Invalid as refusal:
        first = next(iter(refusal.errors.values()))[0]
        if not born:
            first = _("Type the date of birth like 3/14/1984.")
        return WalkInAsk(None, slug, str(_(first)))
    return WalkInAsk(details, slug, "")
