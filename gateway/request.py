"""How does the native API read a body? Strictly, with every fault named."""

from typing import Any

from litestar import Request
from litestar.datastructures import State

from gateway.http import Rejected
from gateway.json_body import decode

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"


class NativeRequest(Request[Any, Any, State]):
    """Litestar decodes leniently and without checks; here `data` arrives as what it must be."""

    async def json(self) -> Any:
        check_media_type(self.headers.get("content-type", ""), self.method)
        definition = self.route_handler.parsed_fn_signature.parameters["data"]
        settings = self.app.state.settings
        return decode(
            await self.body(),
            definition.annotation,
            max_depth=settings.max_depth,
            max_array=settings.max_array,
        )


def check_media_type(content_type: str, method: str) -> None:
    """Raises `Rejected`. JSON is UTF-8 and nothing else."""
    if content_type == JSON:
        return
    essence, *parameters = (part.strip().lower() for part in content_type.split(";"))
    takes = (JSON, MERGE_PATCH) if method == "PATCH" else (JSON,)
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "charset" and value.strip('"') not in ("utf-8", "utf8"):
            essence = ""
    if essence not in takes:
        raise Rejected(
            415,
            "unsupported-media-type",
            f"send the body as {' or '.join(takes)}, in UTF-8",
            field="Content-Type",
            headers={"Accept": ", ".join(takes)},
        )
