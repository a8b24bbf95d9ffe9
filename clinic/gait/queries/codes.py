"""The code of an order: short enough for the phone, and proof enough with a birth date.

It is the order's number in disguise, as a visit's reference is, and four signs that follow from
its public id, which is random: whoever guesses codes has to guess those too, and a birth date.
"""

import hmac
from datetime import date
from hashlib import sha256

from sqlalchemy import select

from clinic.core.db import db
from clinic.payments.models import Order
from clinic.payments.queries.orders import OrderSeen, get_order
from clinic.people.models import Patient
from clinic.scheduling.rules.reference import SIGNS, number_of, reference_of

PROOF_SIGNS = 4
REFERENCE_SIGNS = 6
LONGEST_TYPED = 40


def order_code(order: OrderSeen) -> str:
    """`KX4-7QM-9TFR`."""
    return f"{reference_of(order.order_id)}-{_proof(order.public_id)}"


def find_order_by_code(*, code: str, birth_date: date) -> OrderSeen | None:
    """The order of a code as somebody typed it, if its patient was born that day; else None."""
    signs = "".join(sign for sign in code.upper()[:LONGEST_TYPED] if sign in SIGNS)
    number = number_of(signs[:REFERENCE_SIGNS])
    if number is None or len(signs) != REFERENCE_SIGNS + PROOF_SIGNS:
        return None
    wanted = (
        select(Order.public_id)
        .join(Patient, Patient.id == Order.patient_id)
        .where(Order.id == number, Patient.birth_date == birth_date)
    )
    found = db.session.scalar(wanted)
    if found is None or not hmac.compare_digest(_proof(found), signs[REFERENCE_SIGNS:]):
        return None
    return get_order(found)


def find_order_of_code(code: str) -> OrderSeen | None:
    """The order of a whole code as somebody typed it, for staff; None when there is none."""
    signs = "".join(sign for sign in code.upper()[:LONGEST_TYPED] if sign in SIGNS)
    if len(signs) != REFERENCE_SIGNS + PROOF_SIGNS:
        return None
    number = number_of(signs[:REFERENCE_SIGNS])
    found = db.session.scalar(select(Order.public_id).where(Order.id == number))
    if found is None or not hmac.compare_digest(_proof(found), signs[REFERENCE_SIGNS:]):
        return None
    return get_order(found)


def _proof(public_id: str) -> str:
    value = int.from_bytes(sha256(f"order code {public_id}".encode()).digest())
    signs = []
    for _ in range(PROOF_SIGNS):
        value, rest = divmod(value, len(SIGNS))
        signs.append(SIGNS[rest])
    return "".join(signs)
