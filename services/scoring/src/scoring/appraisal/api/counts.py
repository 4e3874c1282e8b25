"""How far a count has come, as a person reads it."""

from pydantic import BaseModel, Field

from scoring.ledger.domain.progress import Progress


class CountView(BaseModel):
    """A version's measures while they are counted beside the feed."""

    scheme: str = Field(description="cycle and version", examples=["2026/2"])
    records: int = Field(description="records counted so far")
    expected: int = Field(description="records there are, an estimate until the end is reached")
    per_second: int


def count_view(progress: Progress) -> CountView:
    return CountView(scheme=progress.count, records=progress.records, expected=progress.expected, per_second=progress.per_second)
