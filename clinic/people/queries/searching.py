"""Finding patients as somebody types: a look into the index of keys, then a closer one here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, or_, select

from clinic.core.db import current_connection
from clinic.people.models import Patient, PatientSearchKey
from clinic.people.rules.searching import (
    PER_SLIP,
    PHONE_TAILS,
    Asked,
    distance,
    phone_beginnings,
    telling_trigrams,
    words_of,
)

LOOKED_AT = 50
"""So many records that share most trigrams are looked at closely: some milliseconds."""
FEWEST_DIGITS = 3


@dataclass(frozen=True, slots=True)
class FoundPatient:
    """A record as a search shows it."""

    patient_id: int
    public_id: str
    given_name: str
    family_name: str
    birth_date: date
    phone: str | None
    email: str | None

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.given_name} {self.family_name}"


def search_patients(*, asked: Asked, limit: int = 8) -> tuple[FoundPatient, ...]:
    """The records that fit best, the best first; one query, bounded whatever the history.

    Names may have a typing slip for every four letters, words may come in any order or be
    beginnings. A date of birth must be the same; of a phone number its beginning, its last four or
    last seven digits.
    """
    wanted, values = _candidates(asked)
    if wanted is None:
        return ()
    rows = [FoundPatient(*row) for row in current_connection().execute(wanted, values)]
    if asked.words and asked.digits:
        rows = [one for one in rows if asked.digits in (one.phone or "")]
    return tuple(_ranked(asked.words, rows)[:limit])


def list_found(*, public_ids: Sequence[str]) -> tuple[FoundPatient, ...]:
    """The records of these public ids, in the order of their names."""
    wanted = (
        select(*_COLUMNS)
        .where(_PATIENT.public_id.in_(public_ids))
        .order_by(_PATIENT.family_key, _PATIENT.given_key)
    )
    return tuple(FoundPatient(*row) for row in current_connection().execute(wanted))


def _ranked(words: Sequence[str], rows: Iterable[FoundPatient]) -> list[FoundPatient]:
    if not words:
        return sorted(rows, key=lambda one: (one.family_name, one.given_name, one.patient_id))
    allowed = max(1.0, sum(len(word) for word in words) / PER_SLIP) + 0.9
    far = [
        (distance(asked=words, name=words_of(one.name)), one.family_name, -one.patient_id, one)
        for one in rows
    ]
    return [
        found for how_far, *_, found in sorted(far, key=lambda one: one[:3]) if how_far <= allowed
    ]


_PATIENT: Any = Patient.__table__.c
_KEY: Any = PatientSearchKey.__table__.c
_COLUMNS = (
    _PATIENT.id,
    _PATIENT.public_id,
    _PATIENT.given_name,
    _PATIENT.family_name,
    _PATIENT.birth_date,
    _PATIENT.phone,
    _PATIENT.email,
)


def _sharing(*, with_birth: bool) -> Select[*tuple[Any, ...]]:
    """Who shares most keys; with a date of birth only those born then."""
    shared = func.count().label("shared")
    keys = select(_KEY.patient_id, shared).where(_KEY.key.in_(bindparam("keys", expanding=True)))
    if with_birth:
        born = select(_PATIENT.id).where(_PATIENT.birth_date == bindparam("birth_date"))
        keys = keys.where(_KEY.patient_id.in_(born))
    best = (
        keys.group_by(_KEY.patient_id)
        .order_by(shared.desc(), _KEY.patient_id.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    return select(*_COLUMNS).join(best, best.c.patient_id == _PATIENT.id)


# Built once: a search is asked at every letter.
_BY_KEYS, _BY_KEYS_AND_BIRTH = _sharing(with_birth=False), _sharing(with_birth=True)
_BY_BIRTH = (
    select(*_COLUMNS)
    .where(_PATIENT.birth_date == bindparam("birth_date"), _PATIENT.merged_at.is_(None))
    .limit(LOOKED_AT)
)


def _candidates(asked: Asked) -> tuple[Select[*tuple[Any, ...]] | None, dict[str, Any]]:
    values: dict[str, Any] = {}
    if asked.birth_date is not None:
        values["birth_date"] = asked.birth_date
    if asked.words:
        values["keys"] = sorted(telling_trigrams(asked.words))
        return (_BY_KEYS_AND_BIRTH if asked.birth_date else _BY_KEYS), values
    if len(asked.digits) >= FEWEST_DIGITS:
        return _by_digits(asked), values
    return (_BY_BIRTH, values) if asked.birth_date else (None, {})


def _by_digits(asked: Asked) -> Select[*tuple[Any, ...]]:
    ways = [
        and_(_PATIENT.phone >= begins, _PATIENT.phone < f"{begins}:")
        for begins in phone_beginnings(asked.digits)
    ]
    if len(asked.digits) in PHONE_TAILS:
        ending = select(_KEY.patient_id).where(_KEY.key == f"#{asked.digits}")
        ways.append(_PATIENT.id.in_(ending))
    wanted = select(*_COLUMNS).where(or_(*ways), _PATIENT.merged_at.is_(None))
    if asked.birth_date is not None:
        wanted = wanted.where(_PATIENT.birth_date == asked.birth_date)
    return wanted.limit(LOOKED_AT)
