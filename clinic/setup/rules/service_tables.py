"""A service's table, with the forms and the rooms and equipment it asks for."""

from clinic.scheduling.rules.setting import Service
from clinic.setup.rules.clinic_tables import DEAREST, Named
from clinic.setup.rules.faults import shown
from clinic.setup.rules.table_reader import TableReader
from clinic.setup.rules.words import text_problem

_LONGEST_MINUTES = 1440
_MOST_NEEDS = 20
_SECONDS_OF_AN_HOUR = 3600


def read_service(table: TableReader, named: Named) -> Service:
    """One `[[services]]`; notice is kept in seconds."""
    hours = table.number("min_notice_hours", least=0, most=8760, default=0)
    return Service(
        slug=table.own_slug(),
        name=table.text("name"),
        minutes=table.whole("minutes", least=1, most=_LONGEST_MINUTES),
        buffer_before=table.whole("buffer_before", least=0, most=_LONGEST_MINUTES, default=0),
        buffer_after=table.whole("buffer_after", least=0, most=_LONGEST_MINUTES, default=0),
        grid_minutes=table.whole("grid_minutes", least=1, most=_LONGEST_MINUTES, default=15),
        min_notice_seconds=round(hours * _SECONDS_OF_AN_HOUR),
        horizon_days=table.whole("horizon_days", least=0, most=3660, default=60),
        modality=table.choice("modality", ("in_person", "telehealth"), default="in_person"),
        online=table.flag("online", default=True),
        price_cents=table.whole("price_cents", least=0, most=DEAREST, default=0),
        capacity=table.whole("capacity", least=1, most=1000, default=1),
        safety_screen=table.flag("safety_screen", default=False),
        forms=_read_forms(table),
        needs=_read_needs(table, named),
    )


def _read_forms(table: TableReader) -> tuple[str, ...]:
    forms: dict[str, None] = {}
    for index, item in enumerate(table.list_of("forms")):
        key = f"forms[{index}]"
        problem = text_problem(item, most=200) if isinstance(item, str) else "must be a text"
        if problem or not isinstance(item, str):
            table.fault(key, str(problem))
        elif item in forms:
            table.fault(key, f"{shown(item)} stands twice")
        else:
            forms[item] = None
    return tuple(forms)


def _read_needs(table: TableReader, named: Named) -> tuple[tuple[str, ...], ...]:
    groups = []
    items = table.list_of("needs")
    if len(items) > _MOST_NEEDS:
        table.fault("needs", f"must be at most {_MOST_NEEDS} lists, not {len(items)}")
    for index, item in enumerate(items[:_MOST_NEEDS]):
        key = f"needs[{index}]"
        if not isinstance(item, list):
            table.fault(key, f'must be a list of slugs, such as ["gait-lab"], not {shown(item)}')
        elif not item:
            table.fault(key, "must name at least one room or piece of equipment")
        else:
            groups.append(_read_group(table, key, item, named))
    return tuple(groups)


def _read_group(table: TableReader, key: str, items: list[object], named: Named) -> tuple[str, ...]:
    group: dict[str, None] = {}
    for index, item in enumerate(items):
        place = f"{key}[{index}]"
        if not table.refers(place, item, named.resources):
            continue
        if item in group:
            table.fault(place, f"{shown(item)} stands twice in this list")
        else:
            group[str(item)] = None
    return tuple(group)
