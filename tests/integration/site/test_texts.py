"""The manager's changes to the site's texts, as operations on both engines."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError

from clinic.core.audit import AuditEntry
from clinic.core.db import db, transaction
from clinic.core.errors import Invalid, NotFound
from clinic.core.values import Actor, Role
from clinic.site.models import TextVersion
from clinic.site.operations import (
    AddressTaken,
    TextChanged,
    add_condition,
    introduce_demo_people,
    reset_text,
    restore_text,
    save_text,
    show_condition,
)
from clinic.site.queries.texts import (
    get_shown_text,
    get_text,
    get_texts,
    list_shown,
    list_versions,
    shipped_texts,
)
from clinic.site.rules.texts import Kind, Name
from tests.support.page_clinic import NOW, counted_queries

MANAGER = Actor(kind="staff", name="Ada Admin", id="ada", role=Role.ADMIN)
BUTTOCK = Name(Kind.CONDITION, "buttock-pain")
OKAFOR = Name(Kind.PERSON, "okafor")
KNEE = {"title": "Knee pain", "summary": "Why knees hurt.", "body": "A paragraph."}


def save(name: Name = BUTTOCK, *, looked_at: int = 0, now: datetime = NOW, **words: str) -> int:
    content = {**get_text(name=name).content, **words}
    return save_text(name=name, content=content, looked_at=looked_at, actor=MANAGER, now=now)


class TestSaveText:
    def test_lets_visitors_read_the_new_words(self, in_app: Flask) -> None:
        assert save(title="Pain in the seat") == 1
        text = get_text(name=BUTTOCK)
        assert (text.content["title"], text.version, text.changed_at) == (
            "Pain in the seat",
            1,
            NOW,
        )

    def test_says_in_the_trail_who_changed_what(self, in_app: Flask) -> None:
        save(title="Pain in the seat")
        entry = db.session.scalars(select(AuditEntry)).one()
        assert (entry.action, entry.subject) == ("text.saved", "text:condition:buttock-pain")
        assert (entry.actor_id, entry.details) == ("ada", {"version": 1})

    def test_adds_no_version_for_the_same_words(self, in_app: Flask) -> None:
        assert save() == 0
        assert list_versions(name=BUTTOCK) == []

    def test_refuses_the_second_of_two_managers(self, in_app: Flask) -> None:
        save(title="First")
        with pytest.raises(TextChanged):
            save(title="Second", looked_at=0)
        assert get_text(name=BUTTOCK).content["title"] == "First"

    def test_keeps_nothing_of_what_breaks_a_rule(self, in_app: Flask) -> None:
        with pytest.raises(Invalid) as refused:
            save(title="", body="!drawing unicorn")
        assert set(refused.value.errors) == {"title", "body"}
        assert list_versions(name=BUTTOCK) == []

    def test_knows_only_texts_that_there_are(self, in_app: Flask) -> None:
        with pytest.raises(NotFound):
            save_text(
                name=Name(Kind.PAGE, "imprint"), content=KNEE, looked_at=0, actor=MANAGER, now=NOW
            )

    def test_takes_the_first_words_about_a_person(self, in_app: Flask) -> None:
        save(OKAFOR, focus="Hips")
        assert get_text(name=OKAFOR).content["focus"] == "Hips"

    @pytest.mark.usefixtures("unhurried")
    def test_lets_one_of_two_at_the_same_moment_win(self, app: Flask) -> None:
        start, won, lost = Barrier(2), [], []

        def race(number: int) -> None:
            with app.app_context():
                content = {**shipped_texts()[BUTTOCK].content, "title": f"Title {number}"}
                start.wait()
                try:
                    save_text(name=BUTTOCK, content=content, looked_at=0, actor=MANAGER, now=NOW)
                    won.append(number)
                except TextChanged:
                    lost.append(number)

        threads = [Thread(target=race, args=(number,)) for number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(won), len(lost)) == (1, 1)


class TestRestoreText:
    def test_lets_an_earlier_version_count_again_as_a_new_one(self, in_app: Flask) -> None:
        save(title="First")
        save(title="Second", looked_at=1)
        assert restore_text(name=BUTTOCK, number=1, looked_at=2, actor=MANAGER, now=NOW) == 3
        assert get_text(name=BUTTOCK).content["title"] == "First"
        deeds = [(one.number, one.deed) for one in list_versions(name=BUTTOCK)]
        assert deeds == [(3, "restored"), (2, "saved"), (1, "saved")]

    def test_refuses_a_version_that_never_was_and_a_stale_look(self, in_app: Flask) -> None:
        save(title="First")
        with pytest.raises(NotFound):
            restore_text(name=BUTTOCK, number=7, looked_at=1, actor=MANAGER, now=NOW)
        with pytest.raises(TextChanged):
            restore_text(name=BUTTOCK, number=1, looked_at=0, actor=MANAGER, now=NOW)


class TestResetText:
    def test_brings_back_what_ships_and_keeps_the_history(self, in_app: Flask) -> None:
        save(title="First")
        reset_text(name=BUTTOCK, looked_at=1, actor=MANAGER, now=NOW)
        assert get_text(name=BUTTOCK).content == shipped_texts()[BUTTOCK].content
        assert len(list_versions(name=BUTTOCK)) == 2

    def test_has_nothing_to_bring_back_for_people(self, in_app: Flask) -> None:
        save(OKAFOR, focus="Hips")
        with pytest.raises(NotFound):
            reset_text(name=OKAFOR, looked_at=1, actor=MANAGER, now=NOW)


class TestConditions:
    def test_are_added_hidden_then_shown_then_hidden(self, in_app: Flask) -> None:
        add_condition(slug="knee-pain", content=KNEE, actor=MANAGER, now=NOW)
        name = Name(Kind.CONDITION, "knee-pain")
        with pytest.raises(NotFound):
            get_shown_text(name=name)
        show_condition(slug="knee-pain", is_shown=True, looked_at=1, actor=MANAGER, now=NOW)
        assert get_shown_text(name=name).content == KNEE
        save(name, looked_at=2, title="Knees")
        show_condition(slug="knee-pain", is_shown=False, looked_at=3, actor=MANAGER, now=NOW)
        assert [text.name for text in list_shown(kind=Kind.CONDITION)] == [BUTTOCK]

    def test_stay_hidden_while_they_are_written(self, in_app: Flask) -> None:
        add_condition(slug="knee-pain", content=KNEE, actor=MANAGER, now=NOW)
        save(Name(Kind.CONDITION, "knee-pain"), looked_at=1, title="Knees")
        assert get_text(name=Name(Kind.CONDITION, "knee-pain")).is_hidden

    def test_hide_what_ships_without_losing_its_words(self, in_app: Flask) -> None:
        show_condition(slug="buttock-pain", is_shown=False, looked_at=0, actor=MANAGER, now=NOW)
        assert list_shown(kind=Kind.CONDITION) == []
        assert get_text(name=BUTTOCK).content == shipped_texts()[BUTTOCK].content

    @pytest.mark.parametrize("slug", ["buttock-pain", "knee-pain"])
    def test_have_an_address_each(self, in_app: Flask, slug: str) -> None:
        add_condition(slug="knee-pain", content=KNEE, actor=MANAGER, now=NOW)
        with pytest.raises(AddressTaken):
            add_condition(slug=slug, content=KNEE, actor=MANAGER, now=NOW)

    @pytest.mark.parametrize("slug", ["", "Knee Pain", "../etc", "x" * 61])
    def test_have_an_address_that_can_be_typed(self, in_app: Flask, slug: str) -> None:
        with pytest.raises(Invalid) as refused:
            add_condition(slug=slug, content=KNEE, actor=MANAGER, now=NOW)
        assert "slug" in refused.value.errors


class TestVersions:
    def test_cannot_be_changed_or_taken_away_even_by_sql(self, in_app: Flask) -> None:
        save(title="First")

        @transaction
        def tamper() -> None:
            db.session.execute(delete(TextVersion))

        with pytest.raises(DBAPIError, match="append-only"):
            tamper()


class TestGetTexts:
    def test_asks_one_question_while_nothing_is_new(self, app: Flask) -> None:
        with app.app_context():
            save(title="First")
            get_texts()
            with counted_queries(app) as asked:
                assert get_text(name=BUTTOCK).content["title"] == "First"
        assert len([one for one in asked if one.startswith("SELECT")]) == 1

    def test_sees_at_once_what_another_process_saved(self, make_app: Callable[..., Flask]) -> None:
        one, other = make_app(), make_app()
        with other.app_context():
            assert get_text(name=BUTTOCK).version == 0
        with one.app_context():
            save(title="First")
        with other.app_context():
            assert get_text(name=BUTTOCK).content["title"] == "First"


class TestIntroduceDemoPeople:
    def test_gives_words_once_and_never_over_somebody_elses(self, in_app: Flask) -> None:
        save(OKAFOR, focus="Mine")
        introduce_demo_people(now=NOW)
        introduce_demo_people(now=NOW + timedelta(hours=1))
        assert get_text(name=OKAFOR).content["focus"] == "Mine"
        assert get_text(name=Name(Kind.PERSON, "santos")).version == 1
