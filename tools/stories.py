"""What the pictures tell: walks through the demo clinic as each kind of visitor and of staff."""

import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from playwright.sync_api import Page
from pyotp import TOTP

from clinic.setup.demo.people import PASSWORD

WIDTHS = (390, 1280)
DESK_IS_WIDE = 1200


class Camera:
    """A page of one width, where its pictures go, and where the clinic's mail is read."""

    def __init__(self, page: Page, folder: Path, width: int, mailbox: str) -> None:
        self.page = page
        self.folder = folder
        self.width = width
        self.mailbox = mailbox

    def take(self, name: str) -> None:
        """A picture of the whole page as it is now."""
        self.page.evaluate("document.fonts.ready")
        path = self.folder / f"{name}-{self.width}.png"
        self.page.screenshot(path=path, full_page=True)
        print(f"{path.name:40} {self.page.title()}", flush=True)

    def open(self, path: str, name: str) -> None:
        """Go to a page and take it."""
        self.page.goto(path)
        self.take(name)


def public_pages(camera: Camera) -> None:
    """What anybody sees."""
    camera.open("/", "home")
    for path in ("conditions", "conditions/buttock-pain", "people", "people/okafor", "privacy"):
        camera.open(f"/{path}", path.replace("/", "-"))
    camera.open("/payments/success", "payment-success")
    camera.open("/book", "book-services")
    camera.open("/book/telehealth", "book-state")
    camera.open("/book/telehealth?state=NY", "book-video-week")
    camera.open("/book/follow-up?practitioner=okafor", "book-week")
    camera.open("/book/hip-class", "book-class-week")
    camera.open("/no-such-page", "not-found")
    camera.open("/sign-in", "sign-in")


def booking(camera: Camera) -> None:
    """From a time to a booked visit, moved and cancelled."""
    page = camera.page
    page.goto("/book/evaluation?practitioner=santos&week=2026-12-07")
    page.locator("button.slot").nth(3).click()
    camera.take("book-details")
    page.get_by_role("button", name="Book this visit").click()
    camera.take("book-details-errors")
    camera.open("/book/evaluation?practitioner=santos&week=2026-12-07", "book-week-held")
    page.get_by_role("link", name="Continue to your details").click()
    page.get_by_label("Given name").fill("Jordan")
    page.get_by_label("Family name").fill(f"Sample{camera.width}")
    for part, typed in (("Month", "3"), ("Day", "14"), ("Year", "1984")):
        page.get_by_label(part, exact=True).fill(typed)
    page.get_by_label("E-mail address").fill("jordan@example.com")
    page.get_by_role("button", name="Book this visit").click()
    camera.take("book-booked")
    page.get_by_role("link", name="Move or cancel").click()
    camera.take("visit")
    page.get_by_role("link", name="Move", exact=True).click()
    camera.take("visit-move")
    page.go_back()
    page.get_by_role("link", name="Cancel", exact=True).click()
    camera.take("visit-cancel")
    page.get_by_role("button", name="Cancel the visit").click()
    camera.take("visit-cancelled")


def lapsed(camera: Camera) -> None:
    """A time that was let go while the details were open."""
    page = camera.page
    page.goto("/book/follow-up?practitioner=okafor&week=2026-12-07")
    page.locator("button.slot").first.click()
    address = page.url
    page.get_by_role("button", name="Let this time go").click()
    camera.open(address, "book-lapsed")


def requesting(camera: Camera) -> None:
    """From one's own words to a request with a page of its own."""
    page = camera.page
    camera.open("/book/follow-up/waitlist", "waitlist-join")
    camera.open("/request/visit", "request-form")
    page.get_by_role("button", name="Read it over").click()
    camera.take("request-form-errors")
    page.get_by_label("What is it about?").fill(
        "A deep ache in my right buttock since May.\nSitting makes it worse."
    )
    page.get_by_label("Where is it?").select_option("hip")
    page.get_by_label("Mornings").check()
    page.get_by_label("Day", exact=True).first.fill("2026-12-08")
    page.get_by_label("Time of day").first.select_option("afternoon")
    page.get_by_label("No, this is the first time").check()
    page.get_by_label("Given name").fill("Jordan")
    page.get_by_label("Family name").fill(f"Sample{camera.width}")
    for part, typed in (("Month", "3"), ("Day", "14"), ("Year", "1984")):
        page.locator(f"#birth_date-{part.lower()}").fill(typed)
    page.get_by_label("E-mail address").fill("jordan@example.com")
    page.get_by_role("button", name="Read it over").click()
    camera.take("request-check")
    page.get_by_role("button", name="Send the request").click()
    camera.take("request-received")
    page.get_by_role("link", name="Take the request back").click()
    camera.take("request-withdraw")
    page.get_by_role("button", name="Take it back").click()
    camera.take("request-withdrawn")


def asking_for_video(camera: Camera) -> None:
    """The questions about safety, then the form of a video visit."""
    page = camera.page
    page.goto("/request/telehealth")
    for box in page.get_by_label("None of these").all():
        if box.is_visible():
            box.check()
    for radio in page.get_by_role("radio", name="No", exact=True).all():
        if radio.is_visible():
            radio.check()
    camera.take("video-safety")
    page.locator("main form button").last.click()
    camera.open("/request/telehealth", "video-request-form")
    page.get_by_role("button", name="Read it over").click()
    camera.take("video-request-form-errors")


