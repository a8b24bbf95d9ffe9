"""Ana, her two children, their other parent, and a stranger; and a browser that signs in."""

from datetime import date, datetime, timedelta

from flask import Flask
from sqlalchemy import select

from clinic.core.db import db
from clinic.core.values import PUBLIC
from clinic.people.models import Guardian, Patient
from clinic.people.rules.guardians import GuardianDetails
from clinic.people.rules.patients import PatientDetails
from clinic.portal.models import SignInCode
from clinic.scheduling.operations.booking import book_appointment
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.visits import Visit
from tests.support import codes
from tests.support.page_client import PageClient
from tests.support.page_clinic import NOW, local
from tests.support.pages import Page

SIGN_IN = "/portal/sign-in"
CODE = "/portal/sign-in/code"
ANA = ("ana@example.com", date(1984, 3, 14))
BEN = ("ben@example.com", date(1982, 7, 1))
ZOE = ("zoe@example.com", date(1990, 5, 5))
LEO_BORN = date(2008, 3, 10)  # eighteen in eight days
WRONG = "The code and the date of birth do not fit together. Check both."
OVER = "This code no longer works. Ask for a new one."


def settle() -> None:
    """Everybody books: Ana for herself and for Leo and Mia; Ben for Leo too; Zoe for herself."""
    book("2026-03-03 09:00", grown("Ana", "Beltran", ANA))
    book("2026-03-03 11:00", child("Leo", LEO_BORN, "Ana Beltran", ANA))
    book("2026-03-04 11:00", child("Mia", date(2015, 6, 1), "Ana Beltran", ANA))
    book("2026-03-05 13:00", grown("Zoe", "Quinn", ZOE))


def grown(given: str, family: str, who: tuple[str, date]) -> PatientDetails:
    """An adult."""
    return PatientDetails(given_name=given, family_name=family, birth_date=who[1], email=who[0])


def child(given: str, born: date, guardian: str, who: tuple[str, date]) -> PatientDetails:
    """A child with a guardian; the contact is the guardian's."""
    email, guardian_born = who
    return PatientDetails(
        given_name=given,
        family_name="Beltran",
        birth_date=born,
        email=email,
        guardian=GuardianDetails(
            name=guardian, birth_date=guardian_born, relation="parent", email=email
        ),
    )


def book(start: str, patient: PatientDetails, *, service: str = "eval") -> Visit:
    """Book as the public does, at the moment of these tests."""
    wish = Wish(service=service, starts_at=local(start), practitioner="okafor")
    return book_appointment(wish=wish, patient=patient, actor=PUBLIC, now=NOW)


def patient(app: Flask, given: str) -> Patient:
    """The record of that given name."""
    with app.app_context():
        return db.session.scalars(select(Patient).where(Patient.given_name == given)).one()


def guardians(app: Flask, given: str) -> list[Guardian]:
    """Who acts for the child of that given name, in the order they were named."""
    with app.app_context():
        wanted = select(Guardian).join(Patient, Patient.id == Guardian.patient_id)
        wanted = wanted.where(Patient.given_name == given).order_by(Guardian.id)
        return list(db.session.scalars(wanted))


def sent_codes(app: Flask, *, at: datetime = NOW) -> list[str]:
    """The codes in all mails, the newest last."""
    return codes.sent_codes(app, at=at)


def ask(pages: PageClient, email: str = ANA[0], *, status: int = 200, after: str = "") -> Page:
    """Ask for a code; the browser stands before the code's page."""
    pages.get(f"{SIGN_IN}?next={after}" if after else SIGN_IN)
    return pages.submit({"email": email}, action=SIGN_IN, status=status)


def give(
    pages: PageClient,
    code: str,
    born: date = ANA[1],
    *,
    status: int = 200,
    follow: bool = True,
) -> Page:
    """Type the code and a birth date."""
    values = {
        "code": code,
        "birth_date-day": str(born.day),
        "birth_date-month": str(born.month),
        "birth_date-year": str(born.year),
    }
    return pages.submit(values, action=CODE, status=status, follow=follow)


def sign_in(app: Flask, pages: PageClient, who: tuple[str, date] = ANA, after: str = "") -> Page:
    """Sign in; answers the page one lands on."""
    ask(pages, who[0], after=after)
    return give(pages, sent_codes(app)[-1], who[1])


def other_than(code: str) -> str:
    """A code that is not this one."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


def rows(app: Flask) -> list[SignInCode]:
    """Every code that was asked for."""
    with app.app_context():
        return list(db.session.scalars(select(SignInCode).order_by(SignInCode.id)))


def later(**span: int) -> datetime:
    """That much after the moment of these tests."""
    return NOW + timedelta(**span)
