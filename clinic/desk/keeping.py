"""The copy of the day's sheet that the worker keeps each morning, for a day without a network."""

import os
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import current_app, render_template

from clinic.core.audit import record_look
from clinic.core.values import SYSTEM
from clinic.desk.presenters.sheet import present_sheet
from clinic.desk.queries.sheet import list_sheet
from clinic.scheduling.queries.setting import NoClinic, clinic_date, get_setting

FOLDER = "day-sheets"
FROM_HOUR = 5
KEPT = timedelta(days=1)


def keep_day_sheet(*, now: datetime) -> Path | None:
    """Write today's sheet into the data folder once each morning, readable by its owner only.

    Sheets of days before yesterday are removed. None when there is nothing to be done.
    """
    try:
        setting = get_setting()
    except NoClinic:
        return None
    today, folder = clinic_date(now), Path(current_app.instance_path) / FOLDER
    path = folder / f"{today.isoformat()}.html"
    if path.exists() or now.astimezone(ZoneInfo(setting.zone)).hour < FROM_HOUR:
        return None
    rows = list_sheet(day=today, zone=setting.zone)
    view = present_sheet(rows=rows, day=today, setting=setting, now=now)
    _write(path, render_template("desk/day_sheet_kept.html", page=view))
    record_look(
        action="desk.printed",
        actor=SYSTEM,
        now=now,
        subject=f"day:{today}",
        seen=[f"patient:{row.visit.patient}" for row in rows],
    )
    for old in folder.glob("*.html"):
        if old.stem < (today - KEPT).isoformat():
            old.unlink()
    return path


def _write(path: Path, text: str) -> None:
    """All of it or nothing, for the owner's eyes."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    part.replace(path)
