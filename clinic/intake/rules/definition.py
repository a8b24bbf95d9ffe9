"""From FHIR JSON to a form: all that is wrong with a definition is told, the rest is usable.

Source: http://hl7.org/fhir/R4/questionnaire.html with its invariants que-1 to que-13.
"""

import re
from typing import Any

from clinic.intake.rules.definition_item import read_item
from clinic.intake.rules.definition_parts import check_keys, flag, objects, text_of
from clinic.intake.rules.dependencies import order_of_evaluation
from clinic.intake.rules.extensions import read_extensions
from clinic.intake.rules.form import GROUP, Form, Item
from clinic.intake.rules.outcome import Code, Issues, shown

STATUSES = frozenset({"draft", "active", "retired", "unknown"})
ROOT = "Questionnaire"

_KNOWN = frozenset(
    [
        "resourceType",
        "id",
        "meta",
        "implicitRules",
        "language",
        "text",
        "contained",
        "extension",
        "url",
        "identifier",
        "version",
        "name",
        "title",
        "derivedFrom",
        "status",
        "experimental",
        "subjectType",
        "date",
        "publisher",
        "contact",
        "description",
        "useContext",
        "jurisdiction",
        "purpose",
        "copyright",
        "approvalDate",
        "lastReviewDate",
        "effectivePeriod",
        "code",
        "item",
    ]
)
_NAME = re.compile(r"[A-Z]([A-Za-z0-9_]){0,254}")
_TAG = re.compile(r"<[/!]?[A-Za-z][^<>]{0,200}>")


def read_form(*, raw: Any) -> tuple[Form | None, Issues]:
    """The form and what is wrong with it; no form only when it is no Questionnaire at all."""
    issues = Issues()
    if not isinstance(raw, dict) or raw.get("resourceType") != ROOT:
        found = raw.get("resourceType") if isinstance(raw, dict) else raw
        issues.fatal(Code.INVALID, f"This is no Questionnaire but {shown(found)}.", ROOT)
        return None, issues
    _check_header(raw, issues)
    root = Item(link_id="", type=GROUP, path=ROOT, order=-1, parent=None, raw=raw)
    read_extensions(raw=raw, item=root, issues=issues)
    form = Form(root=root, raw=raw, items=(), by_link={})
    form.items = tuple(_items(raw, root, form.by_link, issues))
    if not form.items:
        issues.warn(Code.REQUIRED, "The questionnaire asks nothing.", ROOT)
    form.evaluation_order = order_of_evaluation(form=form, issues=issues)
    return form, issues


def _check_header(raw: dict[str, Any], issues: Issues) -> None:
    check_keys(raw=raw, known=_KNOWN, path=ROOT, issues=issues)
    status = raw.get("status")
    if status is None:
        issues.error(Code.REQUIRED, "The questionnaire has no status.", f"{ROOT}.status")
    elif not isinstance(status, str) or status not in STATUSES:
        issues.error(Code.CODE_INVALID, f"{shown(status)} is no status.", f"{ROOT}.status")
    for key in ("url", "version", "title", "name", "description"):
        text_of(raw=raw, key=key, path=ROOT, issues=issues)
    name = raw.get("name")
    if isinstance(name, str) and not _NAME.fullmatch(name):
        words = "The name should be fit for programs: letters, digits and underscores (que-0)."
        issues.warn(Code.INVARIANT, words, f"{ROOT}.name")
    flag(raw=raw, key="experimental", path=ROOT, issues=issues)


def _items(raw: dict[str, Any], root: Item, by_link: dict[str, Item], issues: Issues) -> list[Item]:
    """All items in document order; those without a usable linkId are left out with theirs."""
    found: list[Item] = []
    waiting = _nested(raw, root, issues)
    while waiting:
        entry, parent, path = waiting.pop()
        link_id = _link_id(entry, path, by_link, issues)
        if link_id is None:
            continue
        item = Item(link_id=link_id, type="", path=path, order=len(found), parent=parent, raw=entry)
        item.depth = parent.depth + 1
        by_link[link_id] = item
        parent.children.append(item)
        found.append(item)
        read_item(raw=entry, item=item, issues=issues)
        _check_label(item, issues)
        waiting.extend(_nested(entry, item, issues))
    return found


def _nested(
    raw: dict[str, Any], parent: Item, issues: Issues
) -> list[tuple[dict[str, Any], Item, str]]:
    """The nested items, last first, with their places."""
    nested = objects(raw=raw, key="item", path=parent.path, issues=issues)
    return [(entry, parent, path) for path, entry in reversed(nested)]


def _link_id(
    raw: dict[str, Any], path: str, by_link: dict[str, Item], issues: Issues
) -> str | None:
    link_id = text_of(raw=raw, key="linkId", path=path, issues=issues)
    if "linkId" not in raw:
        issues.error(Code.REQUIRED, "The item has no linkId; it is left out.", path)
    if not link_id:
        return None
    if link_id in by_link:
        words = f"The linkId {shown(link_id)} is used before; the item is left out."
        issues.error(Code.DUPLICATE, words, f"{path}.linkId")
        return None
    return link_id


def _check_label(item: Item, issues: Issues) -> None:
    """FHIR texts are plain; what looks like HTML will be shown as it is written."""
    if "<" in item.text and _TAG.search(item.text):
        words = f"{item.link_id}: the text looks like HTML and will be shown as plain text."
        issues.warn(Code.VALUE, words, f"{item.path}.text")
