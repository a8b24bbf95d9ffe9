"""What the pictures tell of selling: the catalogue, orders in every state, desk and money."""

import re
from datetime import date

from clinic.setup.demo.people import patients
from tools.stories import Camera, sign_in, type_date


def selling(camera: Camera) -> None:
    """What is sold, the form to buy it, and the desk's pages about orders and money."""
    page = camera.page
    camera.open("/gait", "gait")
    camera.open("/gait/buy/gait-3d", "gait-buy")
    sign_in(page, "admin@example.com", then="/desk/orders")
    camera.open("/desk/orders", "desk-orders-tasks")
    bought_orders(camera)
    camera.open("/desk/orders/new", "desk-sale")
    page.get_by_label("Walking analysis").check()
    page.get_by_label("Given name").fill("Jordan")
    page.get_by_label("Family name").fill(f"Bought{camera.width}")
    for part, typed in (("Month", "3"), ("Day", "14"), ("Year", "1984")):
        page.get_by_label(part, exact=True).fill(typed)
    page.get_by_label("E-mail address").fill("jordan@example.com")
    page.get_by_label("Cash, now").check()
    page.get_by_role("button", name="Make the order").click()
    camera.take("desk-order-paid")
    page.locator("button.slot").first.click()
    camera.take("desk-order-scheduled")
    camera.open("/desk/orders?show=all", "desk-orders")
    camera.open("/desk/money", "desk-money")
    camera.open("/desk/products", "desk-products")
    camera.open("/desk/products/gait-3d", "desk-product")


def bought_orders(camera: Camera) -> None:
    """An order of each state, at the desk and as its buyer finds it; signed in at the desk."""
    page = camera.page
    born = {f"{one.given_name} {one.family_name}": one.birth_date for one in patients()}
    page.goto("/desk/orders?show=all")
    rows = page.locator("table tbody tr")
    seen: dict[str, tuple[str, str, str]] = {}
    for row in rows.all():
        cells = [one.inner_text().strip() for one in row.locator("td").all()]
        link = row.get_by_role("link").first.get_attribute("href") or ""
        if cells[0] not in born:
            continue  # of an earlier walk
        seen.setdefault(cells[2].split("\n")[0], (link, cells[0], cells[4]))
    for state, (link, name, code) in seen.items():
        kind = re.sub(r"[^a-z]+", "-", state.lower()).strip("-")
        camera.open(link, f"desk-order-{kind}")
        buyer_page(camera, code, born[name])
        camera.take(f"order-{kind}")


def buyer_page(camera: Camera, code: str, born: date) -> None:
    """Find the order as who bought it does: by its code and a birth date."""
    page = camera.page
    page.goto("/payments/success")
    page.get_by_label("Order code").fill(code)
    parts = (str(born.month), str(born.day), str(born.year))
    type_date(page, "Date of birth of whoever comes", *parts)
    page.get_by_role("button", name="Show the order").click()


def keeping_order(camera: Camera) -> None:
    """What a manager looks through: messages and their words, two records, how requests went."""
    page = camera.page
    sign_in(page, "admin@example.com", then="/desk/messages")
    page.wait_for_url("**/desk/messages")
    camera.take("desk-messages")
    camera.open("/desk/messages/kinds", "desk-message-kinds")
    camera.open("/desk/messages/kinds/visit-moved", "desk-message-kind")
    camera.open("/desk/numbers/requests", "desk-numbers-requests")
    camera.open("/desk/orders/balance", "desk-balance")
    page.goto("/desk/duplicates")
    page.get_by_role("link", name="Compare").first.click()
    camera.take("desk-merge-compare")


SELLING = (selling, keeping_order)
