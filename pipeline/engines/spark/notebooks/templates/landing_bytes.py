# @note Landing files as bytes. Each is whole at every moment, as it was or as it will be, which nothing in Spark or `dbutils` says of a
# @note file that it replaces. On Databricks they are objects of S3; a folder of the machine serves the tests.
import os
import re
import threading
from collections import namedtuple

# A file's bytes, the second of its last change, and what tells that it is still the same.
Held = namedtuple("Held", "content, modified, version")


class ChangedMeanwhile(RuntimeError):
    def __init__(self, path):
        super().__init__(f"{path} was changed or removed meanwhile. Nothing is lost: run this again, without keys.")


class Folder:
    """A folder of the machine that runs this."""

    def __init__(self, root):
        self.root = root

    def names(self, folder):
        """The names of the files right below a folder."""
        return [entry.name for entry in os.scandir(f"{self.root}/{folder}") if entry.is_file()]

    def read(self, path):
        """A file, or None where there is none."""
        try:
            with open(f"{self.root}/{path}", "rb") as file:
                changed = os.fstat(file.fileno()).st_mtime_ns
                return Held(file.read(), changed // 10**9, changed)
        except FileNotFoundError:
            return None

    def put(self, path, content, was=None):
        """Writes a file; in place of what was read, where that is still there. A link stays, and what it leads to is written."""
        file = os.path.realpath(f"{self.root}/{path}")
        folder, name = os.path.split(file)
        # A sink removes what is left of a name that ends so.
        aside = f"{folder}/.{name}.tmp"
        with open(aside, "wb") as written:
            written.write(content)
            written.flush()
            os.fsync(written.fileno())
        if was is not None and (not os.path.exists(file) or os.stat(file).st_mtime_ns != was.version):
            os.remove(aside)
            raise ChangedMeanwhile(path)
        os.replace(aside, file)
        self.sync(folder)

    def remove(self, path):
        """Removes a file, and what it leads to where it is a link."""
        for file in {os.path.realpath(f"{self.root}/{path}"), f"{self.root}/{path}"}:
            if os.path.lexists(file):
                os.remove(file)
            self.sync(os.path.dirname(file))

    def sync(self, folder):
        """Lets a change of names outlive a loss of power."""
        opened = os.open(folder, os.O_RDONLY)
        os.fsync(opened)
        os.close(opened)


class Bucket:
    """A folder of a bucket. The rights are those of a service credential, or of the instance profile that the machine carries."""

    def __init__(self, url, region, credentials):
        import boto3

        self.bucket, _, self.root = url.removeprefix("s3://").partition("/")
        self.client = boto3.Session(botocore_session=credentials, region_name=region).client("s3")
        # Clients of before November 2024 do not know the parameter `IfMatch`. A header of any client is signed and sent.
        self.condition = threading.local()
        self.client.meta.events.register("before-call.s3.PutObject", self.add_condition)

    def add_condition(self, params, **_):
        if getattr(self.condition, "version", None):
            params["headers"]["If-Match"] = self.condition.version

    def object(self, path):
        return {"Bucket": self.bucket, "Key": f"{self.root}/{path}".lstrip("/")}

    def names(self, folder):
        below = self.object(f"{folder}/")
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=below["Key"], Delimiter="/")
        return [found["Key"].removeprefix(below["Key"]) for page in pages for found in page.get("Contents", [])]

    def read(self, path):
        try:
            found = self.client.get_object(**self.object(path))
        except self.client.exceptions.NoSuchKey:
            return None
        return Held(found["Body"].read(), int(found["LastModified"].timestamp()), found["ETag"])

    def put(self, path, content, was=None):
        self.condition.version = was and was.version
        try:
            self.client.put_object(**self.object(path), Body=content)
        except self.client.exceptions.ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in (404, 409, 412):
                raise ChangedMeanwhile(path) from error
            raise
        finally:
            self.condition.version = None

    def remove(self, path):
        self.client.delete_object(**self.object(path))


def bytes_below(place, region, service_credential):
    """The files below a folder of this machine, or an s3:// URL."""
    if place.startswith("s3://"):
        # Without a session of its own boto3 asks the machine, which carries the instance profile.
        credentials = dbutils.credentials.getServiceCredentialsProvider(service_credential) if service_credential else None
        return Bucket(place, region, credentials)
    root = re.sub("^file:/*", "/", place)
    if not root.startswith("/"):
        raise ValueError(f"Landing files are written again by S3 itself: name {place!r} as s3://bucket/folder.")
    return Folder(root)
