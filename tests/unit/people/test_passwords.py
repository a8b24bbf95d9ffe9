"""What a password may be."""

import time

import pytest

from clinic.people.rules.passwords import normal_password, password_fault

CONTEXT = ("Riverside Rehab", "Amara Osei", "amara.osei@example.com")


class TestPasswordFault:
    @pytest.mark.parametrize(
        "password",
        [
            "correct horse battery",
            "x7#kPq!29zLm",
            "\u043f\u0430\u0440\u043e\u043b\u044c \u0434\u043b\u0438\u043d\u043d\u044b\u0439",
            "a long one in riverside, with more",
            "all lower case letters",
            "correct horse " * 18,
        ],
    )
    def test_takes_long_ones_without_rules_of_composition(self, password: str) -> None:
        assert password_fault(password, context=CONTEXT) is None

    @pytest.mark.parametrize(
        "password",
        [
            "",
            "short",
            "elevenchars",
            "a" * 257,
            "aaaaaaaaaaaaaaaa",
            "123412341234",
            "riversiderehab",
            "Riverside2026!",
            "amara.osei2026",
            "OSEI-amara-rehab",
            "\ud800" * 12 + "abcde",
            "Password1234",
            "qwertyuiop12",
            "iloveyou2024!",
        ],
    )
    def test_refuses_what_is_short_or_can_be_guessed(self, password: str) -> None:
        assert password_fault(password, context=CONTEXT)


class TestNormalPassword:
    def test_is_one_for_two_keyboards(self) -> None:
        assert normal_password("caf\u00e9") == normal_password("cafe\u0301")


class TestScore:
    def test_takes_less_than_seconds_for_what_is_made_to_be_slow(self) -> None:
        began = time.thread_time()
        password_fault("4@8({[<369&#!/|0$5+7%2" * 11, context=CONTEXT)
        assert time.thread_time() - began < 3
