"""Safety events are found by what they are about, whoever's they are by now.

Going back forgets the index; no row changes.
"""

from alembic import op

revision = "0051_events_by_subject"
down_revision = "0050_open_signs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_safety_events_about"), "safety_events", ["about"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_safety_events_about"), table_name="safety_events")
