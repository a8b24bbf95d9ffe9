"""What needs a person: the list, and settling what no order bears."""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from clinic.core.clock import now
from clinic.core.values import Role
from clinic.gait.forms.desk import SettleForm
from clinic.gait.presenters.desk_places import DESK_ORDERS, MONEY
from clinic.gait.presenters.desk_tasks import present_settled, present_tasks
from clinic.gait.rules.lists import Show
from clinic.gait.views.blueprint import blueprint
from clinic.gait.views.desk_lists import record_list, tabs
from clinic.payments.operations.inbox import retry_task
from clinic.payments.operations.story import settle_task
from clinic.payments.queries.orders import list_tasks
from clinic.payments.queries.settled import list_settled
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.rules.week_address import read_public_id
from clinic.web.access import allow, current_actor


@blueprint.post(f"{DESK_ORDERS}/tasks/<task>")
@allow(Role.ADMIN, Role.FRONT_DESK)
def settle_alone(task: str) -> ResponseReturnValue:
    """Take what no order bears off the list, with a word about it; or have it tried again."""
    wanted, form = read_public_id(task), SettleForm()
    if request.form.get("do") == "retry":
        retry_task(public_id=wanted, actor=current_actor(), now=now())
        return redirect(f"{DESK_ORDERS}?done=retried", 303)
    note = form.read()
    if note is None:
        return tasks_page(wanted, form), 422
    settle_task(public_id=wanted, note=note, actor=current_actor(), now=now())
    return redirect(f"{DESK_ORDERS}?done=settled", 303)


def tasks_page(faulty: str = "", form: SettleForm | None = None) -> str:
    """What needs a person, and what was settled last; with the form that was not whole."""
    tasks, zone = list_tasks(), get_setting().zone
    record_list(Show.TASKS, [one.order for one in tasks if one.order])
    may_settle = current_actor().role in MONEY
    view = present_tasks(tasks, zone=zone, may_settle=may_settle)
    forms = {one.public_id: SettleForm(formdata=None) for one in view if one.settle}
    if form is not None and faulty in forms:
        forms[faulty] = form
    return render_template(
        "gait/desk_tasks.html",
        lists=tabs(Show.TASKS),
        tasks=view,
        forms={task: one.of(task) for task, one in forms.items()},
        faulty=forms.get(faulty),
        settled=present_settled(list_settled(), zone=zone) if may_settle else (),
        done=request.args.get("done", ""),
    )
