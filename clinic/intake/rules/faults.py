"""What keeps a form from being handed in, by question, in words that a patient's page can say."""

from collections.abc import Iterable
from dataclasses import dataclass

from clinic.intake.rules.form import Item
from clinic.intake.rules.outcome import Code, Issue
from clinic.intake.rules.sections import missing_in, sections_of
from clinic.intake.rules.state import ROOT, Place, State


@dataclass(frozen=True, slots=True)
class Fault:
    """A question, the number of its page, and what is wrong: `missing` or `wrong`.

    `text` is the form's own sentence where a rule of the form is broken, else "".
    """

    link_id: str
    section: int
    kind: str
    text: str = ""


def faults_in(*, state: State, issues: Iterable[Issue]) -> tuple[Fault, ...]:
    """All faults in the form's order; each question once, what is missing first."""
    sections = sections_of(form=state.form)
    found: dict[str, Fault] = {}
    for section in sections:
        for item in missing_in(section=section, state=state):
            found.setdefault(item.link_id, Fault(item.link_id, section.number, "missing"))
    for issue in issues:
        if not issue.refuses or issue.code is Code.REQUIRED:
            continue
        place = _item_at(state, issue.expression)
        number = _number_of(place, state) if place is not None else 1
        link_id = place.link_id if place is not None else ""
        found.setdefault(link_id, Fault(link_id, number, "wrong", _sentence(issue)))
    order = {item.link_id: item.order for item in state.form.items}
    return tuple(sorted(found.values(), key=lambda fault: order.get(fault.link_id, -1)))


def _sentence(issue: Issue) -> str:
    return issue.text if issue.code is Code.INVARIANT else ""


def _item_at(state: State, expression: str) -> Item | None:
    """The item of the innermost place that the path names."""
    best: Place | None = None
    for place in state.places:
        if place.raw is None or place.path == ROOT or not expression.startswith(place.path):
            continue
        rest = expression[len(place.path) :]
        if rest[:1] in {"", "."} and (best is None or len(place.path) > len(best.path)):
            best = place
    return best.item if best is not None else None


def _number_of(item: Item, state: State) -> int:
    top = next(iter([*item.ancestors()][::-1]), item)
    found = (section.number for section in sections_of(form=state.form) if top in section.items)
    return next(found, 1)
