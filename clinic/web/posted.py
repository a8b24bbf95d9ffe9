"""The base of every form a page shows."""

from flask_wtf import FlaskForm


class PostedForm(FlaskForm):  # type: ignore[misc]  # WTForms is not typed
    """A form with the token that proves it was filled in on a page of ours."""
