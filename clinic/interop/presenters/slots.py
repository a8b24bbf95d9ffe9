"""Slots as JSON. A month of a clinic has thousands, so each is written once and kept."""

import json
from collections.abc import Sequence
from threading import Lock
from typing import Any, cast

from clinic.interop.rules.instants import local_text, utc_text
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.queries.slots import ANSWERS_KEPT, Availability
from clinic.scheduling.rules.asking import Slot
from clinic.scheduling.rules.memo import Memo
from clinic.scheduling.rules.setting import Setting

MOST_KEPT = 30_000
"""Some 12 MB; what one month of a large clinic offers."""


class _Written:
    """The JSON of slots of one setting; it goes with the setting."""

    def __init__(self) -> None:
        self.by_slot: dict[Slot, bytes] = {}
        self.lock = Lock()

    def of(self, slots: Sequence[Slot], setting: Setting) -> list[bytes]:
        found = list(map(self.by_slot.get, slots))
        if None in found:
            missing = [one for one, known in zip(slots, found, strict=True) if known is None]
            made = _write(missing, setting)
            self._keep(made)
            found = [known or made[one] for one, known in zip(slots, found, strict=True)]
        return cast(list[bytes], found)

    def _keep(self, made: dict[Slot, bytes]) -> None:
        with self.lock:
            if len(self.by_slot) + len(made) > MOST_KEPT:
                self.by_slot = {}
            if len(made) <= MOST_KEPT:
                self.by_slot.update(made)


def _write(slots: Sequence[Slot], setting: Setting) -> dict[Slot, bytes]:
    """Each slot as JSON: what many share, the time and the place, is worked out once."""
    times: dict[tuple[int, int, str], bytes] = {}
    places: dict[tuple[str, str], bytes] = {}
    made: dict[Slot, bytes] = {}
    for slot in slots:
        time = (slot.start, slot.end, slot.location)
        place = (slot.practitioner, slot.location)
        if time not in times:
            times[time] = _json(_time_shown(slot, setting))[:-1] + b","
        if place not in places:
            places[place] = _json(_place_shown(slot, setting))[1:]
        made[slot] = times[time] + places[place]
    return made


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def slot_shown(slot: Slot, setting: Setting) -> dict[str, Any]:
    """A slot object: instants in UTC, the start on the location's wall clock, codes."""
    return _time_shown(slot, setting) | _place_shown(slot, setting)


def _time_shown(slot: Slot, setting: Setting) -> dict[str, Any]:
    starts_at = instant(slot.start)
    return {
        "starts_at": utc_text(starts_at),
        "ends_at": utc_text(instant(slot.end)),
        "local": local_text(starts_at, zone=_zone(slot, setting)),
    }


def _place_shown(slot: Slot, setting: Setting) -> dict[str, Any]:
    return {
        "practitioner": slot.practitioner,
        "location": slot.location,
        "time_zone": _zone(slot, setting),
    }


def _zone(slot: Slot, setting: Setting) -> str:
    # A location that was retired a moment ago has none in this setting.
    location = setting.locations.get(slot.location)
    return location.zone if location else setting.zone


def availability_json(found: Availability, *, setting: Setting) -> bytes:
    """The whole answer: zone, slots, why there are none, the first one after the dates.

    Kept as long as ``find_availability`` keeps answering the same object.
    """
    kept: Memo = setting.memo.recall(("answers as JSON",), lambda: Memo(ANSWERS_KEPT))
    return kept.recall(found, lambda: _answer(found, setting))


def _answer(found: Availability, setting: Setting) -> bytes:
    written = setting.memo.recall(("slots as JSON",), _Written)
    after = found.next_available
    rest = {
        "time_zone": found.zone,
        "reason": found.listing.reason,
        "next_available": slot_shown(after, setting) if after else None,
    }
    slots = b",".join(written.of(found.listing.slots, setting))
    return b"".join(
        (json.dumps(rest, separators=(",", ":"))[:-1].encode(), b',"slots":[', slots, b"]}")
    )
