"""Search from every page of the desk: as somebody types, and without a script as a page.

What is typed is sent as a form and never stands in an address: addresses are logged, names are not.
"""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.types import is_public_id
from clinic.desk.presenters.finding import BOOK, SearchView, present_found
from clinic.desk.queries.finding import Found, find_anything
from clinic.desk.views.blueprint import DESK, blueprint
from clinic.people.rules.searching import LONGEST_ASKED, read_asked
from clinic.scheduling.queries.setting import get_setting
from clinic.web.access import allow, current_actor
from clinic.web.navigation import may_open
from clinic.web.pages import page_at

RECORD = "/desk/patients/"
PUBLIC_ID = 22


@blueprint.get("/desk/search")
@allow(*DESK)
def search() -> ResponseReturnValue:
    """A page to search on, for whoever has no script."""
    return render_template("desk/search.html", page=SearchView((), "", ""))


@blueprint.post("/desk/search")
@allow(*DESK)
def search_page() -> ResponseReturnValue:
    """The patients, or the visit, that a text may mean."""
    return render_template("desk/search.html", page=_look())


@blueprint.post("/desk/search/found")
@allow(*DESK)
def search_found() -> ResponseReturnValue:
    """The same as lines alone, for the box that asks at every letter."""
    return render_template("desk/found.html", page=_look())


def _look() -> SearchView:
    text = request.form.get("q", "")[:LONGEST_ASKED].replace("\x00", "")
    at, asked = now(), read_asked(text)
    found = find_anything(
        text=text,
        asked=asked,
        with_orders=may_open("/desk/orders"),
        with_requests=may_open("/desk/requests"),
        now=at,
    )
    _record(found)
    is_booking = request.form.get("to") == "book" or not page_at(f"{RECORD}x")
    path = f"{BOOK}?{_after()}patient=" if is_booking else RECORD
    return present_found(found=found, setting=get_setting(), typed=text, patient_path=path)


def _after() -> str:
    """Whose visit the next one of a family follows, where the box stands on that page."""
    after = request.form.get("after", "")
    return f"after={after}&" if is_public_id(after) and len(after) == PUBLIC_ID else ""


def _record(found: Found) -> None:
    """Put on record whom the answer names, not what was typed."""
    seen = [f"patient:{one.public_id}" for one in found.patients]
    seen += [f"patient:{found.visit.patient}"] if found.visit else []
    seen += [f"patient:{found.order.patient}"] if found.order else []
    seen += [f"patient:{found.request.patient}"] if found.request else []
    if seen:
        record_look(action="desk.searched", actor=current_actor(), now=now(), seen=seen)
