"""What staff choose for the visits of a practitioner who is away."""

import re
from collections.abc import Mapping

from clinic.desk.operations.away import Choice
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.rules.week_address import read_slot

_FIELD = re.compile(r"do-([A-Za-z0-9_-]{22})", re.ASCII)
_CHOICE = re.compile(r"([0-9]{1,9})\|(cancel|leave|move)(?:\|(.{1,150}))?", re.ASCII)


def read_choices(values: Mapping[str, str]) -> tuple[Choice, ...]:
    """``do-<visit>`` = ``version|cancel`` or ``version|move|slot``; others are left out."""
    found = []
    for name, value in values.items():
        visit, chosen = _FIELD.fullmatch(name), _CHOICE.fullmatch(value)
        if visit is None or chosen is None or chosen[2] == "leave":
            continue
        slot = read_slot(chosen[3] or "")
        if chosen[2] == "cancel":
            found.append(Choice(visit[1], int(chosen[1])))
        elif slot is not None:
            found.append(Choice(visit[1], int(chosen[1]), instant(slot.start), slot.practitioner))
    return tuple(found)
