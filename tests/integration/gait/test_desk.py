"""Orders at the desk and in the lab, by whoever may; the released report read by its patient."""

import io
import json
from collections.abc import Callable

import pytest
from sqlalchemy import select

from clinic.core.audit import AuditEntry
from clinic.core.db import db
from clinic.core.values import Actor, Role
from clinic.documents import vault
from clinic.gait.views import desk_orders
from clinic.messaging.models import Message
from clinic.people.models import Patient
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.rules.status import Action
from clinic.web.pdf import render_pdf
from sandbox.stripe.state import Faults
from tests.integration.gait.conftest import DETAILS, TUESDAY_TEN, Buyer, status_of
from tests.integration.payments.conftest import Shop
from tests.support.codes import sent_codes
from tests.support.page_client import PageClient
from tests.unit.documents.test_lab_files import recording
from tests.unit.web.test_pdf import MADE, data

NEW, BALANCE = "/desk/orders/new", "/desk/orders/balance"
DESK = Actor(kind="staff", name="Kim", role=Role.FRONT_DESK)
Staff = Callable[[Role], PageClient]
REPORT = render_pdf("receipt", data=data(), made_at=MADE)


def messages(shop: Shop) -> list[str]:
    """The kinds of everything posted so far, in order."""
    with shop.app.app_context():
        return list(db.session.scalars(select(Message.kind).order_by(Message.id)))


def hand_in(
    pages: PageClient, order: str, content: bytes, *, name: str = "report.pdf", status: int = 200
) -> None:
    """Choose a file in the form of the order's page and send it."""
    form = pages.get(f"/desk/orders/{order}").form(f"/desk/orders/{order}/report")
    upload = (io.BytesIO(content), name)
    answer = pages.client.post(
        form.action,
        data={**form.values, "report": upload},
        content_type="multipart/form-data",
        follow_redirects=True,
    )
    assert answer.status_code == status, answer.text[:500]


def released(staff: Staff, order: str) -> PageClient:
    """The lab records the visit, hands in the report and releases it."""
    lab = staff(Role.GAIT_LAB)
    lab.get(f"/desk/orders/{order}")
    lab.submit({"do": "recorded"}, action=f"/desk/orders/{order}/lab")
    hand_in(lab, order, REPORT)
    lab.get(f"/desk/orders/{order}")
    lab.submit({"do": "released"}, action=f"/desk/orders/{order}/lab")
    return lab


