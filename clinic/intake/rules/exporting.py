"""The answers that count, as a FHIR QuestionnaireResponse: enabled ones, in the form's order."""

from typing import Any

from clinic.intake.rules.state import Answer, Place, State

_KEPT = [
    "resourceType",
    "id",
    "meta",
    "language",
    "identifier",
    "basedOn",
    "partOf",
    "questionnaire",
    "status",
    "subject",
    "encounter",
    "authored",
    "author",
    "source",
]


def effective_response(*, state: State, with_texts: bool = False) -> dict[str, Any]:
    """A new response without the answers of disabled items; the one in the state stays as it is.

    `with_texts` adds the wording that was asked. Misplaced answers stand where they belong.
    """
    return Effective(state, with_texts=with_texts).response


class Effective:
    """The same, with the new item of every place, by the place's order."""

    def __init__(self, state: State, *, with_texts: bool = False) -> None:
        """Build it."""
        self.response: dict[str, Any] = {key: state.raw[key] for key in _KEPT if key in state.raw}
        self.by_place: dict[int, dict[str, Any]] = {}
        self._answers: dict[int, list[dict[str, Any]]] = {}
        self._with_texts = with_texts
        for place in state.places:
            if place.raw is not None and place.is_enabled and place.item.type != "display":
                self.entry(place)

    def entry(self, place: Place) -> dict[str, Any] | None:
        """The place's item, made with those above it; None below a question without answers."""
        chain = []
        above: Place | None = place
        while above is not None and above.parent is not None and above.order not in self.by_place:
            chain.append(above)
            above = above.parent
        for one in reversed(chain):
            holder = self._holder(one)
            if holder is None:
                return None
            holder.setdefault("item", []).append(self._made(one))
        return self.by_place[place.order]

    def _holder(self, place: Place) -> dict[str, Any] | None:
        above = place.parent
        if above is None or above.parent is None:
            return self.response
        if place.answer_index is None:
            return None if above.item.is_question else self.by_place[above.order]
        answers = self._answers.get(above.order, [])
        return answers[place.answer_index] if place.answer_index < len(answers) else None

    def _made(self, place: Place) -> dict[str, Any]:
        made: dict[str, Any] = {"linkId": place.item.link_id}
        if self._with_texts and place.item.text:
            made["text"] = place.item.text
        if place.answers:
            made["answer"] = self._answers[place.order] = [_copied(a) for a in place.answers]
        self.by_place[place.order] = made
        return made


def _copied(answer: Answer) -> dict[str, Any]:
    return {key: value for key, value in answer.raw.items() if key != "item"}
