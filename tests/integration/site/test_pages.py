"""What visitors read: conditions, people, payments, and the pages about the site."""

import pytest
from flask import Flask

from tests.support.page_client import PageClient
from tests.support.page_clinic import counted_queries

READ = ("/conditions", "/conditions/buttock-pain", "/people", "/people/okafor", "/privacy")
SIX_CAUSES = (
    "Deep gluteal syndrome",
    "Piriformis syndrome",
    "SI joint dysfunction",
    "Sciatica",
    "Lumbar disc problems",
    "A fall or a blow",
)
MOST_QUERIES = 5
SVG = "{http://www.w3.org/2000/svg}svg"


class TestCondition:
    def test_tells_of_six_causes_with_a_drawing_each(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        page = pages.get("/conditions/buttock-pain")
        assert page.h1 == "Buttock pain: causes and treatment"
        for cause in SIX_CAUSES:
            assert cause in page.text
        drawn = [e for e in page.tree.iter(SVG) if e.attrib.get("role") == "img"]
        assert len(drawn) == 6
        assert all(e.attrib["aria-label"] for e in drawn)

    def test_says_first_when_to_call_for_help(self, clinic: Flask, pages: PageClient) -> None:
        html = pages.get("/conditions/buttock-pain").html
        assert html.index("Call 911 or go to an emergency room") < html.index('<h2 id="on-')

    def test_names_a_source_for_every_figure_in_brackets(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        text = pages.get("/conditions/buttock-pain").text
        body, _, sources = text.partition("Sources Martin")
        for number in range(1, 6):
            assert f"[{number}]" in body
        assert sources.count("20") >= 5

    def test_leads_to_its_own_parts_and_to_booking(self, clinic: Flask, pages: PageClient) -> None:
        page = pages.get("/conditions/buttock-pain")
        ids = {e.attrib["id"] for e in page.tree.iter() if "id" in e.attrib}
        anchors = {link[1:] for link in page.links() if link.startswith("#")}
        assert anchors <= ids
        assert "/book" in page.links()

    @pytest.mark.parametrize("slug", ["knee", "%00", "..", "a" * 500, "Buttock-Pain"])
    def test_is_not_found_where_nothing_is_written(
        self, clinic: Flask, pages: PageClient, slug: str
    ) -> None:
        pages.get(f"/conditions/{slug}", status=404)


class TestConditions:
    def test_list_what_is_written(self, clinic: Flask, pages: PageClient) -> None:
        page = pages.get("/conditions")
        assert "/conditions/buttock-pain" in page.links()
        assert "Six common causes" in page.text


class TestPeople:
    def test_name_everybody_with_the_next_free_time(self, clinic: Flask, pages: PageClient) -> None:
        page = pages.get("/people")
        for name in ("Dana Okafor, PT, DPT", "Miguel Santos, PT", "Iris Owl, MD"):
            assert name in page.text
        assert "Next free: Mon, Mar 2, 12:00 PM" in page.text

    def test_say_what_each_does_where_they_wrote_nothing(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        page = pages.get("/people/santos")
        assert page.h1 == "Miguel Santos, PT"
        assert "Evaluation" in page.text
        assert "/book/eval?practitioner=santos" in page.links()

    def test_offer_no_link_to_what_only_a_call_books(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        page = pages.get("/people/okafor")
        assert "Surgery talk" in page.text
        assert not any("/book/surgery" in link for link in page.links())

    @pytest.mark.parametrize("slug", ["nobody", "%00", "OKAFOR"])
    def test_are_not_found_when_they_do_not_work_here(
        self, clinic: Flask, pages: PageClient, slug: str
    ) -> None:
        pages.get(f"/people/{slug}", status=404)


class TestPaymentSuccess:
    def test_explains_itself_without_an_order(self, clinic: Flask, pages: PageClient) -> None:
        page = pages.get("/payments/success")
        assert "the page you reach after paying online" in page.text
        assert "tel:+12125550100" in page.links()

    @pytest.mark.parametrize("query", ["session_id=cs_test_unknown", "session_id=", "x=%00%ff"])
    def test_stays_a_plain_page_whatever_it_is_asked(
        self, clinic: Flask, pages: PageClient, query: str
    ) -> None:
        page = pages.get(f"/payments/success?{query}")
        assert "cs_test_unknown" not in page.html


class TestPage:
    @pytest.mark.parametrize("path", ["/privacy", "/accessibility"])
    def test_says_that_it_is_a_draft(self, clinic: Flask, pages: PageClient, path: str) -> None:
        assert "A draft. The clinic reviews this text" in pages.get(path).text

    def test_is_reached_from_every_foot(self, clinic: Flask, pages: PageClient) -> None:
        assert {"/privacy", "/accessibility"} <= set(pages.get("/book").links())


class TestCost:
    @pytest.mark.parametrize("path", READ)
    def test_is_a_few_queries(self, clinic: Flask, path: str) -> None:
        client = clinic.test_client()
        client.get(path)
        with counted_queries(clinic) as asked:
            assert client.get(path).status_code == 200
        assert len(asked) <= MOST_QUERIES, asked
