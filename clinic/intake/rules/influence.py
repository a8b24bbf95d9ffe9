"""What a changed answer can change beside itself: which questions count, and what rules see."""

from collections.abc import Collection, Iterable

from clinic.intake.rules.form import Form, Item

CODE = "code:"


def decides_others(*, form: Form, changed: Collection[str]) -> bool:
    """Whether answers to these linkIds may enable or disable other questions."""
    if form.has_expressions:
        return True
    asked = {condition.question for item in form.items for condition in item.conditions}
    return any(link_id in asked or form.by_link[link_id].children for link_id in changed)


def may_touch(*, form: Form, changed: Collection[str], questions: Iterable[str]) -> bool:
    """Whether answers to these linkIds may change what rules that ask ``questions`` see.

    ``questions`` are linkIds, or codes as ``code:...``, as in rule sets. Certain only when False.
    """
    if decides_others(form=form, changed=changed):
        return True
    asked = set(questions)
    return any(
        link_id in asked or not asked.isdisjoint(_codes(form.by_link[link_id]))
        for link_id in changed
    )


def _codes(item: Item) -> set[str]:
    listed = item.raw.get("code") or ()
    return {f"{CODE}{coding.get('code')}" for coding in listed if isinstance(coding, dict)}
