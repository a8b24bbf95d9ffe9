"""A person's own account, and the people who work here, ready to print."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import format_timedelta
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from markupsafe import Markup

from clinic.core.values import Actor
from clinic.people.queries import Account, SessionSeen, StaffMember
from clinic.web.filters import role_word

JUST_NOW = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A signed-in browser; ``is_this`` the one that asks."""

    id: str
    browser: str
    network: str
    seen: str
    began: str
    is_this: bool


@dataclass(frozen=True, slots=True)
class AccountPage:
    """``factor``: what is told of the second factor; ``codes_low`` when few codes are left."""

    facts: tuple[tuple[str, str], ...]
    has_factor: bool
    factor: str
    codes_low: bool
    sessions: tuple[SessionLine, ...]
    has_others: bool
    done: str


@dataclass(frozen=True, slots=True)
class StateView:
    """A state as icon and words, as in components/mark.html."""

    icon: str
    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class StaffLine:
    """A member of staff in the list."""

    href: str
    name: str
    email: str
    role: str
    state: StateView
    factor: StateView
    seen: str
    is_you: bool
    is_off: bool


@dataclass(frozen=True, slots=True)
class StaffPage:
    """One member of staff, and what may be done."""

    name: str
    path: str
    facts: tuple[tuple[str, str], ...]
    is_disabled: bool
    has_factor: bool
    has_sessions: bool
    done: str


def present_account(
    *,
    account: Account,
    sessions: list[SessionSeen],
    codes_left: int | None,
    actor: Actor,
    done: str,
    now: datetime,
) -> AccountPage:
    """The page of one's own account; ``codes_left`` is None without a second factor."""
    lines = tuple(_session_line(seen, actor.session, now) for seen in sessions)
    return AccountPage(
        facts=(
            (_("Name"), account.name),
            (_("E-mail address"), account.email),
            (_("Role"), role_word(account.role)),
        ),
        has_factor=codes_left is not None,
        factor=_codes_words(codes_left),
        codes_low=codes_left is not None and codes_left < 3,
        sessions=tuple(sorted(lines, key=lambda line: not line.is_this)),
        has_others=any(not line.is_this for line in lines),
        done=_done_words(done),
    )


def present_staff_line(*, member: StaffMember, actor: Actor, now: datetime) -> StaffLine:
    """One line of the list of staff."""
    return StaffLine(
        href=f"/desk/staff/{member.public_id}",
        name=member.name,
        email=member.email,
        role=role_word(member.role),
        state=_state(member),
        factor=_factor(member),
        seen=ago(member.last_seen_at, now) if member.last_seen_at else "",
        is_you=member.public_id == actor.id,
        is_off=member.is_disabled,
    )


def present_staff(*, member: StaffMember, done: str, now: datetime) -> StaffPage:
    """The page of one member of staff."""
    seen = ago(member.last_seen_at, now) if member.last_seen_at else _("not signed in")
    browsers = ngettext("in %(num)d browser", "in %(num)d browsers", member.sessions)
    return StaffPage(
        name=member.name,
        path=f"/desk/staff/{member.public_id}",
        facts=(
            (_("E-mail address"), member.email),
            (_("Role"), role_word(member.role)),
            (_("Account"), _state(member).text),
            (_("Second factor"), _factor(member).text),
            (_("Signed in"), f"{browsers}, {seen}" if member.sessions else seen),
        ),
        is_disabled=member.is_disabled,
        has_factor=member.has_second_factor,
        has_sessions=member.sessions > 0,
        done=_done_words(done),
    )


def qr_code(text: str) -> Markup:
    """The text as a QR code: an inline drawing, dark on white in every scheme."""
    import segno

    code = segno.make(text, error="m", micro=False)
    drawn = code.svg_inline(border=3, dark="#000", light="#fff", omitsize=True, svgclass="qr")
    return Markup(drawn)  # noqa: S704 - segno draws paths, the text is not in them


def spaced(secret: str) -> str:
    """A secret in groups of four, to be typed."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def ago(at: datetime, now: datetime) -> str:
    """`3 hours ago`; a moment that has hardly passed is `just now`."""
    if now - at < JUST_NOW:
        return str(_("just now"))
    words = format_timedelta(at - now, add_direction=True, locale=get_locale() or "en")
    return str(words)


def _session_line(seen: SessionSeen, mine: str | None, now: datetime) -> SessionLine:
    words = _("%(browser)s on %(system)s", browser=seen.browser, system=seen.system)
    known = words if seen.browser and seen.system else seen.browser or seen.system
    return SessionLine(
        id=seen.public_id,
        browser=known or str(_("A browser we do not know")),
        network=seen.network,
        seen=ago(seen.last_seen_at, now),
        began=ago(seen.created_at, now),
        is_this=seen.public_id == mine,
    )


def _codes_words(codes_left: int | None) -> str:
    if codes_left is None:
        return str(_("Only your password keeps strangers from the clinic's patients."))
    return str(
        ngettext(
            "You sign in with your app. %(num)d recovery code is left.",
            "You sign in with your app. %(num)d recovery codes are left.",
            codes_left,
        )
    )


def _state(member: StaffMember) -> StateView:
    if member.is_disabled:
        return StateView("no", _("Closed"), "muted")
    if not member.has_password:
        return StateView("hourglass", _("Invited"), "w")
    return StateView("check", _("Open"))


def _factor(member: StaffMember) -> StateView:
    if member.has_second_factor:
        return StateView("check", _("App"))
    return StateView("warning", _("None"), "muted" if member.is_disabled else "w")


def _done_words(done: str) -> str:
    words: dict[str, str] = {
        "password": _("Your password was changed. Every other browser was signed out."),
        "factor-off": _("The second factor is switched off."),
        "session-ended": _("That browser was signed out."),
        "sessions-ended": _("All other browsers were signed out."),
        "role": _("The role was changed. They sign in again."),
        "disabled": _("The account is closed. Whoever was signed in with it is out."),
        "enabled": _("The account is open again."),
        "signed-out": _("They were signed out everywhere."),
        "factor-reset": _("The second factor was taken away. They set up a new one."),
    }
    return words.get(done, "")
