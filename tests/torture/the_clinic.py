"""A small clinic that is open day and night, so that everybody wants the same few times.

Nothing here imports the product: the clients do, and there are many.
"""

from datetime import date, datetime
from typing import Any

PRACTITIONERS = ("abel", "bell", "cole", "dean")

HEAD = """
[clinic]
name = "Example Rehab"
time_zone = "America/New_York"
phone = "+1 212 555 0100"

[policy]
hold_minutes = 1
online_limit_per_service_and_day = {limit}

[[locations]]
slug = "main"
name = "Main office"
address = "1 Example Street"
"""

ROOM = """
[[resources]]
slug = "{slug}"
name = "{slug}"
kind = "{kind}"
location = "main"
"""

SERVICE = """
[[services]]
slug = "{slug}"
name = "{slug}"
minutes = {minutes}
buffer_before = {before}
buffer_after = {after}
price_cents = 10000
capacity = {capacity}
needs = {needs}
"""

PRACTITIONER = """
[[practitioners]]
slug = "{slug}"
name = "{slug} Example"
services = ["evaluation", "follow-up", "gait", "class"]
licence = "PT"
[[practitioners.hours]]
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
from = "00:00"
to = "24:00"
location = "main"
"""

OFFICE_HOURS = """
[[practitioners]]
slug = "office"
name = "Office Example"
services = ["evaluation"]
licence = "PT"
[[practitioners.hours]]
days = ["mon", "tue", "wed", "thu", "fri"]
from = "09:00"
to = "17:00"
location = "main"
"""


BY_VIDEO = """
[[services]]
slug = "video"
name = "video"
minutes = 30
modality = "telehealth"

[[practitioners]]
slug = "tara"
name = "Tara Example"
services = ["video"]
[[practitioners.licences]]
state = "NY"
kind = "PT"
[[practitioners.hours]]
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
from = "00:00"
to = "24:00"
location = "main"
"""


def clinic_text(*, limit: int = 2, lunch: date | None = None, after: int = 5) -> str:
    """The clinic file. ``after`` is the buffer of an evaluation; ``lunch`` closes part of a day."""
    rooms = (("lab", "room"), ("treadmill-1", "equipment"), ("treadmill-2", "equipment"))
    either = '[["treadmill-1", "treadmill-2"]]'
    services = (
        ("evaluation", 60, 0, after, 1, "[]"),
        ("follow-up", 45, 0, 0, 1, "[]"),
        ("gait", 60, 5, 10, 1, f'[["lab"], {either[1:-1]}]'),
        ("run", 30, 0, 0, 1, either),
        ("class", 60, 0, 0, 3, "[]"),
    )
    parts = [HEAD.format(limit=limit)]
    parts += [ROOM.format(slug=slug, kind=kind) for slug, kind in rooms]
    for slug, minutes, before, rest, capacity, needs in services:
        parts.append(
            SERVICE.format(
                slug=slug,
                minutes=minutes,
                before=before,
                after=rest,
                capacity=capacity,
                needs=needs,
            )
        )
    parts += [PRACTITIONER.format(slug=slug) for slug in PRACTITIONERS]
    text = "".join(parts).replace('"gait", "class"]', '"gait", "run", "class"]')
    text += OFFICE_HOURS + BY_VIDEO
    if lunch is not None:
        closed = f'\n[[closures]]\ndate = {lunch}\nreason = "Lunch"\nfrom = "12:00"\nto = "13:00"\n'
        text += closed
    return text


def person(number: int) -> dict[str, str]:
    """Somebody plainly made up, as the interface takes patients; each number is another person."""
    return {
        "given_name": f"Pat{number}",
        "family_name": "Example",
        "birth_date": date(1950 + number % 50, 1 + number % 12, 1 + number % 28).isoformat(),
        "email": f"pat{number}@example.com",
    }


def booking(
    service: str,
    starts_at: datetime,
    *,
    who: int,
    practitioner: str | None = None,
    reason: str | None = None,
) -> dict[str, Any]:
    """The body of POST /appointments."""
    body: dict[str, Any] = {
        "service": service,
        "starts_at": starts_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "patient": person(who),
    }
    if practitioner is not None:
        body["practitioner"] = practitioner
    if reason is not None:
        body["override"] = {"reason": reason}
    return body
