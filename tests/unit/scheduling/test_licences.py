"""States, licences and dates: who may see whom by video, and when a licence lapses."""

from datetime import date

import pytest

from clinic.scheduling.rules.asking import Diary, RefusalCode
from clinic.scheduling.rules.booking import check_start
from clinic.scheduling.rules.licences import is_covered, list_lapses
from clinic.scheduling.rules.setting import Licence, Setting
from clinic.scheduling.rules.slots import list_slots
from tests.unit.scheduling.builders import at, clinic, day, person, query, service

LICENCES = (
    Licence("NY", "PT"),
    Licence("NJ", "PT", "1", day("2026-03-04"), day("2026-03-10")),
    Licence("CT", "PT", "2", None, day("2026-03-05")),
    Licence("CT", "PT", "3", day("2026-03-09"), None),
    Licence("PA", "PT", "4", None, day("2026-03-05")),
    Licence("PA", "PT", "5", day("2026-03-06"), day("2026-03-12")),
    Licence(None, "PT"),
)
"""Always; for a week; with a gap over a Friday; renewed without one; of no state."""


def by_video(*licences: Licence) -> Setting:
    video = service(modality="telehealth", grid_minutes=60)
    return clinic(people=[person(licences=licences)], services=[video])


class TestStateByLicenceByDate:
    @pytest.mark.parametrize("is_staff", [False, True])
    @pytest.mark.parametrize(
        ("state", "covered"),
        [
            ("NY", {2, 3, 4, 5, 6, 9, 10, 11, 12, 13}),
            ("NJ", {4, 5, 6, 9, 10}),
            ("CT", {2, 3, 4, 5, 9, 10, 11, 12, 13}),
            ("PA", {2, 3, 4, 5, 6, 9, 10, 11, 12}),
            ("CA", set()),
            (None, set()),
        ],
    )
    def test_lists_books_and_finds_covered_the_same_days(
        self, state: str | None, covered: set[int], is_staff: bool
    ) -> None:
        setting = by_video(*LICENCES)
        asked = query(setting=setting, state=state, staff=is_staff)
        first, last = day("2026-03-02"), day("2026-03-13")
        listed = list_slots(query=asked, from_date=first, to_date=last, diary=Diary())
        open_days = [date(2026, 3, number) for number in range(2, 14) if number not in {7, 8}]
        starts = {one.day: at(f"{one.isoformat()} 16:00") for one in open_days}
        checks = {
            number: check_start(query=asked, start=start, diary=Diary())
            for number, start in starts.items()
        }
        assert {number for number, found in checks.items() if found.free} == covered
        assert {slot.start for slot in listed.slots} & {*starts.values()} == {
            starts[number] for number in covered
        }
        assert covered == {
            one.day
            for one in open_days
            if is_covered(setting=setting, practitioner="osei", state=state, day=one)
        }
        refused = {found.refusal for number, found in checks.items() if number not in covered}
        assert refused <= {RefusalCode.NOT_LICENSED}
        assert not any(found.overridable for n, found in checks.items() if n not in covered)


class TestListLapses:
    def test_names_what_is_not_renewed_in_time_the_next_first(self) -> None:
        found = list_lapses(setting=by_video(*LICENCES), today=day("2026-03-02"))
        assert [(one.state, one.last_day.day, one.resumes) for one in found] == [
            ("CT", 5, day("2026-03-09")),
            ("NJ", 10, None),
            ("PA", 12, None),
        ]

    @pytest.mark.parametrize(
        ("valid_to", "is_listed"),
        [("2026-03-01", False), ("2026-03-02", True), ("2026-05-31", True), ("2026-06-01", False)],
    )
    def test_looks_ninety_days_ahead(self, valid_to: str, is_listed: bool) -> None:
        setting = by_video(Licence("NY", "PT", None, None, day(valid_to)))
        assert bool(list_lapses(setting=setting, today=day("2026-03-02"))) is is_listed

    def test_counts_two_licences_that_end_together_once(self) -> None:
        both = (Licence("NY", kind, None, None, day("2026-03-05")) for kind in ("PT", "AT"))
        assert len(list_lapses(setting=by_video(*both), today=day("2026-03-02"))) == 1
