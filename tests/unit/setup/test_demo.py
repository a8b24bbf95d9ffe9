"""The demo's plan: nothing in it that the clinic would not offer."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from clinic.people.rules.passwords import password_fault
from clinic.scheduling.rules.intervals import fits
from clinic.scheduling.rules.opening import open_intervals
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.status import Action
from clinic.scheduling.rules.wall_time import local_date
from clinic.setup.demo.holidays import thanksgiving
from clinic.setup.demo.loading import demo_clinic
from clinic.setup.demo.people import PASSWORD, STAFF, patients
from clinic.setup.demo.planning import PlannedVisit, plan_steps, plan_visits
from clinic.setup.rules.as_setting import as_setting

NOW = datetime(2026, 11, 23, 15, 42, tzinfo=UTC)


def setting_at(now: datetime) -> Setting:
    return as_setting(file=demo_clinic(now=now))


def plan(now: datetime, seed: int = 1) -> tuple[PlannedVisit, ...]:
    return plan_visits(
        setting=setting_at(now), patients=90, now=int(now.timestamp()), random=Random(seed)
    )


class TestDemoClinic:
    def test_has_what_a_visitor_should_see(self) -> None:
        file = demo_clinic(now=NOW)
        assert "(demo)" in file.name
        assert len(file.practitioners) == 6
        assert len(file.locations) == 2
        kinds = {resource.slug for resource in file.resources}
        assert kinds >= {"gait-lab", "ultrasound", "treadmill-1", "treadmill-2"}
        services = {service.slug: service for service in file.services}
        assert services["hip-class"].capacity > 1
        assert services["telehealth"].is_telehealth
        products = [product.slug for product in file.products]
        assert products[0] == "gait-3d"
        assert len(set(products)) == len(products) > 1
        assert any(rule.every_weeks == 2 for one in file.practitioners for rule in one.hours)

    def test_has_one_licence_that_ends_soon(self) -> None:
        licences = (one for who in demo_clinic(now=NOW).practitioners for one in who.licences)
        left = [one.valid_to - NOW.date() for one in licences if one.valid_to is not None]
        assert len([days for days in left if timedelta(0) < days < timedelta(days=90)]) == 1

    @pytest.mark.parametrize(("year", "day"), [(2026, 26), (2027, 25), (2028, 23), (2029, 22)])
    def test_is_closed_on_thanksgiving(self, year: int, day: int) -> None:
        assert thanksgiving(year) == date(year, 11, day)
        closed = demo_clinic(now=datetime(year, 6, 1, tzinfo=UTC)).closures
        assert date(year, 11, day) in {closure.date for closure in closed}

    def test_has_patients_of_whom_no_two_are_one_but_some_may_be(self) -> None:
        everybody = patients()
        names = {(one.given_name, one.family_name) for one in everybody}
        assert len(names) == len(everybody) == 90
        phones = [one.phone for one in everybody if one.phone]
        assert len(phones) - len(set(phones)) == 1
        assert all(phone.startswith("+121255501") for phone in phones)
        assert all(one.email.endswith("@example.com") for one in everybody if one.email)

    @pytest.mark.parametrize("one", STAFF, ids=lambda one: one.role)
    def test_has_a_password_that_the_rules_take_for_everybody(self, one: object) -> None:
        name, email = getattr(one, "name", ""), getattr(one, "email", "")
        assert password_fault(PASSWORD, context=(demo_clinic(now=NOW).name, name, email)) is None


class TestPlanVisits:
    def test_is_the_same_every_time(self) -> None:
        assert plan(NOW) == plan(NOW)
        assert plan(NOW) != plan(NOW, seed=2)

    @pytest.mark.parametrize("now", [NOW, datetime(2027, 3, 14, 7, 30, tzinfo=UTC)])
    def test_asks_only_for_open_times_booked_before_now(self, now: datetime) -> None:
        setting = setting_at(now)
        visits = plan(now)
        assert len(visits) > 200
        for visit in visits:
            location = setting.locations[visit.location]
            day = local_date(instant=visit.start, zone=location.zone)
            windows = open_intervals(
                setting=setting,
                practitioner=setting.practitioners[visit.practitioner],
                location=location,
                first=day,
                last=day,
            )
            assert fits(windows, visit.start, visit.end)
            assert visit.booked_at < min(visit.start, int(now.timestamp()))

    def test_covers_three_weeks_around_now(self) -> None:
        starts = [visit.start for visit in plan(NOW)]
        now = int(NOW.timestamp())
        assert min(starts) < now - 7 * 86_400
        assert max(starts) > now + 13 * 86_400


class TestPlanSteps:
    def test_takes_steps_in_order_and_none_after_now(self) -> None:
        random, now = Random(5), int(NOW.timestamp())
        seen = set()
        for visit in plan(NOW):
            steps = plan_steps(visit=visit, now=now, random=random)
            assert all(before.at <= after.at for before, after in pairwise(steps))
            assert all(visit.booked_at < step.at <= now for step in steps)
            seen |= {step.action for step in steps}
        assert seen == {
            Action.CONFIRM,
            Action.ARRIVE,
            Action.CHECK_IN,
            Action.FULFIL,
            Action.CANCEL,
            Action.NO_SHOW,
        }
