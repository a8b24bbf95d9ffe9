"""Two records that are one person become one, and two again within a day."""

import json
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from clinic.core import audit, hooks
from clinic.core.db import db, transaction
from clinic.core.errors import NotFound, Refusal
from clinic.core.rows import lock_row
from clinic.core.types import canonical_json, is_public_id
from clinic.core.values import Actor
from clinic.desk.operations.merging import marks, parts, rows
from clinic.desk.queries.merging import find_merge, list_clashes
from clinic.desk.rules.merging import FIELDS
from clinic.people.models import Patient, PatientMerge
from clinic.people.operations.locking import lock_two_records
from clinic.people.operations.patients import refresh_search_keys
from clinic.people.operations.records import RecordChanged
from clinic.people.queries.merges import UNDO_WITHIN
from clinic.people.queries.records import stands_as
from clinic.people.rules.names import email_key, name_key

LONGEST_NAME = 200


class SameRecord(Refusal):
    """One record cannot be merged with itself."""

    code = "same-record"
    message = "This is one and the same record. Choose another one."


class AlreadyMerged(Refusal):
    """One of the two was merged away meanwhile."""

    code = "already-merged"
    message = "One of these records was merged into another meanwhile. Nothing was changed."


class VisitsClash(Refusal):
    """Both have a visit at one time, and a person can be at one of them only."""

    code = "visits-clash"
    message = (
        "Both records have a visit at the same time. Cancel or move one of the two, then merge."
    )


class MergeStands(Refusal):
    """The day in which a merge may be undone is over."""

    code = "merge-stands"
    message = "More than a day has passed: the records can no longer be parted by themselves."


class MergedFurther(Refusal):
    """The kept record was itself merged into another since."""

    code = "merged-further"
    message = "The record that was kept has been merged into another since. Undo that merge first."


@transaction
def merge_patients(
    *,
    kept: str,
    gone: str,
    from_gone: Collection[str],
    looked_at: str,
    actor: Actor,
    now: datetime,
) -> str:
    """Make one record of two; answers the merge's public id. The fields ``from_gone`` take the
    value of the record that goes.

    ``looked_at`` is ``stand_as`` of the two as they were shown. Raises NotFound, SameRecord,
    AlreadyMerged, RecordChanged, and VisitsClash where both have a visit to come at one time.
    """
    if kept == gone:
        raise SameRecord
    keeper, goner = lock_two_records(kept, gone)
    if keeper.merged_at is not None or goner.merged_at is not None:
        raise AlreadyMerged
    if stand_as(keeper, goner) != looked_at:
        raise RecordChanged
    if list_clashes(kept_id=keeper.id, gone_id=goner.id):
        raise VisitsClash
    merge = PatientMerge(
        kept_id=keeper.id,
        gone_id=goner.id,
        leads_to_id=keeper.id,
        merged_at=now,
        merged_by=actor.name[:LONGEST_NAME],
    )
    before = _join(keeper, goner, from_gone, now)
    merge.before = canonical_json(before)
    db.session.add(merge)
    _tell(keeper, goner, "patient.merged", merge, actor, now)
    return merge.public_id


@transaction
def undo_merge(*, merge: str, actor: Actor, now: datetime) -> str:
    """Make two records of one again, each with what was its own; answers the kept one's public id.

    What came to the kept record since stays with it. Twice is once. Raises NotFound, MergeStands
    after a day, and MergedFurther.
    """
    names = find_merge(merge) if is_public_id(merge) else None
    if names is None:
        raise NotFound
    keeper, goner = lock_two_records(*names)
    row = lock_row(PatientMerge, merge)
    if row.undone_at is not None:
        return keeper.public_id
    if now > row.merged_at + UNDO_WITHIN:
        raise MergeStands
    if keeper.merged_at is not None:
        raise MergedFurther
    row.undone_at, row.undone_by = now, actor.name[:LONGEST_NAME]
    _part(keeper, goner, json.loads(row.before or "{}"), row.merged_at, now)
    _tell(keeper, goner, "patient.merge-undone", row, actor, now)
    return keeper.public_id


def stand_as(kept: Patient, gone: Patient) -> str:
    """A digest of both records: the same as long as nobody changes either."""
    return f"{stands_as(kept)}{stands_as(gone)}"


def _join(
    keeper: Patient, goner: Patient, from_gone: Collection[str], now: datetime
) -> dict[str, Any]:
    pair = rows.Pair(keeper.id, keeper.public_id, goner.id, goner.public_id)
    before: dict[str, Any] = {"kept": _values(keeper), "gone": _values(goner)}
    before["closed"] = parts.close_double_forms(pair, now=now)
    try:
        before["places"] = parts.move_claims(pair)
    except IntegrityError:  # the one rule itself, should anything have been overlooked
        raise VisitsClash from None
    before["rows"] = rows.move_rows(pair)
    before["names"] = rows.move_names(pair)
    before["choices"] = parts.join_choices(pair)
    before["suggestions"] = marks.settle_suggestions(pair, now=now)
    before["reviews"] = marks.review_together(pair, now=now)
    for field in sorted(set(from_gone) & set(FIELDS)):
        setattr(keeper, field, getattr(goner, field))
    before["set"] = _values(keeper)
    _write_keys(keeper)
    goner.merged_at = now
    _find_by_present(keeper, goner)
    return before


def _part(
    keeper: Patient, goner: Patient, before: Mapping[str, Any], at: datetime, now: datetime
) -> None:
    pair = rows.Pair(keeper.id, keeper.public_id, goner.id, goner.public_id)
    _restore(goner, before["gone"])
    goner.merged_at = None
    since = {name for name in FIELDS if _values(keeper)[name] != before["set"][name]}
    _restore(keeper, {name: was for name, was in before["kept"].items() if name not in since})
    db.session.flush()
    rows.move_back(before["rows"], pair, at=at)
    rows.move_names_back(before["names"], pair)
    parts.open_forms_again(before["closed"], at=at)
    parts.move_claims_back(before["places"], before["rows"]["appointments"], pair)
    parts.part_choices(before["choices"], pair, at=at)
    marks.suggest_again(before["suggestions"], at=at)
    marks.review_apart(before["reviews"], pair, at=at, now=now)
    _find_by_present(keeper, goner)


def _find_by_present(keeper: Patient, goner: Patient) -> None:
    """Let searches find what stands, and plan reminders by the present contact."""
    for one in (keeper, goner):
        refresh_search_keys(one)
        hooks.contact_chosen.announce(one.id)


def _values(one: Patient) -> dict[str, str | None]:
    return {
        "given_name": one.given_name,
        "family_name": one.family_name,
        "birth_date": one.birth_date.isoformat(),
        "email": one.email,
        "phone": one.phone,
    }


def _restore(one: Patient, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(one, name, date.fromisoformat(value) if name == "birth_date" else value)
    _write_keys(one)


def _write_keys(one: Patient) -> None:
    one.given_key, one.family_key = name_key(one.given_name), name_key(one.family_name)
    one.email_key = email_key(one.email) if one.email else None


def _tell(
    keeper: Patient, goner: Patient, action: str, merge: PatientMerge, actor: Actor, now: datetime
) -> None:
    for one, other in ((keeper, goner), (goner, keeper)):
        audit.record(
            action=action,
            actor=actor,
            now=now,
            subject=f"patient:{one.public_id}",
            details={
                "merge": merge.public_id,
                "with": other.public_id,
                "kept": keeper.public_id,
            },
        )
