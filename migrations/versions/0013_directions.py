"""How to find a location, in the clinic's own words.

Going back forgets these words.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013_directions"
down_revision = "0012_second_factor"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("locations", sa.Column("directions", sa.String(length=500), nullable=True))


def downgrade() -> None:
    op.drop_column("locations", "directions")
