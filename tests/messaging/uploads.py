"""Files as clients send them."""

import io
import uuid
from pathlib import Path
from typing import Any

from PIL import Image

from apps.core.models import App
from apps.messaging.models import Media
from apps.messaging.services.media import as_upload, store_media

AMR = b"#!AMR\n" + bytes(200)


def image(kind: str = "PNG", size: tuple[int, int] = (3, 2), colour: str = "red") -> bytes:
    """A real one."""
    made = io.BytesIO()
    Image.new("RGB", size, colour).save(made, kind)
    return made.getvalue()


def multipart(
    content: bytes,
    *,
    name: str = "filename",
    file_name: str = "a.png",
    before: bytes = b"",
    boundary: str = "",
) -> tuple[bytes, str]:
    """A body with one file, and its content type. `before` stands before that part."""
    line = boundary or uuid.uuid4().hex
    told = f'Content-Disposition: form-data; name="{name}"; filename="{file_name}"'
    head = f"--{line}\r\n{told}\r\nContent-Type: application/octet-stream\r\n\r\n".encode()
    body = before + head + content + f"\r\n--{line}--\r\n".encode()
    return body, f"multipart/form-data; boundary={line}"


def upload(
    client: Any, kind: str, content: bytes, *, path: str = "/v1/resource", **more: Any
) -> Any:
    """What is answered."""
    body, content_type = multipart(content, **more)
    return client.raw("POST", f"{path}?type={kind}", body, content_type=content_type)


def keep_on_disk(
    settings: Any, place: Path, backend: str = "django.core.files.storage.FileSystemStorage"
) -> None:
    """Have media there, each reader and writer with a file of its own; those in memory are one for all."""
    media = {"BACKEND": backend, "OPTIONS": {"location": place, "base_url": None}}
    settings.STORAGES = {**settings.STORAGES, "media": media}


def store(app: App, content: bytes, name: str, *, kind: str = "image", uploader: str = "") -> Media:
    """As the API does once it has received it."""
    received = as_upload(io.BytesIO(content), name)
    return store_media(app=app, kind=kind, upload=received, uploader=uploader)
