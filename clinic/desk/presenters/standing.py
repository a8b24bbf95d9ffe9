"""Forms, payment and flags of a visit as marks of its line."""

from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.desk.queries.flags import Flags
from clinic.desk.queries.standing import Standing
from clinic.desk.rules.money import VisitMoney
from clinic.intake.queries.status import FormsCount
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.direct_access import FEW_DAYS, Counter
from clinic.web.filters import money, short_date

LAST = 1
SOON = timedelta(days=FEW_DAYS)


@dataclass(frozen=True, slots=True)
class MarkView:
    """A small state; ``kind`` is "w" to watch, "muted" when all is well."""

    icon: str
    text: str
    kind: str


def forms_mark(found: FormsCount | None) -> MarkView | None:
    """Done, how many are left, or none yet; nothing where no form was asked for."""
    if found is None or not found.asked:
        return None
    if found.is_complete:
        return MarkView("check", str(_("Done")), "muted")
    if not found.begun and not found.done:
        return MarkView("form", str(_("None yet")), "w")
    left = found.asked - found.done
    return MarkView("form", ngettext("%(num)d left", "%(num)d left", left), "w")


def owed_form_mark(flags: Flags | None) -> MarkView | None:
    """That another form of the patient is overdue, where the visit asks for none itself."""
    return MarkView("form", str(_("Owes one")), "w") if flags and flags.owes_form else None


def payment_mark(found: VisitMoney | None, *, is_here: bool) -> MarkView | None:
    """Paid, due, or given back; nothing where nothing is due and nothing was paid.

    What is due stands out once the patient ``is_here``: before, nobody has to do anything.
    """
    if found is None:
        return None
    words = {
        "paid": MarkView("check", str(_("Paid")), "muted"),
        "partly-refunded": MarkView("card", str(_("Partly refunded")), "muted"),
        "refunded": MarkView("card", str(_("Refunded")), "muted"),
        "pending": MarkView("hourglass", str(_("Processing")), "w"),
    }
    if found.payment in words:
        return words[found.payment]
    due = str(_("Due %(amount)s", amount=money(found.left_cents)))
    return MarkView("card", due, "w" if is_here else "muted")


def flags_of(one: Visit, standing: Standing) -> tuple[str, ...]:
    """What must not be overlooked; of a safety answer only that a clinician must call."""
    marked = (
        (one.patient in standing.must_call, _("Clinician must call")),
        (one.public_id in standing.unlicensed, _("No licence there")),
        (one.public_id in standing.without_practitioner, _("Practitioner has left")),
        (one.review == "needed", _("To be reviewed")),
    )
    found = [str(words) for holds, words in marked if holds]
    covered = covered_words(standing.counters.get(one.public_id), one)
    found += [covered] if covered else []
    flags = standing.flags.get(one.patient)
    if flags is not None:
        found += flags.alert_words
        if flags.owed_cents:
            owed = money(flags.owed_cents, currency=flags.currency)
            found.append(str(_("Owes %(amount)s", amount=owed)))
    return (*found, str(_("Overbooked"))) if one.override_by else tuple(found)


def covered_words(counter: Counter | None, one: Visit) -> str:
    """That nothing covers this visit, or that referral or state's rule run out soon; else ""."""
    if counter is None:
        return ""
    if counter.is_over:
        has_ended = counter.until is not None and counter.until < one.local.date()
        words = _("Referral ended") if counter.by_referral and has_ended else _("Needs a referral")
        return str(words)
    if counter.left == LAST:
        return str(_("Last visit covered"))
    if not counter.is_nearly:
        return ""
    if counter.until is not None and counter.until - one.local.date() <= SOON:
        return str(_("Covered until %(day)s", day=short_date(counter.until)))
    return str(_("One more visit covered"))