def desk(camera: Camera) -> None:
    """The front desk's day."""
    page = camera.page
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill("desk@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/desk")
    camera.open("/desk", "desk-today")
    if camera.width < DESK_IS_WIDE:
        page.get_by_role("button", name="Menu").click()
        camera.take("desk-menu")
    camera.open("/desk?show=here", "desk-here")
    camera.open("/desk?date=2026-11-26", "desk-empty")
    camera.open("/desk/messages", "desk-messages")
    page.locator("td.sv a").first.click()
    camera.take("desk-message")
    camera.open("/desk/messages/kinds", "desk-message-kinds")
    camera.open("/desk/messages/kinds/visit-reminder", "desk-message-kind")
    page.goto("/desk?show=coming")
    page.locator("button[data-key=a]").first.click()
    camera.take("desk-done")
    page.locator("details.more summary").first.click()
    camera.take("desk-more")
    page.locator("details.more[open] a").click()
    camera.take("desk-cancel")
    calendar(camera)


def calendar(camera: Camera) -> None:
    """The calendar, a visit that is moved, and booking at the desk; signed in already."""
    page = camera.page
    camera.open("/desk/calendar", "desk-calendar")
    camera.open("/desk/calendar?view=rooms", "desk-calendar-rooms")
    camera.open("/desk/calendar?view=week&practitioner=okafor", "desk-calendar-week")
    page.goto("/desk/calendar")
    page.locator("a.ev[data-movable]").first.click()
    camera.take("desk-visit")
    page.get_by_label("Time", exact=True).fill("22:00")
    page.get_by_role("button", name="Move, or say why not").click()
    camera.take("desk-visit-refused")
    camera.open("/desk/away", "desk-away")
    camera.open("/desk/block", "desk-block")
    camera.open("/desk/day-sheet", "desk-day-sheet")
    camera.open("/desk/till", "desk-till")
    camera.open("/desk/book", "desk-book")
    page.get_by_label("Who is it?").fill("nakamra")
    page.locator(".panel-found a").first.wait_for()
    camera.take("desk-book-found")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/book?patient=**")
    camera.take("desk-book-times")


def record(camera: Camera) -> None:
    """A patient's record, from the day's list; noted on, and corrected."""
    page = camera.page
    sign_in(page, "desk@example.com", then="/desk")
    page.locator(".today .pt a").nth(2).click()
    camera.take("desk-record")
    page.get_by_label("In a few words").fill("Comes in a wheelchair; the ramp is at the side.")
    page.get_by_role("button", name="Note it").click()
    camera.take("desk-record-noted")
    page.get_by_role("link", name="Correct", exact=True).click()
    camera.take("desk-record-correct")


