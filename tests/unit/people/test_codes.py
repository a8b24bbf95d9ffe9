"""Codes of the second factor."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from clinic.people.rules.codes import (
    enrolment_uri,
    matching_step,
    new_recovery_codes,
    new_secret,
    plain_recovery_code,
)

NOW = datetime(2026, 11, 22, 15, 0, 10, tzinfo=UTC)
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def code_at(secret: str, at: datetime) -> str:
    return pyotp.TOTP(secret).at(at)


class TestMatchingStep:
    def test_is_the_one_of_rfc_6238(self) -> None:
        at = datetime.fromtimestamp(1111111109, tz=UTC)
        assert matching_step(secret=RFC_SECRET, code="081804", now=at) == 1111111109 // 30

    @pytest.mark.parametrize(
        ("seconds", "is_right"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)]
    )
    def test_allows_a_clock_that_is_one_step_wrong(self, seconds: int, is_right: bool) -> None:
        secret = new_secret()
        code = code_at(secret, NOW + timedelta(seconds=seconds))
        others = {code_at(secret, NOW + timedelta(seconds=by)) for by in (-30, 0, 30)}
        found = matching_step(secret=secret, code=code, now=NOW)
        assert (found is not None) == (is_right or code in others)

    @pytest.mark.parametrize("typed", ["{} ", " {}", "{0[0]}{0[1]}{0[2]} {0[3]}{0[4]}{0[5]}"])
    def test_does_not_mind_spaces(self, typed: str) -> None:
        code = code_at(RFC_SECRET, NOW)
        assert matching_step(secret=RFC_SECRET, code=typed.format(code), now=NOW)

    @pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "\u0661" * 6])
    def test_is_none_for_what_is_no_code(self, typed: str) -> None:
        assert matching_step(secret=RFC_SECRET, code=typed, now=NOW) is None


class TestRecoveryCodes:
    def test_are_ten_of_120_random_bits(self) -> None:
        codes = new_recovery_codes()
        assert len(set(codes)) == 10
        assert {len(plain_recovery_code(code)) for code in codes} == {24}

    def test_are_the_same_however_they_are_typed(self) -> None:
        assert plain_recovery_code(" K7WQ2M-aoilxx ") == "k7wq2ma011xx"
        assert plain_recovery_code("\x00\u202e") == ""


class TestEnrolmentUri:
    def test_names_the_clinic_and_the_person(self) -> None:
        uri = enrolment_uri(secret=RFC_SECRET, email="a@example.com", clinic_name="Test & Rehab")
        assert uri.startswith("otpauth://totp/Test%20%26%20Rehab:a%40example.com?secret=")
