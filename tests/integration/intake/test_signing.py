"""Signatures: bound to what was shown, and found out when anything of it is changed."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select, text

from clinic.core.db import db, transaction
from clinic.intake.models import Signature
from clinic.intake.operations.completing import amend_response
from clinic.intake.operations.signing import (
    ChildsName,
    GuardianSigns,
    SignatureGiven,
    SignatureMissing,
    SignsOnPaper,
)
from clinic.intake.queries.responses import get_assigned
from clinic.intake.queries.signatures import has_consent, list_consents, verify_signatures
from clinic.intake.rules.parties import Author, Source
from tests.integration.intake.ground import ANA, NOW
from tests.integration.intake.signing import Signer


@pytest.fixture
def signer(in_app: Flask) -> Signer:
    return Signer()


@transaction
def tamper(statement: str) -> None:
    """What somebody with the database in their hands could do, triggers or not."""
    if db.engine.dialect.name == "sqlite":
        tables = ("signatures", "response_versions", "questionnaire_versions")
        found = db.session.execute(
            text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        ).scalars()
        for name in [one for one in found if one.startswith(tables)]:
            db.session.execute(text(f"DROP TRIGGER {name}"))
    else:
        db.session.execute(text("SET LOCAL session_replication_role = replica"))
    db.session.execute(text(statement))


class TestASignature:
    def test_binds_name_text_language_answers_moment_and_session(self, signer: Signer) -> None:
        done = signer.sign()
        row = db.session.scalars(select(Signature)).one()
        assert (row.signer, row.intent, row.language) == ("Ana Ruiz", "I sign this form.", "en")
        assert row.answers_sha256 == done.sha256
        assert row.signed_at == NOW
        assert "Ruiz" not in row.signer_sealed
        verdict = verify_signatures()
        assert (verdict.signatures, verdict.fault) == (1, None)

    def test_is_needed_to_hand_the_form_in(self, signer: Signer) -> None:
        nameless = SignatureGiven(" ", "I sign.", "en")
        for given in (None, nameless, SignatureGiven("Ana Ruiz", "  ", "en")):
            with pytest.raises(SignatureMissing):
                signer.sign(given)
        assert get_assigned(public_id=signer.assignment).is_open
        signer.sign()
        assert not get_assigned(public_id=signer.assignment).is_open

    def test_is_not_taken_on_the_screen_from_who_does_not_want_that(self, signer: Signer) -> None:
        with pytest.raises(SignsOnPaper):
            signer.sign(screen=False)
        assert get_assigned(public_id=signer.assignment).is_open
        signer.sign(screen=True)

    def test_of_a_minor_is_their_guardians(self, in_app: Flask) -> None:
        child = Signer(born=date(2015, 1, 1), given="Bo")
        with pytest.raises(GuardianSigns):
            child.sign()
        parent = Author(Source.GUARDIAN, "Ana Ruiz", ANA.actor)
        with pytest.raises(ChildsName):
            child.sign(SignatureGiven("bo  ruiz", "I sign.", "en"), author=parent)
        child.sign(author=parent)
        row = db.session.scalars(select(Signature)).one()
        assert (row.source, row.author) == ("guardian", "Ana Ruiz")

    def test_stays_under_what_was_signed_when_answers_change_later(self, signer: Signer) -> None:
        signer.sign()
        amend_response(
            response=signer.response,
            answers={"treatment-agree": [{"valueBoolean": False}]},
            reason="I changed my mind.",
            author=ANA,
            now=NOW,
        )
        verdict = verify_signatures()
        assert (verdict.signatures, verdict.fault) == (1, None)

    def test_says_what_was_agreed_to(self, signer: Signer) -> None:
        assert not has_consent(patient=signer.patient, name="treatment")
        signer.sign(video=False)
        found = {one.name: one.is_given for one in list_consents(patient=signer.patient)}
        assert found == {"treatment": True, "telehealth": False}
        assert has_consent(patient=signer.patient, name="treatment")
        assert not has_consent(patient=signer.patient, name="telehealth")


class TestVerifying:
    @pytest.mark.parametrize(
        ("statement", "words"),
        [
            ("UPDATE signatures SET signed_at = signed_at - {day}", "was changed"),
            ("UPDATE signatures SET author = 'Somebody else'", "was changed"),
            ("UPDATE signatures SET language = 'es'", "was changed"),
            ("UPDATE signatures SET answers_sha256 = shown_sha256", "was changed"),
            ("UPDATE signatures SET signer_sealed = intent_sealed", "altered"),
            ("DELETE FROM signatures", "is missing"),
            ("UPDATE response_versions SET answers_sealed = 'v1.test.AA.AA'", "does not open"),
            ("UPDATE response_versions SET sha256 = '{zeros}'", "was changed"),
            (
                (
                    "UPDATE questionnaire_versions SET definition = "
                    "replace(definition, 'treatment-agree', 'treatment-agrees')"
                ),
                "the form that was signed was changed",
            ),
        ],
    )
    def test_finds_a_record_that_was_tampered_with(
        self, app: Flask, statement: str, words: str
    ) -> None:
        with app.app_context():
            Signer().sign()
            is_sqlite = db.engine.dialect.name == "sqlite"
            day = "86400000000" if is_sqlite else "interval '1 day'"
            tamper(statement.format(day=day, zeros="0" * 64))
        done = app.test_cli_runner().invoke(args=["signatures", "verify"])
        assert done.exit_code == 1, done.output
        assert words in done.output

    def test_says_that_all_is_well(self, app: Flask) -> None:
        with app.app_context():
            Signer().sign()
        done = app.test_cli_runner().invoke(args=["signatures", "verify"])
        assert done.exit_code == 0, done.output
        assert "1 signatures" in done.output
