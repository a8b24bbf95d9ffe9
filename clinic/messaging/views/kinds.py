"""Every kind of message with sample data, and the manager's own words in it."""

from flask import Response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.core.errors import NotFound, Refusal
from clinic.core.values import Role
from clinic.messaging.delivery import clinic_zone
from clinic.messaging.forms import OwnWordsForm
from clinic.messaging.operations.wording import save_words
from clinic.messaging.presenters import present_kind, present_kinds
from clinic.messaging.previews import sample, sample_sms, shipped
from clinic.messaging.queries import find_words, list_words, list_words_versions
from clinic.messaging.rules import KINDS
from clinic.messaging.views.blueprint import blueprint
from clinic.messaging.wording import LANGUAGES, SHIPPED, OwnWords
from clinic.web.access import allow, current_actor

LOOKERS = (Role.ADMIN, Role.FRONT_DESK)
MANAGERS = (Role.ADMIN,)
PATH = "/desk/messages/kinds"
AS_MAIL = {
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline';"
    " frame-ancestors 'self'",
    "X-Frame-Options": "SAMEORIGIN",
}
"""A mail brings its own style; shown in a frame of ours it can do nothing else."""


@blueprint.get(PATH)
@allow(*LOOKERS)
def kinds() -> ResponseReturnValue:
    """Every kind, and in which languages it has words of our own."""
    return render_template("messaging/kinds.html", page=present_kinds(own=list_words()))


@blueprint.get(f"{PATH}/<kind>")
@allow(*LOOKERS)
def kind(kind: str) -> ResponseReturnValue:
    """One kind with sample data in a language, and its own words."""
    language = _language(_known(kind))
    own, version = find_words(kind=kind, language=language)
    form = OwnWordsForm.of(kind, own, version, shipped(kind=kind, language=language))
    return _page(kind, language, form)


@blueprint.post(f"{PATH}/<kind>")
@allow(*MANAGERS)
def save_kind(kind: str) -> ResponseReturnValue:
    """Keep what was typed, or an older version, as the next one; or only show how it reads."""
    language = _language(_known(kind))
    form = OwnWordsForm.read(kind)
    do, _dash, number = request.form.get("do", "").partition("-")
    if do not in {"reset", "restore"} and not form.validate():
        return _page(kind, language, form, 422)
    if do == "preview":
        return _page(kind, language, form)
    try:
        save_words(
            kind=kind,
            language=language,
            own=_asked(form, do, number, language),
            looked_at=form.looked_at(),
            actor=current_actor(),
            now=now(),
        )
    except Refusal as refusal:
        form.form_errors.append(_(refusal.message))
        return _page(kind, language, form, refusal.status)
    return redirect(f"{PATH}/{kind}?language={language}&done=1", 303)


def _asked(form: OwnWordsForm, do: str, number: str, language: str) -> OwnWords:
    """What is to be kept: what was typed, what ships, or an older version. Raises NotFound."""
    if do == "reset":
        return OwnWords()
    if do == "restore":
        asked = int(number) if number.isdecimal() else 0
        return find_words(kind=form.kind, language=language, number=asked)[0]
    return form.own(shipped(kind=form.kind, language=language))


@blueprint.get(f"{PATH}/<kind>/html")
@allow(*LOOKERS)
def kind_html(kind: str) -> ResponseReturnValue:
    """One kind as a mail program shows it."""
    language = _language(_known(kind))
    own, _version = find_words(kind=kind, language=language)
    return Response(sample(kind=kind, own=own, language=language).html, headers=AS_MAIL)


@blueprint.post(f"{PATH}/<kind>/html")
@allow(*MANAGERS)
def typed_html(kind: str) -> ResponseReturnValue:
    """What was typed, as a mail program shows it; nothing is kept."""
    language = _language(_known(kind))
    form = OwnWordsForm.read(kind)
    if not form.validate():
        page = render_template("messaging/not_shown.html", form=form)
        return Response(page, 422, headers=AS_MAIL)
    return Response(sample(kind=kind, own=form.own(), language=language).html, headers=AS_MAIL)


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise NotFound
    return kind


def _language(_kind: str) -> str:
    """The language that was asked for in the address; NotFound for none of ours."""
    asked = request.args.get("language", SHIPPED)
    if asked not in LANGUAGES:
        raise NotFound
    return asked


def _page(kind: str, language: str, form: OwnWordsForm, status: int = 200) -> ResponseReturnValue:
    own = form.own(shipped(kind=kind, language=language)) if status == 200 else OwnWords()
    form.run(language)
    page = present_kind(
        kind=kind,
        language=language,
        written=[tongue for of, tongue in list_words() if of == kind],
        texts=sample(kind=kind, own=own, language=language),
        sms=sample_sms(kind=kind, own=own, language=language),
        versions=list_words_versions(kind=kind, language=language),
        zone=clinic_zone(),
        is_done="done" in request.args,
    )
    return render_template("messaging/kind.html", page=page, form=form), status
