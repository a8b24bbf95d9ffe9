"""Only paths of this site are followed after a sign-in."""

import pytest

from clinic.web.addresses import local_path


class TestLocalPath:
    @pytest.mark.parametrize(
        "address", ["/desk", "/desk?day=2026-11-22&x=%2F%2F", "/", "/a#b", "/a:b"]
    )
    def test_keeps_paths_of_this_site(self, address: str) -> None:
        assert local_path(address, otherwise="/no") == address

    @pytest.mark.parametrize(
        "address",
        [
            None,
            "",
            "desk",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil",
            "https://evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/\n/evil.example",
            " /desk",
            "/a\\b",
            "/\r\nSet-Cookie: a=b",
            "/\u2028",
            "/\x00",
        ],
    )
    def test_refuses_what_may_lead_elsewhere(self, address: str | None) -> None:
        assert local_path(address, otherwise="/no") == "/no"
