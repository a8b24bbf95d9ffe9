"""What the pictures tell of forms and danger: as managers and as clinicians see them."""

from playwright.sync_api import Page

from tools.stories import Camera, sign_in


def forms_as_data(camera: Camera) -> None:
    """The manager's forms: the list, one as on a phone, a copy to change; and the signatures."""
    page = camera.page
    sign_in(page, "admin@example.com", then="/desk/questionnaires")
    camera.open("/desk/questionnaires", "questionnaires")
    camera.open("/desk/questionnaires/symptoms/given", "questionnaire-given")
    camera.open("/desk/questionnaires", "questionnaires")
    page.locator(".versions td a").last.click()
    camera.take("questionnaire")
    page.get_by_role("link", name="Copy and change").click()
    camera.take("questionnaire-copy")
    page.get_by_label("New version").fill(f"9.{camera.width}")
    page.get_by_label("Why it is changed").fill("Clearer words on the first page")
    page.get_by_role("button", name="Make the copy").click()
    page.locator("details").first.click()
    camera.take("questionnaire-edit")
    camera.open("/desk/audit/signatures", "signatures")


def filling_in(camera: Camera) -> None:
    """The forms of a visit just booked: the list, their pages, a mistake, the chart of the body."""
    page = camera.page
    page.goto("/book/evaluation?practitioner=okafor&week=2026-12-14")
    page.locator("button.slot").nth(5).click()
    page.get_by_label("Given name").fill("Jordan")
    page.get_by_label("Family name").fill(f"Filling{camera.width}")
    born = (("Month", "3"), ("Day", "14"), ("Year", "1984"))
    for part, typed in born:
        page.get_by_label(part, exact=True).fill(typed)
    page.get_by_label("E-mail address").fill("jordan@example.com")
    page.get_by_role("button", name="Book this visit").click()
    page.get_by_role("link", name="Move or cancel").click()
    page.locator("form[action$='/forms'] button").click()
    camera.take("intake-proof")
    for part, typed in born:
        page.get_by_label(part, exact=True).fill(typed)
    page.get_by_role("button", name="Open", exact=True).click()
    camera.take("intake-forms")
    for number, link in enumerate(page.locator("main a[href^='/intake/forms/']").all()):
        camera.open(str(link.get_attribute("href")), f"intake-form-{number}")
        page.get_by_role("link", name="Continue").click()
        camera.take(f"intake-page-{number}")
        page.go_back()
        page.go_back()
    page.locator("main a[href^='/intake/forms/']").first.click()
    page.get_by_role("link", name="Continue").click()
    page.get_by_role("button", name="Save and continue").last.click()
    camera.take("intake-page-wrong")
    for box in page.get_by_label("None of these").all():
        if box.is_visible():
            box.check()
    for button in page.get_by_role("radio", name="No", exact=True).all():
        if button.is_visible():
            button.check()
    page.get_by_role("button", name="Save and continue").last.click()
    page.locator(".fig-seat g[data-code=buttock-mid][data-side=right]").dispatch_event("click")
    camera.take("intake-body")


def told_of_danger(camera: Camera) -> None:
    """The queue, what a patient told, the one-page summary, and how forms and papers stand."""
    page = camera.page
    sign_in(page, "clinician@example.com", then="/desk/safety")
    camera.open("/desk/safety", "safety-queue")
    page.locator("main a[href*='/desk/safety/']").first.click()
    camera.take("safety-event")
    page.get_by_role("link", name="All they told").click()
    camera.take("summary")
    _open_beside(camera, page, "forms")
    _open_beside(camera, page, "papers")


def _open_beside(camera: Camera, page: Page, name: str) -> None:
    record = page.url.rpartition("/")[0]
    camera.open(f"{record}/{name}", f"patient-{name}")


CLINICAL_STORIES = (forms_as_data, filling_in, told_of_danger)
