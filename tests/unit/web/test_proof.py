"""The proof of a form is the same under its mask, and never looks the same twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.web.proof import MARK, mask, unmask

TOKEN = "IjEyMzQi.aWnoZQ.ZsToWkTlGODagqBsBlU8TR1vWE"


class TestMask:
    @given(st.text(max_size=120))
    def test_is_taken_off_again(self, token: str) -> None:
        assert unmask(mask(token)) == token

    def test_is_another_one_each_time(self) -> None:
        masked = {mask(TOKEN) for _ in range(50)}
        assert len(masked) == 50
        assert all(TOKEN not in one for one in masked)

    @pytest.mark.parametrize(
        "text", ["", TOKEN, MARK, f"{MARK}A", f"{MARK}é", f"{MARK}{'AAAA' * 3}"]
    )
    def test_that_is_none_is_no_proof_and_no_failure(self, text: str) -> None:
        assert unmask(text) != TOKEN or text == TOKEN
