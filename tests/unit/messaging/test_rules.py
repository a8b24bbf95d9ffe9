"""What a message may be told."""

from collections.abc import Mapping

import pytest

from clinic.messaging.rules import KINDS, one_line, refuse_unknown

SET_UP: Mapping[str, str] = {"link": "/set-up/abc"}


class TestRefuseUnknown:
    def test_accepts_what_a_kind_asks_for(self) -> None:
        refuse_unknown(kind="staff-set-up", context=SET_UP, about="staff:abc_-1")

    @pytest.mark.parametrize("kind", KINDS)
    def test_accepts_no_context_with_more_or_less(self, kind: str) -> None:
        whole = dict.fromkeys(KINDS[kind], "/x")
        with pytest.raises(ValueError, match=kind):
            refuse_unknown(kind=kind, context={**whole, "reason": "/x"}, about="visit:1")
        for key in whole:
            less = {name: value for name, value in whole.items() if name != key}
            with pytest.raises(ValueError, match=kind):
                refuse_unknown(kind=kind, context=less, about="visit:1")

    def test_refuses_a_kind_without_templates(self) -> None:
        with pytest.raises(ValueError, match="no kind"):
            refuse_unknown(kind="greeting", context={}, about="staff:1")

    @pytest.mark.parametrize("link", ["https://elsewhere.example", "//elsewhere.example", "x", ""])
    def test_refuses_a_link_to_another_place(self, link: str) -> None:
        with pytest.raises(ValueError, match="path"):
            refuse_unknown(kind="staff-set-up", context={"link": link}, about="staff:1")

    @pytest.mark.parametrize("about", ["", "visit", "Ann Lee", "visit:Ann Lee", "visit:1\n"])
    def test_refuses_a_subject_that_is_no_public_id(self, about: str) -> None:
        with pytest.raises(ValueError, match="public id"):
            refuse_unknown(kind="staff-set-up", context=SET_UP, about=about)


class TestOneLine:
    def test_leaves_no_way_into_another_header(self) -> None:
        assert one_line(" Ann\r\nBcc: all@example.com\x00\u2028Lee ") == (
            "Ann Bcc: all@example.com Lee"
        )
