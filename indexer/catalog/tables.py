"""The catalog's tables as the newest migration leaves them. Every one carries `library_id`."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()


def _key(*more: Column[int] | Column[str]) -> list[Column[int] | Column[str]]:
    return [Column("library_id", BigInteger, primary_key=True, autoincrement=False), *more]


def _id(name: str) -> Column[int]:
    return Column(name, BigInteger, primary_key=True, autoincrement=False)


def _of_photo() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["library_id", "photo_id"], ["photos.library_id", "photos.id"], ondelete="CASCADE")


libraries = Table(
    "libraries",
    metadata,
    *_key(),
    Column("manifest", Text, nullable=False),
    Column("next_id", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("removed_seq", BigInteger, nullable=False),
)
"""One row a library. `seq` counts its changes, `removed_seq` is the last change that took photos away."""

segments = Table(
    "segments",
    metadata,
    *_key(_id("number")),
    Column("rows", BigInteger, nullable=False),
)
"""How many records of each segment file count; what lies behind them in the file does not exist."""

photos = Table(
    "photos",
    metadata,
    *_key(_id("id")),
    Column("sha256", LargeBinary(32)),
    Column("bytes", BigInteger, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("policy", String(64), nullable=False),
    Column("taken_at", DateTime),
    Column("camera", Text),
    Column("thumbnail", LargeBinary(32)),
    Column("seq", BigInteger, nullable=False),
    Index("photos_by_content", "library_id", "sha256", unique=True),
    Index("photos_by_seq", "library_id", "seq"),
)

locations = Table(
    "locations",
    metadata,
    *_key(Column("root", Text, primary_key=True), Column("path", Text, primary_key=True)),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("photo_id", BigInteger, nullable=False),
    _of_photo(),
    Index("locations_by_photo", "library_id", "photo_id"),
)

regions = Table(
    "regions",
    metadata,
    *_key(_id("photo_id"), _id("ordinal")),
    Column("kind", String(16), nullable=False),
    *(Column(name, Float, nullable=False) for name in ("x", "y", "w", "h", "score")),
    _of_photo(),
)

tags = Table(
    "tags",
    metadata,
    *_key(_id("photo_id"), Column("name", Text, primary_key=True)),
    Column("score", Float, nullable=False),
    _of_photo(),
    Index("tags_by_name", "library_id", "name", "score"),
)

erasures = Table(
    "erasures",
    metadata,
    *_key(Column("id", String(32), primary_key=True)),
    Column("at", DateTime, nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in ("photos", "locations", "regions", "tags")),
    Column("finished", Integer, nullable=False),
)
"""Receipts. While `finished` is 0 the files still have to be scrubbed."""
