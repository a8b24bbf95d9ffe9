"""The parts of a record that two cannot simply share: open forms, claims, choices of contact.

Each has a pair of functions; what the first answers is kept for the second, the undo.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, exists, insert, select, update
from sqlalchemy.orm import aliased

from clinic.core.db import db
from clinic.core.types import from_micros, to_micros
from clinic.desk.operations.merging.rows import Pair, run_statement
from clinic.intake.models import FormAssignment, Response
from clinic.people.models import ContactChoice
from clinic.scheduling.models import Claim, Resource


def close_double_forms(pair: Pair, *, now: datetime) -> list[int]:
    """Of a form that both are asked for, the one whose answers were saved last stays open.

    The other is withdrawn, its answers kept.
    """
    mine, theirs = aliased(FormAssignment), aliased(FormAssignment)
    my_answers, their_answers = aliased(Response), aliased(Response)
    wanted = (
        select(mine.id, theirs.id, my_answers.saved_at, their_answers.saved_at)
        .join(theirs, theirs.questionnaire_id == mine.questionnaire_id)
        .outerjoin(my_answers, my_answers.assignment_id == mine.id)
        .outerjoin(their_answers, their_answers.assignment_id == theirs.id)
        .where(mine.patient_id == pair.kept_id, theirs.patient_id == pair.gone_id)
        .where(*(one.done_at.is_(None) for one in (mine, theirs)))
        .where(*(one.withdrawn_at.is_(None) for one in (mine, theirs)))
    )
    closed = []
    for kept, gone, kept_at, gone_at in db.session.execute(wanted):
        is_later = _is_later(gone_at, kept_at)
        closed.append(kept if is_later else gone)
    withdrawn = update(FormAssignment).where(FormAssignment.id.in_(closed))
    run_statement(withdrawn.values(withdrawn_at=now))
    return closed


def _is_later(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and (other is None or one > other)


def open_forms_again(closed: list[int], *, at: datetime) -> None:
    """Ask for them again, unless the form is being asked for by another one by now."""
    other = aliased(FormAssignment)
    is_asked = exists().where(
        other.patient_id == FormAssignment.patient_id,
        other.questionnaire_id == FormAssignment.questionnaire_id,
        other.done_at.is_(None),
        other.withdrawn_at.is_(None),
    )
    again = update(FormAssignment).where(
        FormAssignment.id.in_(closed), FormAssignment.withdrawn_at == at, ~is_asked
    )
    run_statement(again.values(withdrawn_at=None))


def move_claims(pair: Pair) -> dict[str, int]:
    """Let the kept record be busy when the other is; refused by the one rule where both are."""
    places: dict[int, int] = dict(
        db.session.execute(
            select(Resource.patient_id, Resource.id).where(
                Resource.patient_id.in_((pair.kept_id, pair.gone_id))
            )
        ).all()  # type: ignore[arg-type]
    )
    gone = places.get(pair.gone_id)
    if gone is None:
        return {}
    kept = places.get(pair.kept_id)
    if kept is None:
        run_statement(update(Resource).where(Resource.id == gone).values(patient_id=pair.kept_id))
        return {"gone": gone}
    run_statement(update(Claim).where(Claim.resource_id == gone).values(resource_id=kept))
    return {"gone": gone, "kept": kept}


def move_claims_back(places: dict[str, int], visits: list[int], pair: Pair) -> None:
    """Claims go with their visits. A place that was the other record's own goes back to it."""
    if "gone" not in places:
        return
    gone = places["gone"]
    theirs = Claim.appointment_id.in_(visits)
    if "kept" in places:
        back = update(Claim).where(Claim.resource_id == places["kept"], theirs)
        run_statement(back.values(resource_id=gone))
        return
    run_statement(update(Resource).where(Resource.id == gone).values(patient_id=pair.gone_id))
    later = and_(Claim.resource_id == gone, ~theirs)
    if db.session.scalar(select(Claim.id).where(later).limit(1)) is not None:
        place = Resource(kind="patient", patient_id=pair.kept_id, position=0)
        db.session.add(place)
        db.session.flush()
        run_statement(update(Claim).where(later).values(resource_id=place.id))


Choices = dict[str, list[list[Any]]]


def join_choices(pair: Pair) -> Choices:
    """Of two choices about one channel the later one holds."""
    found = {"kept": _choices(pair.kept_id), "gone": _choices(pair.gone_id)}
    _forget_choices(pair.kept_id, pair.gone_id)
    last: dict[str, list[Any]] = {}
    for row in sorted((*found["gone"], *found["kept"]), key=lambda row: int(row[3])):
        last[row[0]] = row
    _write_choices(pair.kept_id, list(last.values()))
    return found


def part_choices(before: Choices, pair: Pair, *, at: datetime) -> None:
    """What either had chosen, but for what the kept record chose since."""
    since = [row for row in _choices(pair.kept_id) if int(row[3]) > to_micros(at)]
    changed = {row[0] for row in since}
    _forget_choices(pair.kept_id, pair.gone_id)
    kept = [row for row in before["kept"] if row[0] not in changed]
    _write_choices(pair.kept_id, [*kept, *since])
    _write_choices(pair.gone_id, before["gone"])


def _choices(patient_id: int) -> list[list[Any]]:
    wanted = (
        select(
            ContactChoice.channel,
            ContactChoice.is_wanted,
            ContactChoice.address,
            ContactChoice.at,
            ContactChoice.by,
        )
        .where(ContactChoice.patient_id == patient_id)
        .order_by(ContactChoice.channel)
    )
    return [
        [channel, is_wanted, address, to_micros(at), by]
        for channel, is_wanted, address, at, by in db.session.execute(wanted)
    ]


def _forget_choices(*patient_ids: int) -> None:
    run_statement(delete(ContactChoice).where(ContactChoice.patient_id.in_(patient_ids)))


def _write_choices(patient_id: int, rows: list[list[Any]]) -> None:
    values = [
        {
            "patient_id": patient_id,
            "channel": channel,
            "is_wanted": is_wanted,
            "address": address,
            "at": from_micros(at),
            "by": by,
        }
        for channel, is_wanted, address, at, by in rows
    ]
    if values:
        db.session.execute(insert(ContactChoice.__table__), values)  # type: ignore[arg-type]
