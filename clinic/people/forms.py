"""What staff type to sign in, to look after their account, and to look after others'."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired

from clinic.core.values import Role
from clinic.web.filters import role_word
from clinic.web.posted import PostedForm

_ADDRESS = {"autocomplete": "username", "spellcheck": "false", "autocapitalize": "none"}
_CODE = {"autocomplete": "one-time-code", "spellcheck": "false", "autocapitalize": "none"}


class SignInForm(PostedForm):
    """E-mail address and password."""

    email = EmailField(
        _l("E-mail address"),
        validators=[InputRequired(_l("Enter your e-mail address."))],
        render_kw=_ADDRESS,
    )
    password = PasswordField(
        _l("Password"),
        validators=[InputRequired(_l("Enter your password."))],
        render_kw={"autocomplete": "current-password"},
    )


class AppCodeForm(PostedForm):
    """The code that an authenticator app shows now."""

    code = StringField(
        _l("Code"),
        description=_l("The six digits that your app shows now."),
        validators=[InputRequired(_l("Enter the code."))],
        render_kw={**_CODE, "inputmode": "numeric"},
    )


class RecoveryCodeForm(PostedForm):
    """A code from paper."""

    code = StringField(
        _l("Recovery code"),
        description=_l("One of the ten you kept. Each works once."),
        validators=[InputRequired(_l("Enter the code."))],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )


class ForgottenForm(PostedForm):
    """The address of an account whose password is forgotten."""

    email = EmailField(
        _l("E-mail address"),
        validators=[InputRequired(_l("Enter your e-mail address."))],
        render_kw=_ADDRESS,
    )


class SetUpForm(PostedForm):
    """A new password."""

    password = PasswordField(
        _l("New password"),
        description=_l("At least 12 characters. Four words in a row are easy to keep in mind."),
        validators=[InputRequired(_l("Enter a password."))],
        render_kw={"autocomplete": "new-password"},
    )


class ProveForm(PostedForm):
    """The password, once more."""

    password = PasswordField(
        _l("Password"),
        validators=[InputRequired(_l("Enter your password."))],
        render_kw={"autocomplete": "current-password"},
    )


def _roles() -> list[tuple[str, str]]:
    return [(role.value, role_word(role)) for role in Role]


class RoleForm(PostedForm):
    """Somebody's role."""

    role = SelectField(_l("Role"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = _roles()


class InviteForm(RoleForm):
    """Somebody who is to work here."""

    name = StringField(
        _l("Name"),
        description=_l("As colleagues and patients know them."),
        validators=[InputRequired(_l("Enter the name."))],
        render_kw={"autocomplete": "off"},
    )
    email = EmailField(
        _l("E-mail address"),
        description=_l("They sign in with it. The link for choosing a password goes there."),
        validators=[InputRequired(_l("Enter the e-mail address."))],
        render_kw={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"},
    )
