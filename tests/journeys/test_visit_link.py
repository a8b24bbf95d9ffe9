"""A patient comes back by the visit's link: confirms, moves, cancels."""

from collections.abc import Callable

from flask import Flask
from playwright.sync_api import Page, expect

from tests.support.accessibility import assert_accessible
from tests.support.page_clinic import book, link_of
from tests.support.widths import on_a_phone

Person = Callable[..., Page]


def given_a_booked_visit(app: Flask) -> str:
    with app.app_context():
        return link_of(book("2026-03-04 10:00"))


class TestLink:
    def test_lets_the_patient_confirm_move_and_cancel(self, clinic: Flask, person: Person) -> None:
        # given the link of a visit
        link = given_a_booked_visit(clinic)
        page = person()
        page.goto(link)
        assert_accessible(page)
        # when they confirm
        page.get_by_role("button", name="I will come").click()
        expect(page.get_by_role("status")).to_contain_text("We expect you.")
        # and move it to Thursday at eleven
        page.get_by_role("link", name="Move", exact=True).click()
        thursday = page.locator("#day-2026-03-05")
        eleven = thursday.get_by_role("button", name="11:00 AM", exact=True)
        expect(eleven).to_be_visible()
        assert_accessible(page)
        eleven.click()
        expect(page.locator(".ticket")).to_contain_text("Thursday")
        expect(page.get_by_text("Nothing has changed yet.")).to_be_visible()
        page.get_by_role("button", name="Move my visit").click()
        expect(page.get_by_role("status")).to_contain_text("Your visit was moved.")
        expect(page.locator(".ticket")).to_contain_text("Thursday")
        # and cancel it after all
        page.get_by_role("link", name="Cancel", exact=True).click()
        cancel = page.get_by_role("button", name="Cancel the visit")
        expect(cancel).to_be_visible()
        assert_accessible(page)
        cancel.click()
        # then it is cancelled and leads to a new one
        expect(page.locator("main")).to_contain_text("This visit was cancelled.")
        assert_accessible(page)
        page.get_by_role("link", name="Book another time").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Choose a time")

    @on_a_phone
    def test_works_without_scripts(self, clinic: Flask, person: Person) -> None:
        link = given_a_booked_visit(clinic)
        page = person(java_script_enabled=False)
        page.goto(link)
        page.get_by_role("link", name="Cancel", exact=True).click()
        page.get_by_role("button", name="Cancel the visit").click()
        expect(page.locator("main")).to_contain_text("This visit was cancelled.")
