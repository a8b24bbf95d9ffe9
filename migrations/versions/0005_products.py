"""What is sold online."""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0005_products"
down_revision = "0004_visits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "products",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired_at", Instant(), nullable=True),
        sa.CheckConstraint("price_cents >= 0", name=op.f("ck_products_price")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_products_service_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint("slug", name=op.f("uq_products_slug")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_products_service_id"), "products", ["service_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_products_service_id"), table_name="products")
    op.drop_table("products")
