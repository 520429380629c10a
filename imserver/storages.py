"""Where files are: `STORAGES`, as Django has it, out of environment variables."""

from __future__ import annotations

from typing import Any

from imserver import env

Storages = dict[str, dict[str, Any]]

#: Bytes of a file in S3 that are held in memory while it is read; more go to a temporary file.
IN_MEMORY = 256 * 1024


def storages() -> Storages:
    """Media in var/media, or in a bucket where ``IM_S3_BUCKET`` names one."""
    return {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        "media": _s3() if env.text("IM_S3_BUCKET", "") else _disk(),
    }


def _disk() -> dict[str, Any]:
    place = env.text("IM_MEDIA_DIR", "") or env.var_directory() / "media"
    return {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": place, "base_url": None},
    }


def _s3() -> dict[str, Any]:
    """Without keys, those that the machine has by itself: a role, or the files of Amazon's own tools."""
    from botocore.config import Config  # a large library: for those who have a bucket

    told = {
        "bucket_name": env.text("IM_S3_BUCKET"),
        "endpoint_url": env.text("IM_S3_ENDPOINT", ""),
        "region_name": env.text("IM_S3_REGION", ""),
        "access_key": env.text("IM_S3_ACCESS_KEY", ""),
        "secret_key": env.secret("IM_S3_SECRET_KEY", ""),
        "location": env.text("IM_S3_PREFIX", ""),
    }
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            **{name: value for name, value in told.items() if value},
            "default_acl": None,  # as the bucket has it, which is private
            "file_overwrite": True,  # a name is the sum of its bytes
            "max_memory_size": IN_MEMORY,
            # A bucket that is away is told of while somebody still waits for an answer.
            "client_config": Config(
                connect_timeout=3, read_timeout=20, retries={"total_max_attempts": 2}
            ),
        },
    }
