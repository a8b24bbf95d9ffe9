"""Files that a page of a form brings: kept before the page is read, so none is chosen twice."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage, MultiDict

from clinic.core.clock import now
from clinic.core.errors import Refusal
from clinic.documents.operations import NewDocument, remove_document, store_document
from clinic.documents.queries import get_document, list_patient_documents
from clinic.documents.rules import LARGEST_BYTES, Kind
from clinic.intake.presenters.answers import file_id
from clinic.intake.queries.attachments import list_attachments
from clinic.intake.queries.responses import AssignedForm, answers_of
from clinic.intake.rules.form import Item
from clinic.intake.rules.sections import Section
from clinic.intake.views.openers import Opener

DROP = "drop:"
_NAME = re.compile(r"(q([0-9]{1,5})(?:-[0-9]{1,3})?)-file")
_KINDS: Mapping[str, Kind] = {
    **{kind.value: kind for kind in Kind},
    "referral-file": Kind.REFERRAL,
    "test-file": Kind.IMAGING_REPORT,
}


@dataclass(slots=True)
class Brought:
    """A page's fields with the files that came with it: ``files`` are what it may name, ``refused``
    maps the name of a control to the sentence that says why its file was not taken."""

    values: "MultiDict[str, str]"
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def has_uploads() -> bool:
    """Whether a file came with the page."""
    return any(one.filename for one in request.files.values())


def take_files(assigned: AssignedForm, opener: Opener, section: Section) -> Brought:
    """Keep what was chosen, under the response; the page then names it as it names older files."""
    brought = Brought(MultiDict(request.form))
    asked = {str(item.order): item for item in section.files}
    if not asked:
        return brought
    _drop(assigned, opener, brought)
    for name, item, upload in _uploads(asked):
        content = upload.read(LARGEST_BYTES + 1)
        if not content:
            continue
        try:
            kept = store_document(
                new=_new(assigned, item, upload, content), actor=opener.author.actor, now=now()
            )
        except Refusal as refusal:
            brought.refused[name] = _(refusal.message)
        else:
            brought.values.add(name, kept)
    brought.files = list_attachments(patient=assigned.patient.public_id)
    return brought


def _uploads(asked: Mapping[str, Item]) -> Iterator[tuple[str, Item, FileStorage]]:
    for key, upload in request.files.items(multi=True):
        found = _NAME.fullmatch(key)
        if found is not None and found[2] in asked and upload.filename:
            yield found[1], asked[found[2]], upload


def _new(assigned: AssignedForm, item: Item, upload: FileStorage, content: bytes) -> NewDocument:
    patient, response = assigned.patient.public_id, assigned.response
    codes = [str(one.get("code")) for one in item.raw.get("code") or () if isinstance(one, dict)]
    kinds = (_KINDS[name] for name in (item.link_id, *codes) if name in _KINDS)
    return NewDocument(
        patient=patient,
        kind=next(kinds, Kind.OTHER),
        about=f"response:{response.public_id}" if response is not None else f"patient:{patient}",
        name=upload.filename or "",
        content=content,
    )


def _drop(assigned: AssignedForm, opener: Opener, brought: Brought) -> None:
    """Take a file out of the page; one that came with these answers is forgotten altogether."""
    name, _bar, ident = request.form.get("do", "").removeprefix(DROP).partition(":")
    if not request.form.get("do", "").startswith(DROP) or not ident:
        return
    left = [one for one in brought.values.getlist(name) if one != ident]
    brought.values.setlist(name, left)
    response = assigned.response
    known = list_attachments(patient=assigned.patient.public_id)
    if response is not None and ident in known:
        about = get_document(public_id=ident).about
        if about == f"response:{response.public_id}":
            remove_document(public_id=ident, actor=opener.author.actor, now=now())


def forget_replaced(assigned: AssignedForm, opener: Opener, before: frozenset[str]) -> None:
    """Forget what an answer named ``before`` a page was saved and none names since: it gave way to
    another file, or went with its part of the form. What came with other answers stays."""
    response = assigned.response
    gone = before - files_named(assigned)
    if response is None or not gone:
        return
    for one in list_patient_documents(patient=assigned.patient.public_id):
        if one.public_id in gone and one.about == f"response:{response.public_id}":
            remove_document(public_id=one.public_id, actor=opener.author.actor, now=now())


def files_named(assigned: AssignedForm) -> frozenset[str]:
    """The public ids of the files that the answers name as they are stored."""
    response = assigned.response
    return frozenset(_named(answers_of(response))) if response is not None else frozenset()


def _named(part: Any) -> Iterator[str]:
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    if isinstance(part, dict) and isinstance(part.get("valueAttachment"), dict):
        yield file_id(part["valueAttachment"])
    for one in inner:
        yield from _named(one)
