"""Somebody leaves the clinic with visits to come: nothing is lost, and all of it can be moved."""

import pytest
from flask import Flask

from clinic.core.values import Role
from clinic.scheduling.queries.visits import get_visit
from clinic.setup.operations import StrandedVisits
from tests.integration.desk.test_calendar import columns
from tests.integration.desk.test_today import WITH_ROOMS, row, sign_in
from tests.support.page_client import PageClient
from tests.support.page_clinic import CLINIC, book, load, local

_BEFORE, _, _REST = CLINIC.partition('[[practitioners]]\nslug = "okafor"')
_, _, _AFTER = _REST.partition("[[practitioners]]\n")
WITHOUT_OKAFOR = (
    (_BEFORE + "[[practitioners]]\n" + _AFTER)
    .replace('services = ["eval"]', 'services = ["eval", "screened", "surgery"]')
    .replace('days = ["mon", "thu", "fri"]', 'days = ["mon", "tue", "thu", "fri"]')
)


class TestAPractitionerWhoLeaves:
    def test_takes_no_visit_along(self, clinic: Flask, pages: PageClient) -> None:
        with clinic.app_context():
            visit = book("2026-03-03 13:00", who=1)
            video = book("2026-03-03 15:00", service="video", state="NY", who=2)
            with pytest.raises(StrandedVisits) as refused:
                load(WITHOUT_OKAFOR)
            told = {one["id"]: one["lost"] for one in refused.value.details["visits"]}
            assert told == {one.public_id: ["practitioner"] for one in (visit, video)}
            load(WITHOUT_OKAFOR, allow_stranded=True)
        desk = sign_in(clinic, pages, Role.FRONT_DESK)
        desk.get("/desk?date=2026-03-03")
        for one in (visit, video):
            assert "Practitioner has left" in row(desk, one)
        desk.get("/desk/calendar?date=2026-03-03")
        assert "Pat1" in columns(desk)["Dana Okafor"]
        assert "No longer here" in desk.page.text
        for address in (
            "/desk/calendar?date=2026-03-03&view=rooms",
            "/desk/calendar?date=2026-03-03&view=week",
            "/desk/calendar?date=2026-03-03&view=week&practitioner=okafor",
            "/desk/day-sheet?date=2026-03-03",
            f"/desk/patients/{visit.patient}",
            f"/desk/visits/{video.public_id}",
            f"/desk/visits/{visit.public_id}/cancel",
            f"/desk/book?patient={visit.patient}&after={visit.public_id}",
        ):
            desk.get(address)
        assert "By video" in desk.get(f"/desk/visits/{video.public_id}").text
        sheet = desk.get("/desk/day-sheet?date=2026-03-03").text
        assert ("By video" in sheet, sheet.count("Main office")) == (True, 1)
        page = desk.get(f"/desk/visits/{visit.public_id}")
        assert "has left: give the visit to somebody else" in page.text
        move = f"/desk/visits/{visit.public_id}/move"
        desk.submit({"time": "14:00"}, action=move, status=422)
        assert "Dana Okafor" in desk.page.text
        desk.get(f"/desk/visits/{visit.public_id}")
        desk.submit({"practitioner": "santos"}, action=move)
        with clinic.app_context():
            moved = get_visit(visit.public_id)
        assert (moved.practitioner, moved.starts_at) == ("santos", local("2026-03-03 13:00"))
        desk.get("/desk?date=2026-03-03")
        assert "Practitioner has left" not in row(desk, visit)


class TestARoomThatIsGivenUp:
    def test_keeps_a_column_as_long_as_a_visit_stands_in_it(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        with clinic.app_context():
            load(WITH_ROOMS)
            book("2026-03-03 13:00", who=1)
            load(CLINIC, allow_stranded=True)
        desk = sign_in(clinic, pages, Role.FRONT_DESK)
        desk.get("/desk/calendar?date=2026-03-03&view=rooms")
        assert "Pat1" in columns(desk)["Blue room"]
        assert "No longer here" in desk.page.text
