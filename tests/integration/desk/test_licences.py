"""Licences at the desk: what lapses, what it strands, and where it is told."""

import pytest
from flask import Flask

from clinic.core.values import Role
from clinic.desk.queries.licences import list_licences
from clinic.scheduling.operations.moving import Change, move_appointment
from clinic.scheduling.operations.refusals import NotLicensed
from clinic.setup.operations import StrandedVisits
from tests.integration.security.doors import staff_client
from tests.support.page_clinic import CLINIC, KIM, NOW, book, load, local

ENDING = CLINIC.replace('kind = "PT"\n[[', 'kind = "PT"\nvalid_to = 2026-03-04\n[[', 1)


class TestALicenceThatIsChangedAfterBooking:
    def test_strands_what_it_no_longer_covers_and_nothing_else(self, clinic: Flask) -> None:
        with clinic.app_context():
            book("2026-03-04 10:00", service="video", state="NY", who=1)
            later = book("2026-03-05 10:00", service="video", state="NY", who=2)
            book("2026-03-05 11:00", who=3)
            with pytest.raises(StrandedVisits) as refused:
                load(ENDING)
            assert [one["lost"] for one in refused.value.details["visits"]] == [["licence"]]
            load(ENDING, allow_stranded=True)
            found = list_licences(now=NOW)
            (lapse,) = found.lapses
            assert [one.public_id for one in found.stranded] == [later.public_id]
            assert found.stranded_by(lapse) == found.stranded
            assert not found.uncovered
            for start in ("2026-03-05 14:00", "2026-03-09 14:00"):
                with pytest.raises(NotLicensed):
                    book(start, service="video", state="NY", who=4)
                with pytest.raises(NotLicensed):
                    move_appointment(
                        public_id=later.public_id,
                        change=Change(version=1, starts_at=local(start)),
                        actor=KIM,
                        now=NOW,
                    )
            move_appointment(
                public_id=later.public_id,
                change=Change(version=1, starts_at=local("2026-03-04 14:00")),
                actor=KIM,
                now=NOW,
            )
            assert not list_licences(now=NOW).stranded

    def test_is_told_on_today_on_its_page_and_on_the_visit(self, clinic: Flask) -> None:
        desk = staff_client(clinic, Role.FRONT_DESK)
        assert "Nothing lapses" in desk.get("/desk/licences").text
        with clinic.app_context():
            visit = book("2026-03-05 10:00", service="video", state="NY")
            load(ENDING, allow_stranded=True)
        assert "licence" in desk.get("/desk").text
        page = desk.get("/desk/licences").text
        assert "It would strand 1 visit" in page
        assert "Pat1 Example" in page
        assert "No licence there" in desk.get("/desk?date=2026-03-05").text
        assert "No licence there" in desk.get(f"/desk/visits/{visit.public_id}").text
        with clinic.app_context():
            load(CLINIC.replace('state = "NY"', 'state = "NJ"'), allow_stranded=True)
        assert "Booked without a licence" in desk.get("/desk/licences").text
