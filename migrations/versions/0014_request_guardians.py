"""Who a guardian is to the child is a code in visit requests too, as it is among the guardians.

Going back brings the words that the form showed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014_request_guardians"
down_revision = "0013_directions"
branch_labels = None
depends_on = None

requests = sa.table("visit_requests", sa.column("guardian_relation", sa.String))
WORDS = {
    "parent": "Parent",
    "guardian": "Legal guardian",
    "other": "Somebody else who cares for them",
}


def upgrade() -> None:
    for code, words in WORDS.items():
        _replace(words, code)


def downgrade() -> None:
    for code, words in WORDS.items():
        _replace(code, words)


def _replace(old: str, new: str) -> None:
    column = requests.c.guardian_relation
    op.execute(requests.update().where(column == old).values(guardian_relation=new))
