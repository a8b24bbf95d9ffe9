"""Signs of danger that were told without the answer by which they are graded.

Going back forgets which are open; the answers stand where they are.
"""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0050_open_signs"
down_revision = "0049_kept_pages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "open_signs",
        sa.Column("response_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["response_id"], ["responses.id"], name=op.f("fk_open_signs_response_id")
        ),
        sa.PrimaryKeyConstraint("response_id", name=op.f("pk_open_signs")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_open_signs_since"), "open_signs", ["since"], unique=False)


def downgrade() -> None:
    op.drop_table("open_signs")
