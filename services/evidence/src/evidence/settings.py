"""What evidence is told by its environment (`EVIDENCE_...`)."""

from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from kit.settings import ServiceSettings


class EvidenceSettings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="EVIDENCE_", frozen=True, extra="ignore")

    http_port: int = 8102
    s3_endpoint: str = Field(description="http(s)://host:port of the store, as this service reaches it")
    s3_public_endpoint: str | None = Field(None, description="the same store as people's machines reach it, where that differs")
    s3_region: str = "us-east-1"
    s3_access_key: str
    s3_secret_key: SecretStr
    s3_ca_file: Path | None = None
    quarantine_bucket: str = "evidence-quarantine"
    locked_bucket: str = "evidence-locked"
    largest_bytes: int = Field(1 << 30, gt=0, le=5 << 30, description="a signed upload and a copy are one S3 call each: 5 GiB at most")
    retention_days: int = Field(3650, gt=0)
    lapse_after_hours: float = Field(24, gt=0, description="a declared file that never came lapses this long after its address ended")
    sweep_seconds: float = Field(10, gt=0)
    integrity_hours: float = Field(24, gt=0, description="every accepted file is read again once in this time")

    @property
    def retention(self) -> timedelta:
        return timedelta(days=self.retention_days)


class BucketSettings(BaseSettings):
    """For `python -m evidence buckets` alone: the key that may make buckets and that the service never gets."""

    model_config = SettingsConfigDict(env_prefix="EVIDENCE_", frozen=True, extra="ignore")

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    s3_endpoint: str
    s3_region: str = "us-east-1"
    s3_admin_access_key: str
    s3_admin_secret_key: SecretStr
    s3_ca_file: Path | None = None
    quarantine_bucket: str = "evidence-quarantine"
    locked_bucket: str = "evidence-locked"
    retention_days: int = Field(3650, gt=0)
