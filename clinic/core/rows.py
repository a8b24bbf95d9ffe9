"""What rows have in common."""

from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.types import new_public_id


class PublicId:
    """A row that is named outside by an unguessable id, made when the object is made.

    It exists before the row is stored, because encrypted fields are bound to it.
    """

    public_id: Mapped[str] = mapped_column(String(22), unique=True)

    def __init__(self, **values: Any) -> None:
        values.setdefault("public_id", new_public_id())
        # Encrypted fields bind to the public id: it is set before anything else.
        self.public_id = values.pop("public_id")
        for name, value in values.items():
            if not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} has no attribute {name!r}")
            setattr(self, name, value)
