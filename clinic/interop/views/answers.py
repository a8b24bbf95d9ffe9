"""How the API answers: JSON, versions as ETags, refusals with what helps to go on."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

from flask import Response, current_app, url_for

from clinic.core.errors import NotFound
from clinic.interop.presenters.appointments import appointment_shown
from clinic.interop.presenters.slots import slot_shown
from clinic.interop.rules.json_text import JsonText
from clinic.scheduling.operations.refusals import ScreeningNeeded, SlotTaken
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.visits import Visit
from clinic.web.access import current_actor
from clinic.web.idempotency import answer_once
from config import Config

R = TypeVar("R")
_PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{22}")


def json_answer(body: dict[str, Any], status: int = 200) -> Response:
    """The body as compact JSON."""
    return bytes_answer(json.dumps(body, separators=(",", ":")).encode(), status)


def bytes_answer(body: bytes, status: int = 200) -> Response:
    """What is JSON already."""
    return Response(body, status=status, mimetype="application/json")


def appointment_answer(body: dict[str, Any], status: int = 200) -> Response:
    """One appointment with its version as ETag; a new one with its address."""
    answer = json_answer(body, status)
    answer.headers["ETag"] = f'"{body["version"]}"'
    if status == 201:
        answer.headers["Location"] = url_for("api.show_appointment", public_id=body["id"])
    return answer


def shown(visit: Visit) -> dict[str, Any]:
    """A visit as the present caller may see it."""
    return appointment_shown(visit, actor=current_actor(), base_url=base_url())


def base_url() -> str:
    """Where the clinic is served, without a slash at the end."""
    config: Config = current_app.config["CLINIC"]
    return config.base_url


def asked_id(public_id: str) -> str:
    """An id from the address; NotFound for what is never one (and no database could compare)."""
    if not _PUBLIC_ID.fullmatch(public_id):
        raise NotFound
    return public_id


def posted(
    *,
    body: JsonText,
    run: Callable[[], R],
    answer: Callable[[R], tuple[dict[str, Any], int]],
    now: datetime,
) -> tuple[dict[str, Any], int]:
    """``answer_once`` for a body, with the refusals told as programs need them."""

    def run_and_tell() -> R:
        with telling():
            return run()

    return answer_once(body=body.value, run=run_and_tell, answer=answer, now=now)


@contextmanager
def telling() -> Iterator[None]:
    """Give refusals what helps a program to go on: free slots, the page to book on."""
    try:
        yield
    except SlotTaken as refusal:
        setting = get_setting()
        refusal.details["alternatives"] = [slot_shown(one, setting) for one in refusal.alternatives]
        raise
    except ScreeningNeeded as refusal:
        refusal.details = {"book_url": f"{base_url()}/book/{refusal.details['service']}"}
        raise
