"""How records behind a figure are shown."""

from typing import Any
from urllib.parse import quote

from pydantic import BaseModel

from scoring.appraisal.handlers.work import CountedRecord, Page


class RecordView(BaseModel):
    """A record and what it adds; `facts` leads to every fact that made it, with where that came from."""

    source: str
    subject: str
    unit_code: str
    month: str
    n: str
    total: str
    attributes: dict[str, Any]
    facts: str


class PageView(BaseModel):
    """A page may be short, even empty: there is more as long as `after` is not null."""

    records: list[RecordView]
    after: str | None


def page_view(page: Page) -> PageView:
    return PageView(records=[_record(record) for record in page.records], after=page.after)


def _record(record: CountedRecord) -> RecordView:
    return RecordView(
        source=record.source,
        subject=record.subject,
        unit_code=record.unit_code,
        month=record.month,
        n=record.n,
        total=record.total,
        attributes=dict(record.attributes),
        facts=f"/v1/records/{quote(record.source, safe='')}/{quote(record.subject, safe='')}/facts",
    )
