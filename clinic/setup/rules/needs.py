"""Whether a service's needs can ever be met: one of each list, all distinct, at one location."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from clinic.scheduling.rules.setting import Service
from clinic.setup.rules.clinic_file import PractitionerEntry, ResourceEntry
from clinic.setup.rules.faults import Fault
from clinic.setup.rules.table_reader import TableReader


def check_needs(
    *,
    top: TableReader,
    services: Sequence[Service],
    resources: Sequence[ResourceEntry],
    practitioners: Sequence[PractitionerEntry],
) -> None:
    """Note services whose needs no location can meet.

    Those locations count where a practitioner who does the service keeps hours; for a service that
    nobody does yet, any location counts.
    """
    places = {entry.slug: entry.location for entry in resources if entry.slug and entry.location}
    given, everywhere = _given_at(practitioners), set(places.values())
    for index, service in enumerate(services):
        groups = [group for group in service.needs if group and places.keys() >= set(group)]
        where = given.get(service.slug) or everywhere
        problem = groups and _problem(groups, places, where)
        if problem:
            top.faults.append(Fault(f"services[{index}].needs", problem, service.slug or None))


def _given_at(practitioners: Sequence[PractitionerEntry]) -> dict[str, set[str]]:
    """By service, the locations where somebody who does it keeps hours, be it for one day."""
    found: dict[str, set[str]] = defaultdict(set)
    for entry in practitioners:
        named = {rule.location for rule in entry.hours}
        named |= {rule.location or "" for rule in entry.exceptions if rule.windows}
        for service in entry.services if named - {""} else ():
            found[service] |= named - {""}
    return found


def _problem(
    groups: Sequence[Sequence[str]], places: Mapping[str, str], where: set[str]
) -> str | None:
    for group in groups:
        if not where & {places[slug] for slug in group}:
            return f'names only what is at no location of the service ("{group[0]}")'
    for location in sorted(where):
        here = [[slug for slug in group if places[slug] == location] for group in groups]
        if can_choose_distinct(here):
            return None
    return "cannot be met: no location has a different one for each list"


def can_choose_distinct(groups: Sequence[Sequence[str]]) -> bool:
    """Whether one can be taken from each list with none taken twice (bipartite matching)."""
    taken_by: dict[str, int] = {}

    def place(index: int, tried: set[str]) -> bool:
        for slug in groups[index]:
            if slug in tried:
                continue
            tried.add(slug)
            if slug not in taken_by or place(taken_by[slug], tried):
                taken_by[slug] = index
                return True
        return False

    return all(place(index, set()) for index in range(len(groups)))
