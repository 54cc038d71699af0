"""The first catalog: libraries, segments, photos with locations, regions and tags, and receipts of erasure."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _library() -> sa.Column[int]:
    return sa.Column("library_id", sa.BigInteger, primary_key=True, autoincrement=False)


def _id(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, primary_key=True, autoincrement=False)


def _of_photo() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["library_id", "photo_id"], ["photos.library_id", "photos.id"], ondelete="CASCADE")


def upgrade() -> None:
    """Creates all tables."""
    op.create_table(
        "libraries",
        _library(),
        sa.Column("manifest", sa.Text, nullable=False),
        sa.Column("next_id", sa.BigInteger, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("removed_seq", sa.BigInteger, nullable=False),
    )
    op.create_table("segments", _library(), _id("number"), sa.Column("rows", sa.BigInteger, nullable=False))
    _photos()
    _details()
    op.create_table(
        "erasures",
        _library(),
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("photos", "locations", "regions", "tags")),
        sa.Column("finished", sa.Integer, nullable=False),
    )


def _photos() -> None:
    op.create_table(
        "photos",
        _library(),
        _id("id"),
        sa.Column("sha256", sa.LargeBinary(32)),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("policy", sa.String(64), nullable=False),
        sa.Column("taken_at", sa.DateTime),
        sa.Column("camera", sa.Text),
        sa.Column("thumbnail", sa.LargeBinary(32)),
        sa.Column("seq", sa.BigInteger, nullable=False),
    )
    op.create_index("photos_by_content", "photos", ["library_id", "sha256"], unique=True)
    op.create_index("photos_by_seq", "photos", ["library_id", "seq"])


def _details() -> None:
    op.create_table(
        "locations",
        _library(),
        sa.Column("root", sa.Text, primary_key=True),
        sa.Column("path", sa.Text, primary_key=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("mtime_ns", sa.BigInteger, nullable=False),
        sa.Column("photo_id", sa.BigInteger, nullable=False),
        _of_photo(),
    )
    op.create_index("locations_by_photo", "locations", ["library_id", "photo_id"])
    op.create_table(
        "regions",
        _library(),
        _id("photo_id"),
        _id("ordinal"),
        sa.Column("kind", sa.String(16), nullable=False),
        *(sa.Column(name, sa.Float, nullable=False) for name in ("x", "y", "w", "h", "score")),
        _of_photo(),
    )
    op.create_table(
        "tags",
        _library(),
        _id("photo_id"),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("score", sa.Float, nullable=False),
        _of_photo(),
    )
    op.create_index("tags_by_name", "tags", ["library_id", "name", "score"])
