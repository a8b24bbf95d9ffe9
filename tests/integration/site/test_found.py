"""What search engines are told: descriptions, one address per page, facts, a map."""

import json
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask import Flask

from tests.support.page_client import PageClient
from tests.support.pages import Page

FOUND = (
    "/",
    "/conditions",
    "/conditions/buttock-pain",
    "/people",
    "/people/okafor",
    "/privacy",
    "/book",
    "/book/eval",
)
NOT_FOUND = ("/sign-in", "/payments/success", "/no-such-page")


def metas(page: Page) -> dict[str, str]:
    """Name or property of each meta element -> its content."""
    found = {}
    for element in page.tree.iter("meta"):
        name = element.attrib.get("name") or element.attrib.get("property")
        if name:
            found[name] = element.attrib["content"]
    return found


def canonical(page: Page) -> list[str]:
    return [e.attrib["href"] for e in page.tree.iter("link") if e.attrib["rel"] == "canonical"]


def facts(page: Page) -> dict[str, Any]:
    """The page's JSON-LD by type."""
    blocks = [json.loads(e.text or "") for e in page.tree.iter("script") if "src" not in e.attrib]
    return {block["@type"]: block for block in blocks}


class TestMeta:
    @pytest.mark.parametrize("path", FOUND)
    def test_describes_what_is_meant_to_be_found(
        self, clinic: Flask, pages: PageClient, path: str
    ) -> None:
        page = pages.get(path)
        said = metas(page)
        assert 20 <= len(said["description"]) <= 300
        assert said["og:description"] == said["description"]
        assert said["og:title"]
        assert canonical(page) == [said["og:url"]] == [f"http://localhost:8000{path}"]
        assert "robots" not in said

    def test_names_one_address_whatever_the_query_says(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        page = pages.get("/book/eval?practitioner=okafor")
        assert canonical(page) == ["http://localhost:8000/book/eval"]

    @pytest.mark.parametrize("path", NOT_FOUND)
    def test_keeps_all_else_out_of_search_engines(
        self, clinic: Flask, pages: PageClient, path: str
    ) -> None:
        page = pages.get(path, status=404 if path == "/no-such-page" else 200)
        assert metas(page)["robots"] == "noindex"
        assert canonical(page) == []


class TestFacts:
    def test_tell_of_the_clinic_its_places_and_hours(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        found = facts(pages.get("/"))["MedicalClinic"]
        assert found["telephone"] == "+1 212 555 0100"
        main, uptown = found["department"]
        assert main["address"] == "1 Example Street"
        assert uptown["openingHoursSpecification"] == [
            {
                "@type": "OpeningHoursSpecification",
                "dayOfWeek": ["Saturday"],
                "opens": "09:00",
                "closes": "12:00",
            }
        ]
        assert "Surgery talk" not in str(found["availableService"])

    def test_tell_of_a_condition_and_of_a_person(self, clinic: Flask, pages: PageClient) -> None:
        page = facts(pages.get("/conditions/buttock-pain"))["MedicalWebPage"]
        assert page["about"] == {"@type": "MedicalCondition", "name": "Buttock pain"}
        person = facts(pages.get("/people/okafor"))
        assert person["Person"]["honorificSuffix"] == "PT, DPT"
        assert person["Service"]["provider"] == person["Person"]["worksFor"]

    def test_cannot_be_broken_out_of(
        self, app: Flask, pages: PageClient, load_named: Callable[[str], None]
    ) -> None:
        name = "Test </script><script>alert(1)</script> & Rehab"
        load_named(name)
        page = pages.get("/")
        assert facts(page)["MedicalClinic"]["name"] == name
        assert "</script><script>alert" not in page.html


class TestMap:
    def test_names_every_page_that_is_meant_to_be_found(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        answer = clinic.test_client().get("/sitemap.xml")
        assert answer.mimetype == "application/xml"
        root = ET.fromstring(answer.data)  # noqa: S314 - our own
        listed = [loc.text or "" for loc in root.iter() if loc.tag.endswith("loc")]
        paths = [url.removeprefix("http://localhost:8000") for url in listed]
        assert {*FOUND} <= {*paths}
        assert len(paths) == len({*paths})
        for path in paths:
            assert canonical(pages.get(path)) == [f"http://localhost:8000{path}"]

    def test_is_named_by_robots_txt_which_hides_the_desk(self, clinic: Flask) -> None:
        text = clinic.test_client().get("/robots.txt").text
        assert "Sitemap: http://localhost:8000/sitemap.xml" in text
        assert "Disallow: /desk" in text
