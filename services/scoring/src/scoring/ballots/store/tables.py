"""The tables of the schema `ballots`: nothing here has a time or a number of its own that a paper could be found by."""

from typing import Final

from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

METADATA: Final = MetaData(schema="ballots")
_instant: Final = DateTime(timezone=True)

votes = Table(
    "votes",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("cycle", Text, nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("document", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("lock", LargeBinary, nullable=False),
    Column("secret", LargeBinary),
    Column("opened_by", Text, nullable=False),
    Column("opened_at", _instant, nullable=False),
    Column("closes_at", _instant, nullable=False),
    Column("ended_by", Text),
    Column("ended_at", _instant),
    Column("reason", Text),
    Column("result", JSONB),
)

classes = Table(
    "classes",
    METADATA,
    Column("vote", Text, ForeignKey(votes.c.key), primary_key=True),
    Column("class", Text, primary_key=True),
    Column("issued", Integer, nullable=False),
    Column("issued_by", Text, nullable=False),
    Column("issued_at", _instant, nullable=False),
    Column("second", Integer, nullable=False),
)

# While a vote is open only: its end deletes them.
codes = Table(
    "codes",
    METADATA,
    Column("vote", Text, ForeignKey(votes.c.key), primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("class", Text, nullable=False),
    Column("used", Boolean, nullable=False),
)

# Sealed, and found by the sealed bytes, which are random: the index has no order of arrival. Deleted like the codes.
papers = Table(
    "papers",
    METADATA,
    Column("vote", Text, ForeignKey(votes.c.key), primary_key=True),
    Column("sealed", LargeBinary, primary_key=True),
    Column("class", Text, nullable=False),
)
