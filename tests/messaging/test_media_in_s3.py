"""Media in a bucket: the same as on a disk. The bucket is moto's, over HTTP."""

import json
import socket
from typing import Any

import boto3
import pytest
from django.core.files.storage import storages
from moto.server import ThreadedMotoServer

from imserver import storages as configured
from tests.messaging.test_api_media_downloads import CONTENT, get
from tests.messaging.uploads import image, upload

KEY = "testing"


@pytest.fixture(scope="module")
def s3():
    """A server that speaks S3, and its address."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3, settings, monkeypatch):
    """A bucket, told to the server as an administrator would."""
    told = {
        "IM_S3_BUCKET": "media",
        "IM_S3_ENDPOINT": s3,
        "IM_S3_REGION": "us-east-1",
        "IM_S3_ACCESS_KEY": KEY,
        "IM_S3_SECRET_KEY": KEY,
        "IM_S3_PREFIX": "im",
    }
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    client = boto3.client(
        "s3",
        endpoint_url=s3,
        region_name="us-east-1",
        aws_access_key_id=KEY,
        aws_secret_access_key=KEY,
    )
    client.create_bucket(Bucket="media")
    settings.STORAGES = configured.storages()
    yield client
    for key in keys(client):
        client.delete_object(Bucket="media", Key=key)
    media: Any = storages["media"]
    media.connection.meta.client.close()
    client.close()


def keys(bucket):
    return [one["Key"] for one in bucket.list_objects_v2(Bucket="media").get("Contents", [])]


def test_media_is_stored_once_and_served_whole_and_in_ranges(api, app, bucket):
    one = upload(api, "image", image()).json()
    assert upload(api, "image", image()).json() == one
    file = upload(api, "file", CONTENT).json()
    url = api.call("GET", f"/v1/resource?mediaId={file['media_id']}").json()["url"]

    assert sorted(keys(bucket)) == sorted(
        f"im/{app.pk}/{told['hash'][:2]}/{told['hash']}" for told in (one, file)
    )
    assert get(url)[1] == CONTENT
    reply, body = get(url, Range="bytes=70000-140000")
    assert (reply.status_code, body) == (206, CONTENT[70000:140001])


def test_what_is_gone_from_the_bucket_is_told_of(api, bucket):
    file = upload(api, "file", b"soon gone").json()
    url = api.call("GET", f"/v1/resource?mediaId={file['media_id']}").json()["url"]
    for key in keys(bucket):
        bucket.delete_object(Bucket="media", Key=key)

    assert get(url)[0].status_code == 404


def test_what_is_stored_in_a_bucket_is_not_public(api, bucket):
    upload(api, "file", b"private")
    (key,) = keys(bucket)

    grants = bucket.get_object_acl(Bucket="media", Key=key)["Grants"]

    assert all("URI" not in grant["Grantee"] for grant in grants)


def test_while_the_bucket_is_away_one_is_told_to_try_again(api, app, bucket, settings, monkeypatch):
    file = upload(api, "file", b"out of reach").json()
    url = api.call("GET", f"/v1/resource?mediaId={file['media_id']}").json()["url"]
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    monkeypatch.setenv("IM_S3_ENDPOINT", address)
    settings.STORAGES = configured.storages()

    stored = upload(api, "file", b"another")
    reply, body = get(url)

    assert (stored.status_code, stored.json()["error"]["code"]) == (503, 899030)
    assert (reply.status_code, json.loads(body)["error"]["code"]) == (503, 899030)
    assert app.media.count() == 1
