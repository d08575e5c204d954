"""Servers of others that sign tokens: their keys, and where those are published."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import get_default_algorithms

MAKE: dict[str, Callable[[], Any]] = {
    "RS256": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}


@dataclass(frozen=True)
class SigningKey:
    algorithm: str
    kid: str
    private: Any

    @property
    def jwk(self) -> dict[str, Any]:
        """What is published of it."""
        made = get_default_algorithms()[self.algorithm].to_jwk(self.private.public_key())
        found: dict[str, Any] = json.loads(made) if isinstance(made, str) else made
        return {**found, "kid": self.kid}

    @property
    def pem(self) -> bytes:
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        found: bytes = self.private.public_key().public_bytes(serialization.Encoding.PEM, form)
        return found

    def signed(self, claims: dict[str, Any], **headers: Any) -> str:
        named = {"kid": self.kid, **headers}
        given = {name: value for name, value in named.items() if value is not None}
        return jwt.encode(claims, self.private, self.algorithm, headers=given)


def signing_key(algorithm: str = "RS256", kid: str = "first") -> SigningKey:
    return SigningKey(algorithm, kid, MAKE[algorithm]())


def key_set(*keys: SigningKey, **members: Any) -> bytes:
    return json.dumps({"keys": [{**key.jwk, **members} for key in keys]}).encode()


@dataclass
class Published:
    """What the server answers, and how often it was asked."""

    content: bytes
    status: int = 200
    url: str = ""
    asked: int = 0


@asynccontextmanager
async def publishing(content: bytes) -> AsyncIterator[Published]:
    """An issuer's own server, on the loopback."""
    published = Published(content)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        published.asked += 1
        head = [f"HTTP/1.1 {published.status} So", f"Content-Length: {len(published.content)}"]
        head += ["Location: /elsewhere", "Connection: close"]
        writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + published.content)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        published.url = f"http://127.0.0.1:{port}/api/auth/jwks"
        yield published
