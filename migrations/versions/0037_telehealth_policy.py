"""What the clinic decides about visit requests and video visits: one row."""

import sqlalchemy as sa
from alembic import op

revision = "0037_telehealth_policy"
down_revision = "0036_whole_message_texts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "telehealth_policy",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("request_urgent_minutes", sa.Integer(), nullable=False),
        sa.Column("request_soon_minutes", sa.Integer(), nullable=False),
        sa.Column("request_answer_hours", sa.Integer(), nullable=False),
        sa.Column("request_offer_hours", sa.Integer(), nullable=False),
        sa.Column("join_opens_minutes", sa.Integer(), nullable=False),
        sa.Column("meeting_address", sa.String(length=300), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_telehealth_policy_one_row")),
        sa.CheckConstraint(
            "request_urgent_minutes > 0 AND request_soon_minutes > 0"
            " AND request_answer_hours >= 0 AND request_offer_hours > 0",
            name=op.f("ck_telehealth_policy_requests"),
        ),
        sa.CheckConstraint(
            "join_opens_minutes > 0", name=op.f("ck_telehealth_policy_join_opens_minutes")
        ),
        sa.CheckConstraint(
            "meeting_address = '' OR substr(meeting_address, 1, 8) = 'https://'",
            name=op.f("ck_telehealth_policy_meeting_address"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telehealth_policy")),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("telehealth_policy")
