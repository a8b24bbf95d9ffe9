"""From form fields to what macros print."""

from typing import Any

import pytest
from flask import Flask, render_template_string
from werkzeug.datastructures import MultiDict
from wtforms import EmailField, Form, PasswordField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from clinic.web.fields import error_list, field_view
from clinic.web.pages import page_at
from clinic.web.status import status_look
from tests.support.ground import make_ground

MACROS = """
{%- from "components/text_input.html" import text_input -%}
{%- from "components/select.html" import select -%}
{%- from "components/radios.html" import radios -%}
{{ text_input(form.name) }}{{ select(form.place) }}{{ radios(form.side) }}"""


class Sample(Form):  # type: ignore[misc]  # WTForms is not typed
    name = StringField(
        "Name",
        [InputRequired("Enter a name"), Length(max=5, message="At most 5 letters")],
        description="As on your ID.",
        render_kw={"autocomplete": "name", "onclick": "steal()"},
    )
    email = EmailField("E-mail", [Optional()])
    password = PasswordField("Password")
    place = SelectField("Place", choices=[SelectChoice("a", "A"), SelectChoice("b", "B")])
    side = RadioField(
        "Side", [InputRequired("Choose a side")], choices=[SelectChoice("l"), SelectChoice("r")]
    )


@pytest.fixture
def ground() -> Flask:
    return make_ground()


def filled(**values: Any) -> Sample:
    form = Sample(MultiDict(values))
    form.validate()
    return form


class TestFieldView:
    def test_ties_hint_and_error_to_the_control(self, ground: Flask) -> None:
        with ground.test_request_context():
            view = field_view(filled(name="").name)
        assert view.described_by == "name-hint name-error"
        assert view.attributes["aria-invalid"] == "true"
        assert (view.type, view.error) == ("text", "Enter a name")

    def test_passes_on_only_harmless_attributes(self, ground: Flask) -> None:
        with ground.test_request_context():
            assert field_view(Sample().name).extra == {"autocomplete": "name"}

    def test_keeps_what_was_typed_but_no_password(self, ground: Flask) -> None:
        with ground.test_request_context():
            form = filled(name="too long a name", password="secret")
            assert field_view(form.name).value == "too long a name"
            assert field_view(form.password).value == ""

    def test_knows_what_may_be_left_out(self, ground: Flask) -> None:
        with ground.test_request_context():
            form = Sample()
            assert field_view(form.email).is_optional
            assert not field_view(form.name).is_optional


class TestErrorList:
    def test_leads_to_each_control_in_order(self, ground: Flask) -> None:
        with ground.test_request_context():
            found = error_list(filled(place="elsewhere"))
        assert [error.anchor for error in found] == ["name", "place", "side-0"]


class TestMacros:
    def test_escape_what_was_typed(self, ground: Flask) -> None:
        with ground.test_request_context():
            html = render_template_string(MACROS, form=filled(name='"><b>'))
        assert "<b>" not in html
        assert 'value="&#34;&gt;&lt;b&gt;"' in html

    def test_keep_the_choice_that_was_made(self, ground: Flask) -> None:
        with ground.test_request_context():
            html = render_template_string(MACROS, form=filled(place="b", side="r"))
        assert '<option value="b" selected>' in html
        assert 'value="r" checked' in html

    def test_give_the_ids_that_errors_lead_to(self, ground: Flask) -> None:
        with ground.test_request_context():
            form = filled(place="elsewhere")
            html = render_template_string(MACROS, form=form)
            anchors = [error.anchor for error in error_list(form)]
        assert all(f'id="{anchor}"' in html for anchor in anchors)


class TestPageAt:
    def test_knows_what_is_built(self, ground: Flask) -> None:
        with ground.test_request_context():
            assert page_at("/_components")
            assert not page_at("/gait")
            assert not page_at("/_components", "POST")


class TestStatusLook:
    def test_shows_confirmed_as_a_flag_on_booked(self, ground: Flask) -> None:
        with ground.test_request_context():
            assert status_look("booked").word == "Booked"
            assert status_look("booked", confirmed=True).word == "Confirmed"
            assert status_look("arrived", confirmed=True).word == "Arrived"

    def test_gives_every_status_another_shape(self, ground: Flask) -> None:
        known = ("held", "booked", "arrived", "checked-in", "fulfilled", "cancelled", "noshow")
        with ground.test_request_context():
            assert len({status_look(name).icon for name in known}) == len(known)
