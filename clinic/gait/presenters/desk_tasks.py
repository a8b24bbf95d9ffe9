"""What needs a person, and what people made of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from clinic.gait.presenters.desk_places import DESK_ORDERS, desk_path
from clinic.gait.presenters.times import moment
from clinic.gait.presenters.words import task_words
from clinic.payments.queries.orders import TaskSeen
from clinic.payments.queries.settled import SettledTask


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """Something for a person. ``href`` leads to its order.

    What no order bears is settled where it stands (``settle``), and tried again where an event of
    the payment service is behind it; ``about`` names what to look for there.
    """

    public_id: str
    title: str
    advice: str
    since: str
    name: str
    href: str
    about: str
    settle: str
    can_retry: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledView:
    """A task that somebody settled: who and when in ``said``. ``href`` "" without an order."""

    title: str
    said: str
    note: str
    about: str
    href: str


def present_tasks(
    tasks: Sequence[TaskSeen], *, zone: str, may_settle: bool = False
) -> tuple[TaskView, ...]:
    """What needs a person, the longest waiting first."""
    return tuple(_task(one, zone, may_settle) for one in tasks)


def _task(task: TaskSeen, zone: str, may_settle: bool) -> TaskView:
    title, advice = task_words(task.code)
    order = task.order
    return TaskView(
        public_id=task.public_id,
        title=title,
        advice=advice,
        since=moment(task.opened_at, zone=zone),
        name=f"{order.name}, {order.title}" if order else str(_("No order of ours")),
        href=desk_path(order.public_id) if order else "",
        about="" if order else _about(task),
        settle="" if order or not may_settle else task_path(task.public_id),
        can_retry=order is None and "event" in task.details,
    )


def task_path(public_id: str) -> str:
    """Where a task that no order bears is settled."""
    return f"{DESK_ORDERS}/tasks/{public_id}"


def _about(task: TaskSeen) -> str:
    """What to look for with the payment service: its own names, which name nobody."""
    found = [task.reference, task.details.get("event"), task.details.get("kind")]
    known = [str(one) for one in dict.fromkeys(found) if one and one != "key"]
    return ", ".join(known)


def present_settled(tasks: Sequence[SettledTask], *, zone: str) -> tuple[SettledView, ...]:
    """What people settled, the newest first."""
    return tuple(
        SettledView(
            title=task_words(one.code)[0],
            said=str(
                _(
                    "%(who)s, %(when)s",
                    who=one.closed_by,
                    when=moment(one.closed_at, zone=zone),
                )
            ),
            note=one.note or "",
            about="" if one.order or one.reference == "key" else one.reference,
            href=desk_path(one.order) if one.order else "",
        )
        for one in tasks
    )
