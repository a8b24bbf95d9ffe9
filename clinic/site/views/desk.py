"""The manager's pages: the site's texts, their history, and what visitors will see of them."""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.core.errors import Invalid, NotFound, Refusal
from clinic.core.values import Role
from clinic.scheduling.queries.setting import get_setting
from clinic.site.forms import FORMS, NewConditionForm, TextForm
from clinic.site.operations import (
    AddressTaken,
    TextChanged,
    add_condition,
    reset_text,
    restore_text,
    save_text,
    show_condition,
)
from clinic.site.presenters.editing import (
    LINES,
    edit_path,
    present_editing,
    present_groups,
    present_parts,
)
from clinic.site.queries.texts import get_text, get_texts, get_version, list_versions, ships
from clinic.site.rules.markup import DRAWINGS
from clinic.site.rules.texts import Kind, Name
from clinic.site.views.blueprint import blueprint
from clinic.web.access import allow, current_actor

MANAGERS = (Role.ADMIN,)


@blueprint.get("/desk/site")
@allow(*MANAGERS)
def texts() -> ResponseReturnValue:
    """Every text of the site, and whether it was changed."""
    groups = present_groups(setting=get_setting(), texts=get_texts())
    return render_template("site/texts.html", groups=groups, done=request.args.get("done", ""))


@blueprint.get("/desk/site/new")
@allow(*MANAGERS)
def ask_condition() -> ResponseReturnValue:
    """An empty page about a condition."""
    return _new_page(NewConditionForm(formdata=None))


@blueprint.post("/desk/site/new")
@allow(*MANAGERS)
def new_condition() -> ResponseReturnValue:
    """Add a page about a condition; visitors do not see it yet."""
    form = NewConditionForm()
    if not form.validate():
        return _new_page(form, status=422)
    slug = (form.slug.data or "").strip()
    try:
        add_condition(slug=slug, content=form.content(), actor=current_actor(), now=now())
    except AddressTaken as refusal:
        form.slug.errors = [_(refusal.message)]
        return _new_page(form, status=refusal.status)
    except Invalid as refusal:
        form.slug.errors = [_(text) for text in refusal.errors.get("slug", [refusal.message])]
        return _new_page(form, status=refusal.status)
    return redirect(f"{edit_path(Name(Kind.CONDITION, slug))}?done=added", 303)


@blueprint.get("/desk/site/<kind>/<slug>")
@allow(*MANAGERS)
def edit_text(kind: str, slug: str) -> ResponseReturnValue:
    """A text in its fields, with its history."""
    name = _name(kind, slug)
    return _edit_page(name, FORMS[name.kind].of(get_text(name=name)))


@blueprint.post("/desk/site/<kind>/<slug>")
@allow(*MANAGERS)
def save(kind: str, slug: str) -> ResponseReturnValue:
    """Keep what was typed as the next version, or only show how it would look."""
    name = _name(kind, slug)
    form = FORMS[name.kind]()
    if not form.validate():
        return _edit_page(name, form, status=422)
    if request.form.get("do") == "preview":
        return _edit_page(name, form, is_preview=True)
    try:
        save_text(
            name=name,
            content=form.content(),
            looked_at=form.looked_at(),
            actor=current_actor(),
            now=now(),
        )
    except TextChanged as refusal:
        return _changed_page(name, form, refusal)
    return redirect(f"{edit_path(name)}?done=saved", 303)


@blueprint.get("/desk/site/<kind>/<slug>/versions/<int:number>")
@allow(*MANAGERS)
def text_version(kind: str, slug: str, number: int) -> ResponseReturnValue:
    """An earlier version as visitors saw it."""
    name = _name(kind, slug)
    text = get_text(name=name)
    past = get_version(name=name, number=number)
    page = present_editing(text=text, setting=get_setting(), versions=[], ships=ships(name=name))
    parts = present_parts(kind=name.kind, content=past.content)
    return render_template("site/text_version.html", page=page, parts=parts, number=number)


@blueprint.post("/desk/site/<kind>/<slug>/versions/<int:number>")
@allow(*MANAGERS)
def restore(kind: str, slug: str, number: int) -> ResponseReturnValue:
    """Let an earlier version count again."""
    name = _name(kind, slug)
    restore_text(name=name, number=number, looked_at=_looked_at(), actor=current_actor(), now=now())
    return redirect(f"{edit_path(name)}?done=restored", 303)


@blueprint.post("/desk/site/<kind>/<slug>/reset")
@allow(*MANAGERS)
def reset(kind: str, slug: str) -> ResponseReturnValue:
    """Let the text be what ships with the product."""
    name = _name(kind, slug)
    reset_text(name=name, looked_at=_looked_at(), actor=current_actor(), now=now())
    return redirect(f"{edit_path(name)}?done=reset", 303)


@blueprint.post("/desk/site/condition/<slug>/show")
@allow(*MANAGERS)
def show(slug: str) -> ResponseReturnValue:
    """Show a condition's page to visitors, or hide it."""
    is_shown = request.form.get("shown") == "y"
    show_condition(
        slug=slug,
        is_shown=is_shown,
        looked_at=_looked_at(),
        actor=current_actor(),
        now=now(),
    )
    done = "shown" if is_shown else "hidden"
    return redirect(f"{edit_path(Name(Kind.CONDITION, slug))}?done={done}", 303)


def _name(kind: str, slug: str) -> Name:
    """The text of that address; NotFound for a kind or a person that there is not."""
    if kind not in list(Kind):
        raise NotFound
    if kind == Kind.PERSON and slug not in get_setting().practitioners:
        raise NotFound
    name = Name(Kind(kind), slug)
    get_text(name=name)
    return name


def _looked_at() -> int:
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _new_page(form: NewConditionForm, *, status: int = 200) -> ResponseReturnValue:
    return render_template(
        "site/new_condition.html", form=form, lines=LINES, drawings=DRAWINGS
    ), status


def _changed_page(name: Name, form: TextForm, refusal: Refusal) -> ResponseReturnValue:
    """What was typed is kept; to save it again is to replace what the other one wrote."""
    form.form_errors.append(_(refusal.message))
    form.form_errors.append(_("What you typed is still here. Save it again to replace theirs."))
    form.version.data = str(get_text(name=name).version)
    return _edit_page(name, form, status=refusal.status)


def _edit_page(
    name: Name, form: TextForm, *, status: int = 200, is_preview: bool = False
) -> ResponseReturnValue:
    page = present_editing(
        text=get_text(name=name),
        setting=get_setting(),
        versions=list_versions(name=name),
        ships=ships(name=name),
    )
    preview = present_parts(kind=name.kind, content=form.content()) if is_preview else ()
    done = request.args.get("done", "")
    return render_template(
        "site/edit_text.html", page=page, form=form, preview=preview, done=done, drawings=DRAWINGS
    ), status
