"""Referrals on the record, how many visits are left, and the warning before the next one."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from flask import Flask

from clinic.core.errors import Invalid, NotFound
from clinic.core.values import Role
from clinic.scheduling.operations.referrals import NewReferral, add_referral, remove_referral
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.queries.referrals import find_counter
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.direct_access import Counter
from clinic.scheduling.rules.status import Action
from tests.integration.desk.test_today import row, sign_in
from tests.support.page_client import PageClient
from tests.support.page_clinic import CLINIC, KIM, NOW, book, load, local

IN_NEW_YORK = CLINIC.replace("hold_minutes = 10\n", 'hold_minutes = 10\ndirect_access = "NY"\n')


def counter(patient: str, day: date) -> Counter | None:
    return find_counter(patient=patient, setting=get_setting(), day=day)


class TestCounter:
    def test_counts_what_was_kept_or_is_booked_by_therapists(self, clinic: Flask) -> None:
        with clinic.app_context():
            first = book("2026-03-03 10:00", who=1)
            assert counter(first.patient, date(2026, 3, 9)) is None
            load(IN_NEW_YORK)
            lost = book("2026-03-04 10:00", who=1)
            book("2026-03-07 10:00", who=1, service="night", practitioner="owl")
            take_step(public_id=lost.public_id, action=Action.CANCEL, actor=KIM, now=NOW)
            found = counter(first.patient, date(2026, 3, 9))
            assert found is not None
            assert (found.left, found.until) == (9, date(2026, 4, 2))
            late = counter(first.patient, date(2026, 4, 3))
            assert late is not None
            assert late.is_over

    def test_goes_by_a_referral_until_it_is_taken_back(self, clinic: Flask) -> None:
        with clinic.app_context():
            visit = book("2026-03-03 10:00", who=1)
            other = book("2026-03-03 12:00", who=2)
            new = NewReferral(
                referrer="Dr. Sample", begins=date(2026, 3, 1), ends=date(2026, 3, 31), visits=6
            )
            made = add_referral(patient=visit.patient, new=new, actor=KIM, now=NOW)
            found = counter(visit.patient, date(2026, 3, 9))
            assert found is not None
            assert (found.by_referral, found.used, found.left) == (True, 1, 5)
            with pytest.raises(NotFound):
                remove_referral(patient=other.patient, referral=made, actor=KIM, now=NOW)
            remove_referral(patient=visit.patient, referral=made, actor=KIM, now=NOW)
            assert counter(visit.patient, date(2026, 3, 9)) is None
            wrong = NewReferral(
                referrer="", begins=date(2026, 3, 2), ends=date(2026, 3, 1), visits=0
            )
            with pytest.raises(Invalid) as refused:
                add_referral(patient=visit.patient, new=wrong, actor=KIM, now=NOW)
            assert sorted(refused.value.errors) == ["ends", "referrer", "visits"]


class TestToday:
    def test_flags_what_covers_a_visit_soon_no_more(
        self, clinic: Flask, pages: PageClient, set_clock: Callable[[datetime], None]
    ) -> None:
        """Each visit by what was left before it, whatever is booked after it."""
        with clinic.app_context():
            load(IN_NEW_YORK)
            book("2026-03-31 10:00", who=1)
            second, third = book("2026-04-07 10:00", who=1), book("2026-04-08 10:00", who=1)
            ends, ended = book("2026-04-07 11:00", who=2), book("2026-04-07 12:00", who=3)
            first_here = book("2026-04-07 13:00", who=4)
            old = book("2026-03-05 10:00", who=5)
            late = book("2026-04-07 14:00", who=5)
            refer(second, visits=3)
            refer(ends, ends=date(2026, 4, 10))
            load(CLINIC)
            refer(ended, ends=date(2026, 4, 1))
        set_clock(local("2026-04-07 09:20"))
        desk = sign_in(clinic, pages, Role.FRONT_DESK)
        desk.get("/desk")
        assert "One more visit covered" in row(desk, second)
        assert "Covered until Fri, Apr 10" in row(desk, ends)
        assert "Referral ended" in row(desk, ended)
        assert "covered" not in row(desk, late)
        with clinic.app_context():
            load(IN_NEW_YORK)
        desk.get("/desk")
        assert "Needs a referral" in row(desk, late)
        assert old.patient == late.patient
        assert "eferral" not in row(desk, first_here)
        desk.get("/desk?date=2026-04-08")
        assert "Last visit covered" in row(desk, third)


def refer(visit: Visit, *, ends: date | None = None, visits: int | None = None) -> None:
    new = NewReferral(referrer="Dr. Sample", begins=date(2026, 2, 1), ends=ends, visits=visits)
    add_referral(patient=visit.patient, new=new, actor=KIM, now=NOW)


class TestPages:
    def test_keep_a_referral_and_warn_when_it_runs_out(
        self, clinic: Flask, pages: PageClient, set_clock: Callable[[datetime], None]
    ) -> None:
        with clinic.app_context():
            visit = book("2026-03-03 10:00", who=1)
        set_clock(local("2026-03-03 10:20"))
        desk = sign_in(clinic, pages, Role.FRONT_DESK)
        record = f"/desk/patients/{visit.patient}"
        desk.get(record)
        desk.submit({"begins": "March"}, action=f"{record}/referrals", status=422)
        assert "Enter a date like 2026-03-14." in desk.page.html
        typed = {"referrer": "Dr. Sample", "begins": "2026-03-01", "ends": "", "visits": "2"}
        page = desk.submit(typed, action=f"{record}/referrals")
        assert "1 visit left, by the referral" in page.text
        times = desk.get(f"/desk/book?patient={visit.patient}")
        assert "1 visit left, by the referral" in times.text
        with clinic.app_context():
            book("2026-03-04 10:00", who=1)
        times = desk.get(f"/desk/book?patient={visit.patient}")
        assert "A referral is needed: 0 visits left, by the referral" in times.text
        page = desk.get(f"/desk/visits/{visit.public_id}")
        assert "A referral is needed: 0 visits left, by the referral" in page.text
