import copy
from dataclasses import replace

from clinic.scheduling.rules.asking import Diary
from clinic.scheduling.rules.memo import Memo
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.slots import list_slots
from tests.unit.scheduling.builders import clinic, day, query


class TestMemo:
    def test_makes_an_answer_once(self) -> None:
        memo, made = Memo(), list[int]()
        for _ in range(2):
            memo.recall("key", lambda: made.append(1))
        assert made == [1]

    def test_forgets_what_was_not_used_for_longest(self) -> None:
        memo = Memo(most=2)
        for key in ("a", "b", "a", "c"):
            memo.recall(key, lambda: 1)
        assert memo.recall("a", lambda: 2) == 1
        assert memo.recall("b", lambda: 2) == 2
        assert len(memo) == 2

    def test_starts_empty_in_a_copy(self) -> None:
        memo = Memo()
        memo.recall("a", lambda: 1)
        assert len(copy.deepcopy(memo)) == 0

    def test_of_one_setting_says_nothing_about_another(self) -> None:
        setting = clinic()
        monday = day("2026-03-02")

        def count(asked_of: Setting) -> int:
            asked = query(asked_of)
            return len(
                list_slots(query=asked, from_date=monday, to_date=monday, diary=Diary()).slots
            )

        assert count(setting) == 30
        # The same version, as in two databases of one test run.
        assert count(replace(setting, practitioners={})) == 0
        assert count(setting) == 30
        assert setting == clinic()
