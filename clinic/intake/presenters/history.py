"""A patient's health on the summary, where "no" and "nobody answered" must not look the same."""

from collections.abc import Iterable

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.intake.rules.state import State
from clinic.intake.rules.story import codes_at, is_open, number_at, rows_at, words_at

NO, YES = ("No",), ("Yes",)


def present_history(state: State | None) -> tuple[tuple[str, str], ...]:
    """Label and words, line by line; nothing at all where the form was never begun."""
    if state is None:
        return ()
    medicines = rows_at(state, "med", ("med-name", "med-dose", "med-often"))
    allergies = rows_at(state, "allergy", ("allergy-what", "allergy-reaction", "allergy-how-bad"))
    rows = (
        (_("Conditions"), _conditions(state)),
        (_("Medicines"), _asked_first(state, "med-any", medicines)),
        (_("Of note"), _either([*words_at(state, "med-kinds"), *words_at(state, "implants")])),
        (_("Allergies"), _asked_first(state, "allergy-any", allergies)),
        (_("Surgery"), _asked_first(state, "op-any", rows_at(state, "op", ("op-what",)))),
        (_("Falls"), _either(_falls(state))),
    )
    return tuple((str(label), text) for label, text in rows)


def _asked_first(state: State, gate: str, rows: Iterable[str]) -> str:
    """What was named after a question whether there is anything to name."""
    said = "; ".join(rows)
    if said:
        return said
    answer = words_at(state, gate)
    if answer == NO:
        return _none()
    return str(_("Yes, not said what")) if answer else _not_answered()


def _conditions(state: State) -> str:
    """The conditions that the patient has or is not sure of, and how many are still open."""
    had, unsure, left, asked = [], [], 0, 0
    for item in state.form.items:
        if not (item.link_id.startswith("hx-") and item.link_id.endswith("-had")):
            continue
        asked, codes = asked + 1, codes_at(state, item.link_id)
        left += is_open(state, item.link_id)
        name = item.parent.text if item.parent is not None else item.text
        had += [name] if codes == ("yes",) else []
        unsure += [name] if codes == ("unsure",) else []
    if left and left == asked:
        return _not_answered()
    parts = [*had]
    if unsure:
        parts.append(str(_("not sure: %(names)s", names=", ".join(unsure))))
    if left:
        parts.append(str(ngettext("%(num)d not answered", "%(num)d not answered", left)))
    if not had and not unsure:
        parts.insert(0, _none())
    return "; ".join(parts)


def _falls(state: State) -> list[str]:
    said = []
    times = number_at(state, "falls-count")
    if times is not None:
        said.append(str(_("%(number)s in 12 months", number=times)))
    elif fallen := words_at(state, "fallen"):
        said.append(str(_("None in 12 months") if fallen == NO else _("In the last 12 months")))
    if words_at(state, "unsteady") == YES:
        said.append(str(_("unsteady")))
    return [*said, *words_at(state, "devices")]


def _either(words: Iterable[str]) -> str:
    return "; ".join(words) or _not_answered()


def _none() -> str:
    return str(_("None reported"))


def _not_answered() -> str:
    return str(_("Not answered"))
