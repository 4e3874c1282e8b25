"""Where the services are and whose token is used: the environment, or the local stack of this folder."""

import json
from pathlib import Path
from typing import Self

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

SERVICES = ("scoring", "evidence", "feedback", "notification", "collection")


class Settings(BaseSettings):
    """`KAOHE_SCORING_URL` and its like, `KAOHE_TOKEN`; what is not set comes from `.stack/addresses.json` of this folder or one above."""

    model_config = SettingsConfigDict(env_prefix="KAOHE_", frozen=True, extra="ignore")

    scoring_url: str | None = None
    evidence_url: str | None = None
    feedback_url: str | None = None
    notification_url: str | None = None
    collection_url: str | None = None
    token: SecretStr | None = None
    issuer_url: str | None = None
    issuer_secret: SecretStr | None = None

    @classmethod
    def here(cls, folder: Path) -> Self:
        """The environment's, completed by the nearest local stack above `folder`."""
        told = cls()
        local = next((found for up in (folder, *folder.parents) if (found := up / ".stack" / "addresses.json").is_file()), None)
        if local is None:
            return told
        known = json.loads(local.read_text(encoding="utf-8"))
        return cls.model_validate({**known, **told.model_dump(exclude_none=True)})

    def url(self, service: str) -> str | None:
        found: str | None = getattr(self, f"{service}_url")
        return found
