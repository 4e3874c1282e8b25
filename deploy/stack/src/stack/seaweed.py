"""SeaweedFS as the S3 store, with two keys: one that may do everything, one that can neither delete nor bypass a lock."""

import json
import os
import sysconfig
from http import HTTPStatus
from pathlib import Path
from typing import Final

from stack.folder import write_private
from stack.ports import LOOPBACK
from stack.probe import ask
from stack.processes import Child, Crew, Program, until

REGION: Final = "us-east-1"
ADMIN: Final = "admin"
UPLOADER: Final = "uploader"

# What the evidence service needs, and no more: no delete outside quarantine, no bypass of a retention lock, no bucket changes.
READ_AND_PUT: Final = [
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:GetObjectRetention",
    "s3:GetObjectAttributes",
    "s3:PutObject",
    "s3:PutObjectRetention",
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
    "s3:ListBucketMultipartUploads",
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:GetBucketLocation",
    "s3:GetBucketVersioning",
    "s3:GetBucketObjectLockConfiguration",
]


def identities(keys: dict[str, str]) -> dict[str, object]:
    """The store's accounts. A quarantine bucket is one with `quarantine` in its name: there the uploader may clean up."""
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": READ_AND_PUT, "Resource": ["arn:aws:s3:::*", "arn:aws:s3:::*/*"]},
            {"Effect": "Allow", "Action": ["s3:DeleteObject"], "Resource": ["arn:aws:s3:::*quarantine*/*"]},
        ],
    }
    return {
        "policies": [{"name": UPLOADER, "content": json.dumps(policy)}],
        "identities": [
            {
                "name": ADMIN,
                "credentials": [{"accessKey": keys["s3_admin_access"], "secretKey": keys["s3_admin_secret"]}],
                "actions": ["Admin", "Read", "Write", "List", "Tagging", "BypassGovernanceRetention"],
            },
            {
                "name": UPLOADER,
                "credentials": [{"accessKey": keys["s3_uploader_access"], "secretKey": keys["s3_uploader_secret"]}],
                "policyNames": [UPLOADER],
            },
        ],
    }


async def launch(crew: Crew, *, ports: dict[str, int]) -> Child:
    """Start it; returns when an object could be put."""
    home = crew.folder.data / "s3"
    home.mkdir(exist_ok=True)
    config = crew.folder.data / "s3-identities.json"
    write_private(config, json.dumps(identities(crew.folder.secrets())))
    # Its filer waits 15 s for a stream of its own S3 door. What was acknowledged is on disk by then (all of 1,000 objects after kill -9).
    program = Program(name="s3", command=_command(home, config, ports), environment=_frugal(home), patience=2)
    child = await crew.start(program)
    await until(lambda: _serves(ports), child, within=240)
    return child


def _command(home: Path, config: Path, ports: dict[str, int]) -> tuple[str, ...]:
    parts = {"master": "s3_master", "volume": "s3_volume", "filer": "s3_filer", "s3": "s3"}
    listening = [
        f"-{part}.port{grpc}={ports[name + suffix]}" for part, name in parts.items() for grpc, suffix in (("", ""), (".grpc", "_grpc"))
    ]
    return (
        str(Path(sysconfig.get_path("scripts")) / "weed"),
        f"-logdir={home}",
        "-logtostderr=true",
        "server",
        f"-ip={LOOPBACK}",
        f"-ip.bind={LOOPBACK}",
        f"-dir={home}",
        *listening,
        "-volume.max=200",
        "-master.volumeSizeLimitMB=64",
        "-filer",
        "-s3",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        f"-s3.config={config}",
        "-volume.preStopSeconds=0",
        "-master.electionTimeout=1s",
        "-master.heartbeatInterval=100ms",
    )


def _frugal(home: Path) -> dict[str, str]:
    """Memory limits for its garbage collector, one volume a bucket to begin with instead of seven, and a home inside the folder."""
    return {
        "WEED_MASTER_VOLUME_GROWTH_COPY_1": "1",
        "GOMEMLIMIT": "256MiB",
        "GOGC": "50",
        "GOMAXPROCS": str(min(4, os.cpu_count() or 1)),
        "HOME": str(home),
    }


async def _serves(ports: dict[str, int]) -> bool:
    """A volume can be written to and the S3 door answers (a stranger is refused)."""
    assigned, door = await ask(ports["s3_master"], "/dir/assign"), await ask(ports["s3"], "/")
    return assigned is not None and "fid" in assigned[1] and door is not None and door[0] < HTTPStatus.INTERNAL_SERVER_ERROR
