"""Which rooms and pieces of equipment a visit gets: one of each group, all distinct."""

from collections.abc import Collection, Mapping, Sequence

from clinic.scheduling.rules.intervals import Interval
from clinic.scheduling.rules.setting import Service, Setting

Groups = tuple[tuple[str, ...], ...]


def groups_at(*, setting: Setting, service: Service, location: str) -> Groups | None:
    """What a service needs as it stands at one location; None when it cannot be had there."""
    groups = tuple(
        tuple(slug for slug in group if _is_at(setting, slug, location)) for group in service.needs
    )
    return groups if choose_rooms(groups=groups) is not None else None


def choose_rooms(*, groups: Groups, taken: Collection[str] = ()) -> tuple[str, ...] | None:
    """One distinct option of each group, none of them taken; None when there is no such choice.

    Always the same choice: each group in turn gets the first option in its order with which the
    groups after it can still be served.
    """
    free = tuple(tuple(slug for slug in group if slug not in taken) for group in groups)
    if not _can_serve(free):
        return None
    chosen: list[str] = []
    for index, group in enumerate(free):
        rest = free[index + 1 :]
        chosen.append(
            next(
                slug
                for slug in group
                if slug not in chosen and _can_serve(rest, without=(*chosen, slug))
            )
        )
    return tuple(chosen)


def choose_despite(*, groups: Groups, taken: Collection[str]) -> tuple[str, ...] | None:
    """A distinct choice even if rooms are taken, preferring those that are not."""
    return choose_rooms(
        groups=tuple(tuple(sorted(group, key=lambda slug: slug in taken)) for group in groups)
    )


def starts_without_rooms(
    *, groups: Groups, blocked: Mapping[str, Sequence[Interval]]
) -> list[Interval]:
    """When no distinct choice is free, merged, from the merged blocked starts of each option.

    Walks along all the moments at which an option becomes blocked or free, and asks once for each
    set of blocked options whether the groups can still be served.
    """
    bits = {slug: 1 << index for index, slug in enumerate(blocked)}
    turns: dict[int, int] = {}
    for slug, intervals in blocked.items():
        for start, end in intervals:
            turns[start] = turns.get(start, 0) ^ bits[slug]
            turns[end] = turns.get(end, 0) ^ bits[slug]
    served: dict[int, bool] = {0: True}
    without: list[Interval] = []
    taken, since = 0, None
    for moment in sorted(turns):
        taken ^= turns[moment]
        if taken not in served:
            names = {slug for slug, bit in bits.items() if bit & taken}
            served[taken] = _can_serve(groups, without=names)
        if served[taken]:
            if since is not None:
                without.append((since, moment))
            since = None
        elif since is None:
            since = moment
    return without


def _can_serve(groups: Groups, without: Collection[str] = ()) -> bool:
    """Whether distinct options exist for all groups (augmenting paths, Kuhn 1955)."""
    holder: dict[str, int] = {}
    return all(_seat(index, groups, without, holder, set()) for index in range(len(groups)))


def _seat(
    index: int, groups: Groups, without: Collection[str], holder: dict[str, int], seen: set[str]
) -> bool:
    for slug in groups[index]:
        if slug in without or slug in seen:
            continue
        seen.add(slug)
        if slug not in holder or _seat(holder[slug], groups, without, holder, seen):
            holder[slug] = index
            return True
    return False


def _is_at(setting: Setting, slug: str, location: str) -> bool:
    room = setting.rooms.get(slug)
    return room is not None and room.location == location
