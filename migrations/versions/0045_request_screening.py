"""Which answers about safety came before a visit request.

Going back forgets it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0045_request_screening"
down_revision = "0044_waitlist"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("visit_requests", sa.Column("screening", sa.String(length=22), nullable=True))


def downgrade() -> None:
    op.drop_column("visit_requests", "screening")