class TestList:
    def test_shows_orders_and_what_needs_a_person(self, buyer: Buyer, staff: Staff) -> None:
        order = buyer.buy()
        buyer.get(buyer.pay(order, amount_total=100, amount_subtotal=100))
        for role in (Role.ADMIN, Role.FRONT_DESK, Role.GAIT_LAB):
            desk = staff(role)
            page = desk.get("/desk/orders")
            assert "The payment does not fit the order" in page.text
            assert f"/desk/orders/{order}" in page.links()
            assert "Ada Lovelace" in desk.get("/desk/orders?show=open").text
            assert "No order here." in desk.get("/desk/orders?show=released").text

    def test_lets_cashiers_settle_what_no_order_bears_with_a_word(
        self, staff: Staff, shop: Shop
    ) -> None:
        for number in (1, 2):
            about = {"object": "payout", "id": f"po_{number}"}
            shop.double.deliver(shop.app, shop.double.state.emit("payout.failed", about))
        shop.work()
        assert "/tasks/" not in staff(Role.GAIT_LAB).get("/desk/orders").html
        desk = staff(Role.FRONT_DESK)
        page = desk.get("/desk/orders")
        assert "po_1" in page.text
        first, second = (form.action for form in page.forms if "/tasks/" in form.action)
        late = page.form(second)
        page = desk.submit({"note": "  "}, action=first, status=422)
        assert page.title.startswith("Error: ")
        page = desk.submit({"note": "The bank has our new account"}, action=first)
        assert "Taken off the list." in page.text
        assert first not in page.html
        assert "The bank has our new account" in page.text.split("Settled last")[1]
        page = desk.submit({"do": "retry"}, action=second)
        assert "It is tried again." in page.text
        shop.work()
        assert "po_2" in desk.get("/desk/orders").text.split("Settled last")[0]
        desk.post(second, {**late.values, "note": "From a page that was open too long"})
        with shop.app.app_context():
            told = select(AuditEntry.actor_name).where(AuditEntry.action == "task.settled")
            assert len(db.session.scalars(told).all()) == 2

    def test_goes_on_from_page_to_page(
        self, buyer: Buyer, staff: Staff, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(desk_orders, "PAGE", 3)
        for letter in "abcde":
            buyer.buy(given_name=f"Ada{letter}")
        desk = staff(Role.FRONT_DESK)
        page = desk.get("/desk/orders?show=all")
        more = next(link for link in page.links() if "after=" in link)
        first = {link for link in page.links() if link.startswith("/desk/orders/")}
        second = {link for link in desk.get(more).links() if link.startswith("/desk/orders/")}
        assert len(second - first) == 2

    def test_begins_anew_at_a_place_that_is_none(self, staff: Staff) -> None:
        desk = staff(Role.FRONT_DESK)
        for place in ("x", "-", "9" * 30, "1-x", "99999999999999999-1"):
            desk.get(f"/desk/orders?show=all&after={place}")


class TestOrder:
    def test_gives_back_once_however_often_it_is_pressed(
        self, buyer: Buyer, staff: Staff, shop: Shop
    ) -> None:
        order, desk = buyer.bought(), staff(Role.FRONT_DESK)
        form = desk.get(f"/desk/orders/{order}").form(f"/desk/orders/{order}/refund")
        typed = {**form.values, "amount": "50", "reason": "Waited long"}
        for _ in range(2):
            desk.post(form.action, typed)
        assert shop.double.net(order) == 30_000
        assert "Waited long" in desk.page.text

    def test_refuses_amounts_that_cannot_be(self, buyer: Buyer, staff: Staff, shop: Shop) -> None:
        order, desk = buyer.bought(), staff(Role.ADMIN)
        refund = f"/desk/orders/{order}/refund"
        for amount, reason, status in (
            *(("", "x", 422), ("1e3", "x", 422), ("-5", "x", 422)),
            *(("50", "", 422), ("351", "x", 409)),
        ):
            desk.get(f"/desk/orders/{order}")
            desk.submit({"amount": amount, "reason": reason}, action=refund, status=status)
        assert shop.double.net(order) == 35_000

    def test_lets_staff_give_back_more_than_the_rule_with_their_name(
        self, buyer: Buyer, staff: Staff, shop: Shop
    ) -> None:
        order, desk = buyer.bought(TUESDAY_TEN), staff(Role.FRONT_DESK)
        page = desk.get(f"/desk/orders/{order}")
        assert "If cancelled now: $175 goes back." in page.text
        typed = {"why": "Our treadmill is broken", "back": "350"}
        page = desk.submit(typed, action=f"/desk/orders/{order}/cancel")
        assert "Our treadmill is broken" in page.text
        assert status_of(shop, order)[0] == "cancelled"

    def test_books_the_lab_for_a_paid_order(self, buyer: Buyer, staff: Staff, shop: Shop) -> None:
        order, desk = buyer.bought(), staff(Role.GAIT_LAB)
        desk.get(f"/desk/orders/{order}")
        page = desk.submit({"at": TUESDAY_TEN}, action=f"/desk/orders/{order}/schedule")
        assert "The lab time is booked." in page.text
        assert status_of(shop, order) == ("scheduled", "paid")

    def test_shows_no_visit_that_the_clinic_called_off(
        self, buyer: Buyer, staff: Staff, shop: Shop
    ) -> None:
        order = buyer.bought(TUESDAY_TEN)
        visit = shop.seen(order)["appointment"]
        with shop.app.app_context():
            take_step(
                public_id=visit, action=Action.CANCEL, actor=DESK, now=shop.now, reason="Leak"
            )
        page = buyer.get(f"/gait/orders/{order}")
        assert page.h1 == "Now choose your lab time."
        assert "We had to call your lab visit off." in page.text
        assert "The visit’s page" not in page.text
        told = staff(Role.FRONT_DESK).get(f"/desk/orders/{order}").text
        assert "The lab visit was cancelled: paid, and without a time" in told

    def test_says_why_a_day_has_no_lab_times(self, buyer: Buyer, staff: Staff) -> None:
        order = buyer.bought()
        page = staff(Role.FRONT_DESK).get(f"/desk/orders/{order}")
        assert "The lab is not staffed on this day." in page.text

    def test_keeps_notes_and_takes_tasks_off_the_list(
        self, buyer: Buyer, staff: Staff, shop: Shop
    ) -> None:
        order = buyer.buy()
        buyer.get(buyer.pay(order, amount_total=100, amount_subtotal=100))
        desk = staff(Role.FRONT_DESK)
        page = desk.get(f"/desk/orders/{order}")
        desk.submit({"note": "Called her."}, action=f"/desk/orders/{order}/note")
        assert "Called her." in desk.page.text
        typed = {"amount": "1", "reason": "It was too little"}
        desk.submit(typed, action=f"/desk/orders/{order}/refund")
        task = next(f.action for f in page.forms if "/tasks/" in f.action)
        page = desk.submit({"note": "She pays again"}, action=task)
        assert "She pays again" in page.text
        assert shop.seen(order)["tasks"] == []

    def test_accepts_the_amount_that_came_with_a_reason(
        self, buyer: Buyer, staff: Staff, shop: Shop
    ) -> None:
        order = buyer.buy(TUESDAY_TEN)
        buyer.get(buyer.pay(order, amount_total=30_000, amount_subtotal=30_000))
        desk, accept = staff(Role.FRONT_DESK), f"/desk/orders/{order}/accept"
        lab = staff(Role.GAIT_LAB).get(f"/desk/orders/{order}")
        assert accept not in {form.action for form in lab.forms}
        desk.get(f"/desk/orders/{order}")
        page = desk.submit({"accepted": " "}, action=accept, status=422)
        assert "Say why" in page.text
        page = desk.submit({"accepted": "Price agreed by phone"}, action=accept)
        assert "Accepted. The order is paid." in page.text
        assert "Price agreed by phone" in page.text
        assert any("/receipts/" in link for link in page.links())
        assert shop.stand(order) == ("scheduled", "paid", [])

    def test_offers_each_role_only_what_it_may(self, buyer: Buyer, staff: Staff) -> None:
        order = buyer.bought(TUESDAY_TEN)

        def steps(role: Role) -> set[str]:
            page = staff(role).get(f"/desk/orders/{order}")
            return {form.action.rsplit("/", 1)[-1] for form in page.forms} & {
                *("refund", "cancel", "report", "note", "lab")
            }

        assert steps(Role.FRONT_DESK) == {"refund", "cancel", "note"}
        assert steps(Role.GAIT_LAB) == {"report", "note", "lab"}


class TestSale:
    def test_takes_cash_and_gives_a_receipt(self, staff: Staff, shop: Shop) -> None:
        desk = staff(Role.FRONT_DESK)
        desk.get("/desk/orders/new")
        page = desk.submit(
            {**DETAILS, "product": "gait-3d", "how": "cash"}, action="/desk/orders/new"
        )
        assert "Paid, cash" in page.text
        assert any("/receipts/" in link for link in page.links())
        assert shop.double.state.calls == []
        page = desk.get(next(link for link in page.links() if link.startswith("/desk/patients/")))
        desk.get(next(link for link in page.links() if link.startswith("/desk/orders/new?")))
        known = desk.page.form("/desk/orders/new").values
        told = {name: value for name, value in DETAILS.items() if name in known}
        assert len(told) == 6
        assert {name: known[name] for name in told} == {one: [told[one]] for one in told}

    def test_mails_a_link_that_is_paid_on_the_same_page(
        self, staff: Staff, buyer: Buyer, shop: Shop
    ) -> None:
        desk = staff(Role.FRONT_DESK)
        desk.get("/desk/orders/new")
        page = desk.submit(
            {**DETAILS, "product": "gait-3d", "how": "link"}, action="/desk/orders/new"
        )
        order = page.path.split("/")[3].split("?")[0]
        assert messages(shop) == ["order-link"]
        with shop.app.app_context():
            message = db.session.scalars(select(Message)).one()
            link = str(json.loads(message.context or "{}")["link"])
            told = f"/desk/messages/{message.public_id}"
        assert told in desk.get(f"/desk/orders/{order}").links()
        assert told not in staff(Role.GAIT_LAB).get(f"/desk/orders/{order}").links()
        page = buyer.get(link)
        assert page.path == f"/gait/orders/{order}"
        buyer.submit({}, action=f"/gait/orders/{order}/pay", status=303, follow=False)
        assert buyer.get(buyer.pay(order)).h1 == "Now choose your lab time."

    def test_asks_for_the_balance_of_a_visit(self, staff: Staff, buyer: Buyer, shop: Shop) -> None:
        """From the record it is one of the patient's visits; elsewhere its reference is typed."""
        buyer.bought(TUESDAY_TEN)
        reference = buyer.page.text.split("Reference")[1].strip()[:7]
        with shop.app.app_context():
            path = f"/desk/patients/{db.session.scalars(select(Patient.public_id)).one()}"
        desk = staff(Role.FRONT_DESK)
        link = next(one for one in desk.get(path).links() if one.startswith(BALANCE))
        assert "10:00 AM, Gait analysis" in desk.get(link).text
        assert "Choose a visit." in desk.submit({"amount": "20"}, action=BALANCE, status=422).text
        assert "$20" in desk.submit({"visit": reference, "amount": "20"}, action=BALANCE).text
        assert messages(shop)[-1] == "order-link"
        desk.get(BALANCE)
        desk.submit({"reference": "KX4-7QM", "amount": "20"}, action=BALANCE, status=422)
        assert "$20" in desk.submit({"reference": reference, "amount": "20"}, action=BALANCE).text


class TestReport:
    def test_opens_for_its_patient_after_a_sign_in_only(
        self, buyer: Buyer, staff: Staff, shop: Shop
    ) -> None:
        order = buyer.bought(TUESDAY_TEN)
        shop.later(days=1, hours=2)
        released(staff, order)
        assert "report-released" in messages(shop)
        page = buyer.get(f"/gait/orders/{order}")
        assert page.h1 == "Your report is ready."
        link = next(link for link in page.links() if "/reports/" in link)
        assert buyer.client.get(link).status_code == 303
        sign_in(buyer, shop)
        answer = buyer.client.get(link)
        assert answer.data.startswith(b"%PDF-")
        assert "attachment" in answer.headers["Content-Disposition"]
        with shop.app.app_context():
            vault.remove_file(public_id=link.rsplit("/", 1)[1])
        assert "Please call us" in buyer.get(link, status=503).text

    def test_comes_with_the_files_of_the_lab_as_downloads(
        self, buyer: Buyer, staff: Staff, shop: Shop
    ) -> None:
        order, lab = buyer.bought(TUESDAY_TEN), staff(Role.GAIT_LAB)
        lab.get(f"/desk/orders/{order}")
        lab.submit({"do": "recorded"}, action=f"/desk/orders/{order}/lab")
        hand_in(lab, order, b"Time,Knee\n0,=1+1\n", name="angles.csv", status=422)
        hand_in(lab, order, b"Time,Knee\n0,12\n", name="angles.csv")
        typed = {"do": "released"}
        page = lab.get(f"/desk/orders/{order}")
        assert "Release the report" not in page.text  # a recording is none
        hand_in(lab, order, recording(), name="../Walk 1.C3D")
        hand_in(lab, order, REPORT)
        page = lab.get(f"/desk/orders/{order}")
        link = [link for link in page.links() if "/desk/documents/" in link][-1]
        answer = lab.client.get(link)
        assert answer.mimetype == "application/octet-stream"
        assert "attachment" in answer.headers["Content-Disposition"]
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        lab.submit(typed, action=f"/desk/orders/{order}/lab")
        page = buyer.get(f"/gait/orders/{order}")
        assert "Walk 1.c3d" in page.text.split("Files of the lab")[1]
        sign_in(buyer, shop)
        links = [link for link in page.links() if "/reports/" in link]
        got = [buyer.client.get(link) for link in links]
        assert [one.mimetype for one in got] == [
            *("application/pdf", "application/octet-stream", "application/octet-stream"),
        ]
        assert got[2].data == recording()

    def test_is_read_by_no_other_patient_and_not_before_its_release(
        self, buyer: Buyer, staff: Staff, shop: Shop
    ) -> None:
        order = buyer.bought(TUESDAY_TEN)
        lab = released(staff, order)
        link = next(
            link for link in buyer.get(f"/gait/orders/{order}").links() if "/reports/" in link
        )
        other = Buyer(shop)
        other.bought(given_name="Grace", email="grace@example.com")
        sign_in(other, shop, email="grace@example.com")
        assert other.client.get(link).status_code == 404
        lab.submit({"do": "taken-back"}, action=f"/desk/orders/{order}/lab")
        sign_in(buyer, shop)
        assert buyer.client.get(link).status_code == 404
        assert "/reports/" not in buyer.get(f"/gait/orders/{order}").html

    def test_cannot_be_released_when_there_is_none(
        self, buyer: Buyer, staff: Staff, shop: Shop
    ) -> None:
        order, lab = buyer.bought(TUESDAY_TEN), staff(Role.GAIT_LAB)
        lab.get(f"/desk/orders/{order}")
        lab.submit({"do": "recorded"}, action=f"/desk/orders/{order}/lab")
        typed = {"do": "released"}
        page = lab.submit(typed, action=f"/desk/orders/{order}/lab", status=409)
        assert "Hand in the report first" in page.text
        assert status_of(shop, order)[0] == "recorded"

    def test_is_refused_where_it_is_no_file_of_ours(self, buyer: Buyer, staff: Staff) -> None:
        order, lab = buyer.bought(TUESDAY_TEN), staff(Role.GAIT_LAB)
        for content in (b"", b"MZ no report", b"%PDF-1.4 cut off"):
            hand_in(lab, order, content, status=422)
        assert "report.pdf" not in lab.get(f"/desk/orders/{order}").text


def sign_in(buyer: Buyer, shop: Shop, *, email: str = "ada@example.com") -> None:
    """Sign in by the code from the mail and the birth date."""
    buyer.get("/portal/sign-in")
    buyer.submit({"email": email})
    born = {name: DETAILS[name] for name in DETAILS if name.startswith("birth_date")}
    buyer.submit({"code": sent_codes(shop.app, at=shop.now)[-1], **born})


class TestSilence:
    def test_keeps_a_refund_going_where_the_payment_service_is_silent(
        self, buyer: Buyer, staff: Staff, shop: Shop
    ) -> None:
        order, desk = buyer.bought(), staff(Role.FRONT_DESK)
        shop.double.state.faults = Faults(error=10)
        desk.get(f"/desk/orders/{order}")
        typed = {"amount": "50", "reason": "Waited long"}
        page = desk.submit(typed, action=f"/desk/orders/{order}/refund")
        assert "$50 waits for Stripe’s answer" in page.text
