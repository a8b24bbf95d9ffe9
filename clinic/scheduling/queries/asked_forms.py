"""Which services ask for which form."""

from clinic.scheduling.queries.setting import get_setting


def services_by_form() -> dict[str, list[str]]:
    """A form as services name it (slug or address) -> the names of those that ask for it."""
    found: dict[str, list[str]] = {}
    for service in get_setting().services.values():
        for name in dict.fromkeys(service.forms):
            found.setdefault(name, []).append(service.name)
    return found
