"""What the pictures tell of forms and danger: as managers and as clinicians see them."""

from playwright.sync_api import Page

from tools.stories import Camera, sign_in


def forms_as_data(camera: Camera) -> None:
    """The manager's forms: the list, one as on a phone, a copy to change; and the signatures."""
    page = camera.page
    sign_in(page, "admin@example.com", then="/desk/questionnaires")
    camera.open("/desk/questionnaires", "questionnaires")
    page.locator(".versions a").first.click()
    camera.take("questionnaire")
    page.get_by_role("link", name="Copy and change").click()
    camera.take("questionnaire-change")
    camera.open("/desk/audit/signatures", "signatures")


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


CLINICAL_STORIES = (forms_as_data, told_of_danger)
