"""Commands whose engine is loaded only when they are asked for."""

from flask import Flask


class TestQuestionnaire:
    def test_is_offered_by_the_application(self, app: Flask) -> None:
        told = app.test_cli_runner().invoke(args=["questionnaire", "--help"]).output
        assert all(name in told for name in ("check", "enabled", "safety"))

    def test_says_plainly_that_a_file_is_missing(self, app: Flask) -> None:
        result = app.test_cli_runner().invoke(args=["questionnaire", "check", "no-such-file.json"])
        assert result.exit_code == 2
        assert "OperationOutcome" in result.output
