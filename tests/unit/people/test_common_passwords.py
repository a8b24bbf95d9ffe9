"""The filter of common passwords that ships with the product (OWASP ASVS 5.0, 6.2.4 and 6.2.12)."""

import hashlib
import json
import random
import string

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from clinic.people.common_passwords import FILE, WIDTH, is_common
from clinic.people.rules.passwords import SHORTEST

ABOUT = json.loads(FILE.with_suffix(".json").read_text(encoding="utf-8"))


class TestIsCommon:
    @pytest.mark.parametrize("password", ["1q2w3e4r5t6y", "PASSWORD1234", "qwertyuiop123"])
    def test_knows_what_attackers_try(self, password: str) -> None:
        assert is_common(password)

    def test_knows_every_long_one_that_zxcvbn_knows(self) -> None:
        long = [word for word in FREQUENCY_LISTS["passwords"] if len(word) >= SHORTEST]
        assert len(long) > 200
        assert all(is_common(word) for word in long)

    @pytest.mark.parametrize("password", ["", "\ud800", "four quiet words here", "\x00" * 300])
    def test_lets_others_pass(self, password: str) -> None:
        assert not is_common(password)

    def test_takes_hardly_any_other_for_one_of_them(self) -> None:
        luck = random.Random(7)
        made = ("".join(luck.choices(string.ascii_letters, k=14)) for _ in range(50_000))
        assert sum(is_common(one) for one in made) == 0


class TestFilter:
    def test_is_the_one_that_its_record_tells_of(self) -> None:
        raw = FILE.read_bytes()
        assert hashlib.sha256(raw).hexdigest() == ABOUT["sha256"]
        assert len(raw) == ABOUT["entries"] * WIDTH < 1_500_000
        assert all(one["licence"] for one in ABOUT["lists"])

    def test_is_sorted(self) -> None:
        raw = FILE.read_bytes()
        entries = [raw[at : at + WIDTH] for at in range(0, len(raw), WIDTH)]
        assert entries == sorted(set(entries))