def audit_trail(camera: Camera) -> None:
    """What an auditor sees: the trail, one patient's, one session's."""
    page = camera.page
    page.goto("/sign-in?next=/desk")
    page.get_by_label("E-mail address").fill("admin@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator(".today .cancel, details.more summary").first.click()
    page.locator("details.more[open] a").first.click()
    camera.open("/desk/numbers?from=2026-11-01&to=2026-12-31", "desk-numbers")
    camera.open("/desk/audit", "audit")
    camera.open("/desk/audit?action=appointment.cancelled", "audit-filtered")
    camera.open("/desk/audit?action=appointment.cancelled&to=2020-01-01", "audit-empty")
    page.goto("/desk/audit")
    page.get_by_role("link", name="Session").first.click()
    camera.take("audit-session")
    page.locator(".people-seen a").first.click()
    camera.take("audit-patient")
    page.goto("/desk/audit")
    page.get_by_placeholder("Patient’s name").fill("A")
    page.get_by_role("button", name="Find a patient").click()
    camera.take("audit-found")


def request_queue(camera: Camera) -> None:
    """The desk's queue of requests, and one of them."""
    page = camera.page
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill("desk@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/desk**")
    camera.open("/desk/requests?show=answered", "desk-requests-answered")
    for name in ("licences", "reviews", "duplicates", "waitlist", "requests"):
        camera.open(f"/desk/{name}", f"desk-{name}")
    page.locator(".asked a").first.click()
    camera.take("desk-request")
    page.get_by_role("button", name="Send the answer").click()
    camera.take("desk-request-errors")
    page.get_by_label("Your answer").fill("Thank you for writing. Please call us.")
    page.get_by_role("button", name="Send the answer").click()
    camera.take("desk-requests-done")


def website(camera: Camera) -> None:
    """The manager writes what visitors read."""
    page = camera.page
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill("admin@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/desk")
    camera.open("/desk/site", "site-texts")
    camera.open("/desk/site/person/okafor", "site-person")
    page.get_by_label("What they are good at").fill("")
    page.get_by_role("button", name="Save").click()
    camera.take("site-person-errors")
    camera.open("/desk/site/condition/buttock-pain", "site-condition")
    page.get_by_role("button", name="Preview").click()
    camera.take("site-condition-preview")
    camera.open("/desk/site/new", "site-new")


def staff_accounts(camera: Camera) -> None:
    """A manager's own account, the second factor, and the people who work here."""
    page = camera.page
    camera.open("/sign-in/forgotten", "forgotten")
    sign_in(page, "admin@example.com", then="/account")
    camera.take("account")
    camera.open("/account/password", "account-password")
    camera.open("/account/confirm", "account-confirm")
    camera.open("/desk/staff", "staff")
    page.get_by_role("link", name="Invite somebody").click()
    camera.take("staff-invite")
    page.get_by_label("Name").fill("Robin Sample")
    page.get_by_label("E-mail address").fill(f"robin{camera.width}@example.com")
    page.get_by_role("button", name="Send the invitation").click()
    camera.take("staff-link")
    page.goto("/desk/staff")
    page.locator(".staff a").nth(1).click()
    camera.take("staff-one")


def second_factor(camera: Camera) -> None:
    """The app set up and asked for; another person at each width, it is set up once."""
    page = camera.page
    email = "lab@example.com" if camera.width == WIDTHS[0] else "clinician@example.com"
    sign_in(page, email, then="/account")
    page.goto("/account/second-factor")
    camera.take("second-factor-none")
    page.get_by_role("button", name="Set up an app").click()
    camera.take("second-factor-begun")
    key = page.locator(".key").inner_text().replace(" ", "")
    page.get_by_label("Code", exact=True).fill(TOTP(key).at(clock_of(page)))
    page.get_by_role("button", name="Take it into use").click()
    camera.take("second-factor-codes")
    page.get_by_role("link", name="I have kept them").click()
    camera.take("account-factor")
    page.get_by_role("button", name="Sign out", exact=True).first.click()
    sign_in(page, email, then="/account")
    camera.take("sign-in-code")
    page.get_by_role("link", name="Use a recovery code instead").click()
    camera.take("sign-in-recovery")


def family(camera: Camera) -> None:
    """A visit booked for a child; the parent signs in by a code and sees all that is kept."""
    page = camera.page
    email = f"robin{camera.width}@example.com"
    page.goto("/book/evaluation?practitioner=okafor&week=2026-12-07")
    page.locator("button.slot").first.click()
    page.get_by_role("link", name="For a child").click()
    camera.take("book-child")
    page.get_by_label("The child’s given name").fill("Noa")
    page.get_by_label("The child’s family name").fill(f"Sample{camera.width}")
    type_date(page, "The child’s date of birth", "4", "2", "2014")
    page.get_by_label("Your own name").fill("Robin Sample")
    page.get_by_label("Parent", exact=True).check()
    page.get_by_label("Your e-mail address").fill(email)
    type_date(page, "Your own date of birth", "7", "1", "1982")
    page.get_by_role("button", name="Book this visit").click()
    camera.open("/portal", "portal-sign-in")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Send me a code").click()
    camera.take("portal-code")
    page.get_by_label("Code", exact=True).fill(read_code(camera, email))
    type_date(page, "Your date of birth", "7", "1", "1982")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Sign out", exact=True).wait_for()
    camera.take("portal")
    page.get_by_role("link", name="Everything we keep").click()
    camera.take("portal-own-data")
    camera.open("/portal/contact", "portal-contact")
    page.get_by_label("E-mail address").fill(f"new.{email}")
    page.get_by_role("button", name="Save").click()
    camera.take("portal-contact-codes")
    sign_in(page, "desk@example.com", then="/desk/guardians")
    camera.take("guardians")
    camera.open("/desk/guardians/alone", "decide-alone")


def clock_of(page: Page) -> datetime:
    """The server's time."""
    return parsedate_to_datetime(page.request.get("/healthz").headers["date"])


def read_code(camera: Camera, email: str) -> str:
    """The code that was mailed to this address, once the worker has sent it."""
    box = camera.page.context.new_page()
    newest = box.locator(".mails li").filter(has_text=email).get_by_role("link", name="code").first
    for _ in range(30):
        box.goto(camera.mailbox)
        if newest.count():
            break
        box.wait_for_timeout(500)
    aside = Camera(box, camera.folder, camera.width, camera.mailbox)
    aside.take("mailbox")
    newest.click()
    aside.take("mailbox-mail")
    found = re.search(r"\b(\d{3}) ?(\d{3})\b", box.locator("pre").first.inner_text())
    box.close()
    return "".join(found.groups()) if found else ""


def type_date(page: Page, legend: str, *parts: str) -> None:
    """Month, day and year of a date in its group."""
    group = page.get_by_role("group", name=legend)
    for label, typed in zip(("Month", "Day", "Year"), parts, strict=True):
        group.get_by_label(label, exact=True).fill(typed)


def sign_in(page: Page, email: str, *, then: str) -> None:
    """Give the password of a demo account."""
    page.goto(f"/sign-in?next={then}")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


STORIES = (
    public_pages,
    booking,
    lapsed,
    family,
    requesting,
    asking_for_video,
    request_queue,
    desk,
    record,
    audit_trail,
    website,
    staff_accounts,
    second_factor,
)
