"""Each older system's OpenAPI document: valid, true to the routes, and where it used to stand."""

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from gateway.app import make_app
from gateway.dialects.catalog import DIALECTS, SYSTEMS
from gateway.dialects.openapi import System, describe
from infra.settings import Settings
from tests.support.app import RunningApp

Json = dict[str, Any]
every_system = pytest.mark.parametrize("system_", SYSTEMS, ids=lambda system: system.name)


@pytest.fixture(scope="module")
def app() -> Litestar:
    async def nothing(settings: Settings) -> dict[str, Any]:
        raise NotImplementedError

    return make_app(Settings(data=Settings.from_env({}).data), nothing)  # type: ignore[arg-type]


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path, operation


def test_every_dialect_has_a_document() -> None:
    assert {system.name for system in SYSTEMS} == {router.path.strip("/") for router in DIALECTS}


@every_system
def test_a_document_is_openapi_3_1(system_: System) -> None:
    document = describe(system_, at=f"/{system_.name}")
    assert document["openapi"] == "3.1.0"
    assert [str(error) for error in OPENAPI_31_VALIDATOR.iter_errors(document)] == []
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate(schema)


@every_system
def test_every_operation_has_an_id_of_its_own(system_: System) -> None:
    ids = [found["operationId"] for _, _, found in operations(describe(system_, at="/"))]
    assert len(ids) == len(system_.operations) == len(set(ids))


@every_system
def test_the_table_has_every_route_and_no_other(system_: System, app: Litestar) -> None:
    prefix = f"/{system_.name}"
    undocumented = {shaped(prefix + path) for path in (system_.document, *system_.pages)}
    routes = {
        (method, shaped(route.path_format))
        for route in app.routes
        if isinstance(route, HTTPRoute)
        and (route.path_format + "/").startswith(prefix + "/")
        and shaped(route.path_format) not in undocumented
        for method in route.methods
        if method not in ("OPTIONS", "HEAD")
    }
    table = {(each.method, shaped(prefix + each.path)) for each in system_.operations}
    assert table == routes


def shaped(path: str) -> str:
    """Both slash forms are one route, and a parameter's name is not on the wire."""
    return re.sub(r"\{[^}]*\}", "{}", path).rstrip("/")


@every_system
def test_every_example_is_one(system_: System) -> None:
    document = describe(system_, at="/")
    for method, path, operation in operations(document):
        for content in contents(operation):
            if "example" in content:
                schema = {**content["schema"], "components": document["components"]}
                errors = jsonschema_rs.Draft202012Validator(schema).iter_errors(content["example"])
                assert [error.message for error in errors] == [], f"{method} {path}"


def contents(operation: Json) -> Iterator[Json]:
    for part in (operation.get("requestBody", {}), *operation["responses"].values()):
        yield from part.get("content", {}).values()


@every_system
def test_every_parameter_of_a_path_is_described(system_: System) -> None:
    for method, path, operation in operations(describe(system_, at="/")):
        described = [each["name"] for each in operation["parameters"] if each["in"] == "path"]
        assert described == re.findall(r"\{(\w+)\}", path), f"{method} {path}"


@every_system
async def test_a_document_stands_where_it_did(system_: System, system: RunningApp) -> None:
    prefix = f"/{system_.name}"
    for path in (system_.document, system_.document + "/"):
        answer = await system.client.get(prefix + path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    document = answer.json()
    assert document["servers"] == [{"url": prefix}]
    assert document["info"]["title"] == system_.title
    assert document["paths"].keys() == {each.path for each in system_.operations}


@every_system
async def test_the_pages_for_people_read_that_document(system_: System, system: RunningApp) -> None:
    assert len(system_.pages) == 2
    for path in system_.pages:
        answer = await system.client.get(f"/{system_.name}{path}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/html")
        assert f'fetch("/{system_.name}{system_.document}")' in answer.text
        assert "/v1/" not in answer.text
        assert "https://" not in answer.text
