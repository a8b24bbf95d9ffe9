"""What a backup keeps of each table, as the models say it."""

from clinic import tables
from clinic.core.schema import Base
from clinic.operating.backups.shapes import LEFT_OUT, key_of, list_shapes

TABLES = Base.metadata.tables
assert tables.__all__  # imported for what they bring

OPENERS = {"api_tokens", "calendar_feeds", "form_links"}
"""They let somebody in by a token and are kept all the same, because people rely on them for
months: `restore` says to look through them."""


class TestShapes:
    def test_are_there_for_every_table_that_is_not_left_out(self) -> None:
        shapes = list_shapes(Base.metadata)
        assert {shape.table for shape in shapes} | LEFT_OUT == set(TABLES)
        for shape in shapes:
            assert shape.names == tuple(column.name for column in TABLES[shape.table].columns)
            assert shape.order, shape.table

    def test_stand_after_those_they_refer_to(self) -> None:
        seen: set[str] = set()
        for shape in list_shapes(Base.metadata):
            seen.add(shape.table)
            for key in TABLES[shape.table].foreign_keys:
                assert key.column.table.name in seen, shape.table

    def test_leave_out_whatever_lets_somebody_in_for_hours(self) -> None:
        """A new table with a token: does it end soon? Then leave it out."""
        tokens = {name for name, table in TABLES.items() if "token_hash" in table.columns}
        assert tokens - LEFT_OUT == OPENERS

    def test_name_the_key_of_every_sealed_text(self) -> None:
        for shape in list_shapes(Base.metadata):
            named = {shape.names[place] for place in shape.keyed}
            sealed = {name for name in shape.names if "sealed" in name or "key_name" in name}
            assert named == sealed, shape.table
        assert key_of("v1.k2.nonce.text") == "k2"
        assert key_of("k3") == "k3"
