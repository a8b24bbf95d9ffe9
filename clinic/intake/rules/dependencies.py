"""Which question must be settled before which: an order, and the circles that have none.

An item waits for its parent and for the questions of its conditions. Items on a circle are told
as faults and their conditions count as not written; everything else is settled in order.
"""

from clinic.intake.rules.form import Condition, Form, Item, Operator
from clinic.intake.rules.outcome import Code, Issues, shown


def order_of_evaluation(*, form: Form, issues: Issues) -> tuple[Item, ...]:
    """All items, each after those it waits for; marks items on circles as `is_cyclic`."""
    for item in form.items:
        if item.conditions:
            _check_conditions(item, form, issues)
    ordered: list[Item] = []
    for group in _strong_groups(form):
        if len(group) > 1 or _asks_itself(group[0]):
            members = frozenset(item.link_id for item in group)
            for item in sorted(group, key=lambda one: one.order):
                _tell_circle(item, members, form, issues)
        ordered.extend(sorted(group, key=lambda one: one.order))
    return tuple(ordered)


def _check_conditions(item: Item, form: Form, issues: Issues) -> None:
    """Note conditions on what is not there, has no answers, comes later or never fits."""
    usable = []
    for index, condition in enumerate(item.conditions):
        place = f"{item.path}.enableWhen[{index}]"
        asked = form.by_link.get(condition.question)
        if asked is None:
            words = f"{item.link_id}: there is no question {shown(condition.question)}."
            issues.error(Code.NOT_FOUND, words, place)
            continue
        usable.append(condition)
        _check_question(item, asked, condition, place, issues)
    item.conditions = tuple(usable)


def _check_question(
    item: Item, asked: Item, condition: Condition, place: str, issues: Issues
) -> None:
    name = shown(asked.link_id)
    if asked.type and not asked.is_question:
        words = f"{item.link_id}: {name} is no question; it never has an answer."
        issues.error(Code.INVARIANT, words, place)
    elif asked.order > item.order and item not in asked.ancestors():
        words = f"{item.link_id}: the condition asks {name}, which comes later."
        issues.warn(Code.BUSINESS_RULE, words, place)
    if (
        condition.operator is not Operator.EXISTS
        and asked.kinds
        and condition.value.kind not in asked.kinds
    ):
        words = f"{item.link_id}: {name} is never answered with a {condition.value.kind}."
        issues.warn(Code.VALUE, words, place)


def _asks_itself(item: Item) -> bool:
    return any(condition.question == item.link_id for condition in item.conditions)


def _tell_circle(item: Item, members: frozenset[str], form: Form, issues: Issues) -> None:
    asked = {condition.question for condition in item.conditions}
    if not asked & members:
        return  # only its ancestor or its child is on the circle
    item.is_cyclic = True
    below = any(item in form.by_link[name].ancestors() for name in asked & members)
    if below:
        words = f"{item.link_id}: a condition asks a question inside the item itself."
    else:
        names = ", ".join(shown(name) for name in sorted(asked & members)[:3])
        words = f"{item.link_id}: its conditions go round in a circle through {names}."
    issues.error(Code.INVARIANT, f"{words} They are left out.", f"{item.path}.enableWhen")


def _waits_for(item: Item, form: Form) -> list[Item]:
    found = [form.by_link[condition.question] for condition in item.conditions]
    if item.parent is not None and item.parent.parent is not None:
        found.append(item.parent)
    return found


def _strong_groups(form: Form) -> list[list[Item]]:
    """Tarjan's strongly connected components, without recursion: first what others wait for."""
    numbers: dict[int, int] = {}
    lows: dict[int, int] = {}
    open_items: list[Item] = []
    is_open: set[int] = set()
    groups: list[list[Item]] = []
    for start in form.items:
        if start.order in numbers:
            continue
        visits = [(start, iter(_enter(start, form, numbers, lows, open_items, is_open)))]
        while visits:
            item, waiting = visits[-1]
            other = next(waiting, None)
            if other is None:
                visits.pop()
                if visits:
                    above = visits[-1][0].order
                    lows[above] = min(lows[above], lows[item.order])
                _close(item, numbers, lows, open_items, is_open, groups)
            elif other.order not in numbers:
                entered = _enter(other, form, numbers, lows, open_items, is_open)
                visits.append((other, iter(entered)))
            elif other.order in is_open:
                lows[item.order] = min(lows[item.order], numbers[other.order])
    return groups


def _enter(
    item: Item,
    form: Form,
    numbers: dict[int, int],
    lows: dict[int, int],
    open_items: list[Item],
    is_open: set[int],
) -> list[Item]:
    numbers[item.order] = lows[item.order] = len(numbers)
    open_items.append(item)
    is_open.add(item.order)
    return _waits_for(item, form)


def _close(
    item: Item,
    numbers: dict[int, int],
    lows: dict[int, int],
    open_items: list[Item],
    is_open: set[int],
    groups: list[list[Item]],
) -> None:
    if lows[item.order] != numbers[item.order]:
        return
    group: list[Item] = []
    while not group or group[-1] is not item:
        group.append(open_items.pop())
        is_open.discard(group[-1].order)
    groups.append(group)
