"""`questionnaire check | enabled | safety` as people type them."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from clinic.intake import library
from clinic.intake.commands import questionnaire as command
from clinic.intake.rules.reading import write_json
from tests.unit.intake.builders import (
    answered,
    fill,
    item,
    questionnaire,
    response,
    when,
)


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def writer(name: str, value: Any) -> str:
        path = tmp_path / name
        text = value if isinstance(value, str) else write_json(value)
        path.write_text(text, encoding="utf-8")
        return str(path)

    return writer


def run(*words: str) -> Result:
    return CliRunner().invoke(command, list(words))


def outcome(result: Result) -> list[dict[str, Any]]:
    told = json.loads(result.stdout)
    assert told["resourceType"] == "OperationOutcome"
    issues: list[dict[str, Any]] = told["issue"]
    assert issues
    return issues


class TestCheck:
    def test_is_content_with_a_sound_form(self, write: Any) -> None:
        result = run("check", write("q.json", questionnaire(item("a"))))
        assert result.exit_code == 0
        assert [issue["severity"] for issue in outcome(result)] == ["information"]

    def test_is_content_with_warnings(self, write: Any) -> None:
        form = questionnaire({**item("a"), "text": "<b>Name</b>"})
        result = run("check", write("q.json", form))
        assert result.exit_code == 0
        assert outcome(result)[0]["severity"] == "warning"

    def test_exits_1_on_an_error_and_says_where(self, write: Any) -> None:
        form = write("q.json", questionnaire(item("a", required=True)))
        result = run("check", form, write("r.json", response(answered("a"))))
        assert result.exit_code == 1
        issue = next(one for one in outcome(result) if one["severity"] == "error")
        assert issue["code"] == "required"
        assert issue["expression"] == ["QuestionnaireResponse.item[0]"]
        assert issue["details"]["text"].endswith(".")

    def test_exits_1_on_what_is_no_json(self, write: Any) -> None:
        result = run("check", write("q.json", "{nope"))
        assert result.exit_code == 1
        assert outcome(result)[0]["severity"] == "fatal"

    def test_exits_2_when_a_file_cannot_be_read(self, write: Any, tmp_path: Path) -> None:
        sound = write("q.json", questionnaire(item("a")))
        for words in ((str(tmp_path / "none.json"),), (str(tmp_path),), (sound, str(tmp_path))):
            result = run("check", *words)
            assert result.exit_code == 2
            assert outcome(result)[0]["severity"] == "fatal"


class TestEnabled:
    def test_lists_links_in_document_order(self, write: Any) -> None:
        form = questionnaire(item("b", "boolean"), item("c", enableWhen=[when("b")]), item("a"))
        path = write("q.json", form)
        assert enabled(path, write("r.json", response())) == ["b", "a"]
        answers = response(answered("b", {"valueBoolean": True}))
        assert enabled(path, write("r.json", answers)) == ["b", "c", "a"]

    def test_uses_a_faulty_definition_as_far_as_it_goes(self, write: Any) -> None:
        form = questionnaire(item("a"), item("a"), item("b", "nonsense"))
        assert enabled(write("q.json", form), write("r.json", response())) == ["a", "b"]

    def test_exits_1_with_an_outcome_on_something_else(self, write: Any) -> None:
        form, other = write("q.json", questionnaire(item("a"))), write("x.json", {})
        for words in ((other, write("r.json", response())), (form, other)):
            result = run("enabled", *words)
            assert result.exit_code == 1
            assert outcome(result)[0]["severity"] == "fatal"


def enabled(*words: str) -> list[str]:
    result = run("enabled", *words)
    assert result.exit_code == 0
    found: list[str] = json.loads(result.stdout)
    return found


class TestSafety:
    def test_tells_level_flags_and_patterns(self, write: Any) -> None:
        form = library.form(name="symptoms")
        answers = {
            "rf-motor": "yes-stable",
            "mechanism": ["fall"],
            "trauma-bruise": True,
            "onset": "sudden",
        }
        form_path = write("q.json", library.definition(name="symptoms"))
        result = run("safety", form_path, write("r.json", fill(form, answers)), "--age", "40")
        assert result.exit_code == 0
        assert json.loads(result.stdout) == {
            "level": "SAME-DAY",
            "redFlags": ["RF-MOTOR-2", "RF-FX-2"],
            "patterns": ["P-TRA"],
        }

    def test_tells_null_when_nothing_fires(self, write: Any) -> None:
        result = run("safety", write("q.json", questionnaire()), write("r.json", response()))
        assert json.loads(result.stdout) == {"level": None, "redFlags": [], "patterns": []}

    def test_takes_other_rules_and_patterns(self, write: Any) -> None:
        form = write("q.json", questionnaire(item("n", "integer")))
        answers = write("r.json", response(answered("n", {"valueInteger": 7})))
        over = {"question": "n", ">": 5}
        rules = {
            "format": "clinic-safety-rules/1",
            "id": "x",
            "version": "1",
            "rules": [{"id": "N", "level": "PRIORITY", "title": "t", "source": "s", "when": over}],
        }
        patterns = {
            "format": "clinic-patterns/1",
            "id": "x",
            "version": "1",
            "patterns": [
                {"id": "P", "require": [{"text": "t", "when": over}], "supportsNeeded": 0}
            ],
        }
        words = ("--rules", write("s.json", rules), "--patterns", write("p.json", patterns))
        told = json.loads(run("safety", form, answers, *words).stdout)
        assert told == {"level": "PRIORITY", "redFlags": ["N"], "patterns": ["P"]}

    def test_refuses_rules_in_prose(self, write: Any) -> None:
        form, answers = write("q.json", questionnaire()), write("r.json", response())
        prose = write("s.json", {"rules": [{"id": "A", "when": "rf-ces = saddle"}]})
        result = run("safety", form, answers, "--rules", prose)
        assert result.exit_code == 1
        assert ["rules[0].when"] in [one["expression"] for one in outcome(result)]
        missing = run("safety", form, answers, "--rules", f"{prose}.none")
        assert missing.exit_code == 2
