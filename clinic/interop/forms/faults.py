"""Faults by path, collected so that a caller sees all of them at once."""

from collections.abc import Mapping

from clinic.core.errors import Invalid


class Faults:
    """What is wrong with a request: the path of each field with its sentences."""

    def __init__(self) -> None:
        self.errors: dict[str, list[str]] = {}

    def add(self, path: str, sentence: str) -> None:
        """Note a sentence at a path, once."""
        sentences = self.errors.setdefault(path, [])
        if sentence not in sentences:
            sentences.append(sentence)

    def add_new(self, errors: Mapping[str, list[str]]) -> None:
        """Note the faults of fields that have none so far: the first one says enough."""
        known = set(self.errors)
        for path, sentences in errors.items():
            if path not in known:
                self.errors[path] = list(sentences)

    def refuse(self) -> None:
        """Raise Invalid if anything was noted."""
        if self.errors:
            raise Invalid(self.errors)
