"""The pages that are meant to be found."""

from collections.abc import Iterable

from clinic.scheduling.rules.setting import Setting
from clinic.site.rules.texts import Text

FIXED = (
    "/",
    "/conditions",
    "/people",
    "/book",
    "/request/visit",
    "/gait",
    "/privacy",
    "/accessibility",
)


def public_paths(*, setting: Setting, conditions: Iterable[Text]) -> tuple[str, ...]:
    """Paths for the sitemap, the fixed ones first; some of them may not exist yet."""
    return (
        *FIXED,
        *(f"/conditions/{text.name.slug}" for text in conditions),
        *(f"/people/{slug}" for slug in setting.practitioners),
        *(
            f"/book/{one.slug}"
            for one in setting.services.values()
            if one.online and not one.safety_screen  # that one asks to call
        ),
    )
