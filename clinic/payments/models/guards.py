"""What the database itself refuses about money, for both engines.

Migrations carry their own copy.
"""

from sqlalchemy.exc import IntegrityError

REFUNDS = "refunds_within_payment"
RECEIPTS = "receipts_without_gaps"
_TAKES = "('requested', 'pending', 'succeeded')"


def _sqlite_refunds(verb: str, columns: str, besides: str) -> str:
    return (
        f"CREATE TRIGGER {REFUNDS}_{verb.lower()} BEFORE {verb}{columns} ON refunds"  # noqa: S608
        f" WHEN NEW.state IN {_TAKES} AND NEW.cents + (SELECT coalesce(sum(cents), 0) FROM refunds"
        f" WHERE payment_id = NEW.payment_id AND state IN {_TAKES}{besides})"
        f" > (SELECT cents FROM payments WHERE id = NEW.payment_id)"
        f" BEGIN SELECT RAISE(ABORT, '{REFUNDS}'); END"
    )


REFUNDS_WITHIN_PAYMENT = {
    "sqlite": [
        _sqlite_refunds("INSERT", "", ""),
        _sqlite_refunds("UPDATE", " OF state, cents, payment_id", " AND id <> NEW.id"),
    ],
    "postgresql": [
        (
            f"CREATE FUNCTION {REFUNDS}() RETURNS trigger"  # noqa: S608
            " LANGUAGE plpgsql AS $$ BEGIN"
            " PERFORM 1 FROM payments WHERE id = NEW.payment_id FOR UPDATE;"
            f" IF NEW.state IN {_TAKES} AND NEW.cents"
            " + (SELECT coalesce(sum(cents), 0) FROM refunds"
            f" WHERE payment_id = NEW.payment_id AND state IN {_TAKES} AND id <> NEW.id)"
            " > (SELECT cents FROM payments WHERE id = NEW.payment_id)"
            f" THEN RAISE EXCEPTION '{REFUNDS}' USING ERRCODE = '23514', CONSTRAINT = '{REFUNDS}';"
            " END IF; RETURN NEW; END $$"
        ),
        (
            f"CREATE TRIGGER {REFUNDS} BEFORE INSERT OR UPDATE ON refunds"
            f" FOR EACH ROW EXECUTE FUNCTION {REFUNDS}()"
        ),
    ],
}
"""No refund, even one that is only asked for, takes more than is left of its payment."""

RECEIPTS_WITHOUT_GAPS = {
    "sqlite": [
        (
            f"CREATE TRIGGER {RECEIPTS} BEFORE INSERT ON receipts"  # noqa: S608
            " WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM receipts)"
            f" BEGIN SELECT RAISE(ABORT, '{RECEIPTS}'); END"
        ),
    ],
    "postgresql": [
        (
            f"CREATE FUNCTION {RECEIPTS}() RETURNS trigger"  # noqa: S608
            " LANGUAGE plpgsql AS $$ BEGIN"
            " IF NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM receipts)"
            f" THEN RAISE EXCEPTION '{RECEIPTS}'"
            f" USING ERRCODE = '23514', CONSTRAINT = '{RECEIPTS}';"
            " END IF; RETURN NEW; END $$"
        ),
        (
            f"CREATE TRIGGER {RECEIPTS} BEFORE INSERT ON receipts"
            f" FOR EACH ROW EXECUTE FUNCTION {RECEIPTS}()"
        ),
    ],
}
"""Each number is the one after the last."""


def is_refused_by(error: IntegrityError, guard: str) -> bool:
    """Whether that guard refused the row."""
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None:
        return bool(diagnosis.constraint_name == guard)
    return str(error.orig) == guard
