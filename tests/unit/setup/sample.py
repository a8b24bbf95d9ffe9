"""A clinic file with one of everything, and how to read it with a passage changed."""

import pytest

from clinic.setup.rules.clinic_file import ClinicFile
from clinic.setup.rules.faults import WrongClinicFile
from clinic.setup.rules.reading import read_clinic_file

WHOLE = """
[clinic]
name = "Riverside Rehab"
time_zone = "America/New_York"
phone = "+1 212 555 0100"

[policy]
cancellation_notice_hours = 24

[[locations]]
slug = "main"
name = "Main office"
address = "120 Example Street"
directions = "Beside the pharmacy."

[[locations]]
slug = "uptown"
name = "Uptown"
time_zone = "Europe/Paris"

[[resources]]
slug = "lab"
name = "Gait lab"
kind = "room"
location = "main"

[[resources]]
slug = "treadmill"
name = "Treadmill"
kind = "equipment"
location = "main"

[[services]]
slug = "evaluation"
name = "First evaluation"
minutes = 60
min_notice_hours = 1.5
price_cents = 20000
needs = [["lab"], ["lab", "treadmill"]]

[[practitioners]]
slug = "osei"
name = "Amara Osei"
services = ["evaluation"]
licence = "PT"
[[practitioners.licences]]
state = "NY"
kind = "PT"
number = "000000"
valid_from = 2020-01-01
valid_to = 2029-12-31
[[practitioners.hours]]
days = ["mon", "fri"]
from = "09:00"
to = "24:00"
location = "main"
valid_from = 2026-01-01
every_weeks = 2
[[practitioners.exceptions]]
date = 2026-12-24
hours = []
[[practitioners.exceptions]]
date = 2026-12-27
hours = [["20:00", "22:00"], ["10:00", "12:00"]]

[[closures]]
date = 2026-12-25
reason = "Christmas Day"
from = "12:00"
to = "24:00"
location = "main"

[[products]]
slug = "gait-3d"
name = "3D gait analysis"
service = "evaluation"
price_cents = 35000
currency = "usd"
active = false
"""


def read(text: str) -> ClinicFile:
    return read_clinic_file(data=text.encode())


def faults_of(text: str | bytes) -> list[str]:
    data = text.encode() if isinstance(text, str) else text
    with pytest.raises(WrongClinicFile) as caught:
        read_clinic_file(data=data)
    return [str(fault) for fault in caught.value.faults]


def changed(old: str, new: str) -> str:
    """The whole file with one passage replaced; the passage must stand there once."""
    assert WHOLE.count(old) == 1, old
    return WHOLE.replace(old, new)
