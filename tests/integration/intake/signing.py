"""A patient who signs consents."""

from datetime import date

from clinic.intake.operations.completing import Completed, complete_response
from clinic.intake.operations.signing import SignatureGiven
from clinic.intake.queries.responses import get_assigned
from clinic.intake.rules.parties import Author
from clinic.intake.rules.signed import SIGNATURE_REQUIRED
from tests.integration.intake.ground import (
    ANA,
    NOW,
    add_patient,
    ask,
    group,
    publish,
    question,
    save,
    small_form,
)

GIVEN = SignatureGiven("Ana  Ruiz", "I sign this form.", "en")
PAGES = [
    group("treatment", question("treatment-agree", "boolean", required=True)),
    group(
        "telehealth",
        question("telehealth-agree", "boolean"),
        question("electronic-agree", "boolean"),
    ),
]


def signed_form(slug: str) -> dict[str, object]:
    """A form that is signed; ``slug`` names it."""
    extension = [{"url": SIGNATURE_REQUIRED, "valueCodeableConcept": {"text": "Consent"}}]
    url = f"https://forms.example/Questionnaire/{slug}"
    return {**small_form(items=PAGES), "url": url, "extension": extension}


class Signer:
    """A patient with the form of consents before them."""

    def __init__(
        self, *, born: date = date(1985, 5, 4), given: str = "Ana", slug: str = "small"
    ) -> None:
        self.form = publish(signed_form(slug))
        self.patient = add_patient(given=given, born=born)
        self.assignment = ask(self.patient, slug=slug)
        self.response = ""

    def sign(
        self,
        signature: SignatureGiven | None = GIVEN,
        *,
        author: Author = ANA,
        video: bool = True,
        screen: bool | None = None,
    ) -> Completed:
        """Answer the pages and hand the form in."""
        given = {"treatment-agree": True, "telehealth-agree": video}
        if screen is not None:
            given["electronic-agree"] = screen
        answers = {name: [{"valueBoolean": yes}] for name, yes in given.items()}
        response = get_assigned(public_id=self.assignment).response
        base = response.version if response is not None else 0
        saved = save(self.assignment, answers, form=self.form, base=base)
        self.response = saved.response
        return complete_response(
            response=saved.response,
            version=saved.version,
            author=author,
            now=NOW,
            signature=signature,
        )
