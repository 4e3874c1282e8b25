"""The envelope of every event between services: CloudEvents 1.0 attributes and a payload of one contract."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar, Final, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

CONTENT_TYPE: Final = "application/cloudevents+json"


class Contract(BaseModel):
    """A payload that another service may rely on.

    `TYPE` names it with its version, `TOPIC` is where it is said, `KEY` names the field that is the aggregate's id: the event's
    subject and the Kafka key. Readers ignore fields that they don't know: a new optional field keeps the version.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    TYPE: ClassVar[str]
    TOPIC: ClassVar[str]
    KEY: ClassVar[str]

    @property
    def key(self) -> str:
        return str(getattr(self, self.KEY))


class Envelope(BaseModel):
    """What stands around a payload; `id` is a UUIDv7 and unique for ever, `causationid` the event that led to this one."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: str
    type: str
    time: AwareDatetime
    subject: str
    correlationid: str
    causationid: str | None = None
    datacontenttype: Literal["application/json"] = "application/json"
    data: dict[str, Any]

    @classmethod
    def around(cls, payload: Contract, *, id: UUID, source: str, time: datetime, correlationid: str, causationid: str | None) -> Self:  # noqa: A002 - CloudEvents' name
        return cls(
            id=id,
            source=source,
            type=payload.TYPE,
            time=time,
            subject=payload.key,
            correlationid=correlationid,
            causationid=causationid,
            data=payload.model_dump(mode="json"),
        )


def contracts_of(owner: object) -> Iterator[type[Contract]]:
    """Every contract that a module of this package declares, by type."""
    declared = (value for value in vars(owner).values() if isinstance(value, type) and issubclass(value, Contract))
    return iter(sorted((contract for contract in declared if hasattr(contract, "TYPE")), key=lambda contract: contract.TYPE))
