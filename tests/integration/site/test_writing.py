"""The manager's pages: list, write, preview, save, go back, and who may."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask

from clinic.core.values import SYSTEM, Role
from clinic.site.operations import save_text
from clinic.site.queries.texts import get_text
from clinic.site.rules.texts import Kind, Name
from tests.support.page_client import PageClient
from tests.support.page_clinic import NOW, PASSWORD, counted_queries, hire

EDIT = "/desk/site/condition/buttock-pain"
BUTTOCK = Name(Kind.CONDITION, "buttock-pain")
MOST_QUERIES = 6


def sign_in(app: Flask, pages: PageClient, role: Role) -> PageClient:
    with app.app_context():
        email = hire(role)
    pages.get("/sign-in")
    pages.submit({"email": email, "password": PASSWORD}, status=303, follow=False)
    return pages


@pytest.fixture
def manager(clinic: Flask, pages: PageClient) -> PageClient:
    """A manager, signed in."""
    return sign_in(clinic, pages, Role.ADMIN)


class TestTexts:
    def test_list_every_text_with_its_page(self, clinic: Flask, manager: PageClient) -> None:
        page = manager.get("/desk/site")
        for words in ("Home page", "Buttock pain", "Dana Okafor", "Privacy notice"):
            assert words in page.text
        assert {EDIT, "/desk/site/person/okafor", "/conditions/buttock-pain"} <= set(page.links())

    @pytest.mark.parametrize("role", [one for one in Role if one is not Role.ADMIN])
    def test_are_the_managers_alone(self, clinic: Flask, pages: PageClient, role: Role) -> None:
        sign_in(clinic, pages, role)
        for path in ("/desk/site", EDIT, "/desk/site/new"):
            assert pages.client.get(path).status_code == 403

    @pytest.mark.parametrize(
        "path", ["person/nobody", "page/none", "color/red", "condition/none", "home/none"]
    )
    def test_are_not_found_where_there_are_none(
        self, clinic: Flask, manager: PageClient, path: str
    ) -> None:
        manager.get(f"/desk/site/{path}", status=404)


class TestSave:
    @pytest.mark.parametrize(
        ("path", "field", "public"),
        [
            ("/desk/site/home/home", "headline", "/"),
            (EDIT, "title", "/conditions/buttock-pain"),
            ("/desk/site/person/okafor", "focus", "/people/okafor"),
            ("/desk/site/page/privacy", "title", "/privacy"),
        ],
    )
    def test_is_read_by_visitors_at_once(
        self, clinic: Flask, manager: PageClient, path: str, field: str, public: str
    ) -> None:
        form = manager.get(path).form(path)
        needed = {"focus": "x"} if "person" in path else {}
        page = manager.post(path, {**form.values, **needed, field: "Fresh words", "do": "save"})
        assert "Saved." in page.text
        assert "Fresh words" in manager.get(public).text

    def test_shows_each_fault_at_its_field_and_keeps_what_was_typed(
        self, clinic: Flask, manager: PageClient
    ) -> None:
        form = manager.get(EDIT).form(EDIT)
        typed = {**form.values, "title": "", "body": "!drawing unicorn <b>"}
        page = manager.post(EDIT, typed, status=422)
        assert page.title.startswith("Error: ")
        assert "Enter some words here." in page.text
        assert "There is no drawing of that name: unicorn" in page.text
        assert page.form(EDIT).values["body"] == ["!drawing unicorn <b>"]
        assert {"#title", "#body"} <= set(page.links())

    def test_refuses_links_that_lead_nowhere(self, clinic: Flask, manager: PageClient) -> None:
        form = manager.get(EDIT).form(EDIT)
        page = manager.post(EDIT, {**form.values, "body": "[go](/nowhere)"}, status=422)
        assert "There is no page at /nowhere." in page.text

    def test_tells_the_second_manager_and_keeps_their_words(
        self, clinic: Flask, manager: PageClient
    ) -> None:
        form = manager.get(EDIT).form(EDIT)
        with clinic.app_context():
            content = {**get_text(name=BUTTOCK).content, "title": "Theirs"}
            save_text(name=BUTTOCK, content=content, looked_at=0, actor=SYSTEM, now=NOW)
        page = manager.post(EDIT, {**form.values, "title": "Mine", "do": "save"}, status=409)
        assert "Somebody changed this text" in page.text
        assert page.form(EDIT).values["title"] == ["Mine"]
        assert "Mine" in manager.post(EDIT, {**page.form(EDIT).values, "do": "save"}).h1

    @pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30, "١"])
    def test_never_breaks_on_a_version_that_is_none(
        self, clinic: Flask, manager: PageClient, version: str
    ) -> None:
        form = manager.get(EDIT).form(EDIT)
        typed = {**form.values, "title": "New", "version": version}
        manager.post(EDIT, typed, status=409)
        manager.post(f"{EDIT}/reset", {**form.values, "version": version}, status=409)

    def test_prints_html_as_the_words_it_is(self, clinic: Flask, manager: PageClient) -> None:
        form = manager.get(EDIT).form(EDIT)
        evil = "<script>alert(1)</script> <img src=x onerror=alert(1)>"
        manager.post(EDIT, {**form.values, "title": evil[:60], "body": evil, "do": "save"})
        page = manager.get("/conditions/buttock-pain")
        assert evil in page.text
        assert "<script>alert" not in page.html


class TestPreview:
    def test_shows_the_look_and_saves_nothing(self, clinic: Flask, manager: PageClient) -> None:
        form = manager.get(EDIT).form(EDIT)
        typed = {**form.values, "body": "A **bold** word.", "do": "preview"}
        page = manager.post(EDIT, typed)
        assert "Preview, not saved yet" in page.text
        assert "<strong>bold</strong>" in page.html
        assert "bold" not in manager.get("/conditions/buttock-pain").text


class TestHistory:
    def test_leads_back_to_earlier_words_and_to_what_ships(
        self, clinic: Flask, manager: PageClient
    ) -> None:
        for title in ("First", "Second"):
            form = manager.get(EDIT).form(EDIT)
            manager.post(EDIT, {**form.values, "title": title, "do": "save"})
        page = manager.get(f"{EDIT}/versions/1")
        assert "First" in page.text
        manager.submit(action=f"{EDIT}/versions/1")
        assert manager.page.h1 == "First"
        manager.submit(action=f"{EDIT}/reset")
        assert manager.page.h1 == "Buttock pain: causes and treatment"
        assert "Kim Torres" in manager.page.text

    def test_has_no_version_that_never_was(self, clinic: Flask, manager: PageClient) -> None:
        manager.get(f"{EDIT}/versions/7", status=404)
        manager.get(f"{EDIT}/versions/{'9' * 25}", status=404)


class TestNewCondition:
    def test_is_hidden_until_it_is_shown(self, clinic: Flask, manager: PageClient) -> None:
        manager.get("/desk/site/new")
        words = {"title": "Knee pain", "summary": "Why.", "body": "Text.", "slug": "knee-pain"}
        manager.submit(words, action="/desk/site/new")
        manager.get("/conditions/knee-pain", status=404)
        manager.get("/desk/site/condition/knee-pain")
        page = manager.page
        show = page.form("/desk/site/condition/knee-pain/show")
        manager.post(show.action, {**show.values, "shown": "y"})
        assert manager.get("/conditions/knee-pain").h1 == "Knee pain"
        assert "/conditions/knee-pain" in manager.get("/conditions").links()

    @pytest.mark.parametrize(("slug", "status"), [("Knee Pain", 422), ("buttock-pain", 409)])
    def test_needs_an_address_of_its_own(
        self, clinic: Flask, manager: PageClient, slug: str, status: int
    ) -> None:
        manager.get("/desk/site/new")
        words = {"title": "Knee pain", "summary": "Why.", "body": "Text.", "slug": slug}
        page = manager.submit(words, action="/desk/site/new", status=status)
        assert page.form("/desk/site/new").values["slug"] == [slug]
        assert "#slug" in page.links()


class TestHiddenFeature:
    def test_is_not_linked_from_home(
        self, clinic: Flask, manager: PageClient, set_clock: Callable[[datetime], None]
    ) -> None:
        form = manager.get(EDIT).form(f"{EDIT}/show")
        manager.post(form.action, {**form.values, "shown": "n"})
        assert "/conditions/buttock-pain" not in manager.get("/").links()


class TestCost:
    @pytest.mark.parametrize("path", ["/desk/site", EDIT])
    def test_is_a_few_queries(self, clinic: Flask, manager: PageClient, path: str) -> None:
        manager.get(path)
        with counted_queries(clinic) as asked:
            manager.get(path)
        assert len(asked) <= MOST_QUERIES, asked
