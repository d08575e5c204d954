"""The API's description: complete, true to the code, and each problem described."""

import ast
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.params import ParameterKwarg
from litestar.routes import HTTPRoute

from events import refusals
from gateway.app import make_app
from gateway.http import CONDITIONAL, UNCONDITIONAL
from gateway.openapi import describe
from gateway.openapi_parts import TAGS
from gateway.problem_catalog import PROBLEMS
from gateway.resources.problems import STATUS
from gateway.resources.tasks import moment_in
from infra.settings import Settings
from tests.support.app import RunningApp

ROOT = Path(__file__).parents[2]
Json = dict[str, Any]
HEADERS = {"If-Match", "Idempotency-Key"}
HANDING_OUT = {"register", "reactivate", "signIn", "refreshSession"}


@pytest.fixture(scope="module")
def app() -> Litestar:
    async def nothing(settings: Settings) -> dict[str, Any]:
        raise NotImplementedError

    return make_app(Settings(data=Path("/nonexistent")), nothing)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def document(app: Litestar) -> Json:
    return describe(app)


def operations(document: Json) -> Iterator[tuple[str, Json]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def test_every_operation_has_a_name_a_known_tag_and_a_sentence(document: Json) -> None:
    names = []
    for where, operation in operations(document):
        names.append(operation["operationId"])
        assert operation["tags"], where
        assert set(operation["tags"]) <= set(TAGS), where
        assert operation["summary"], where
    assert len(names) == len(set(names))


def test_no_schema_is_called_by_a_module_of_ours(document: Json) -> None:
    assert not [name for name in document["components"]["schemas"] if "." in name]


def test_every_body_and_answer_has_an_example_that_is_one(app: Litestar, document: Json) -> None:
    """An example of a body is decoded as the body is."""
    checked = 0
    for route in app.routes:
        if not isinstance(route, HTTPRoute) or route.path_format not in document["paths"]:
            continue
        for method, (handler, _) in route.route_handler_map.items():
            operation = document["paths"][route.path_format].get(method.lower())
            data = handler.parsed_fn_signature.parameters.get("data")
            if operation is not None and data is not None:
                for content in operation["requestBody"]["content"].values():
                    msgspec.convert(content["example"], data.annotation)
                    checked += 1
    assert checked > 10
    for where, operation in operations(document):
        good = operation["responses"][min(operation["responses"])]
        for content in good.get("content", {}).values():
            assert "example" in content, where


def test_every_reference_leads_somewhere(document: Json) -> None:
    text = json.dumps(document)
    for reference in set(text.split('"$ref": "')[1:]):
        at: Any = document
        for step in reference.partition('"')[0].removeprefix("#/").split("/"):
            at = at[step]


def test_what_needs_a_token_says_so(document: Json) -> None:
    open_to_all = {
        operation["operationId"]
        for _, operation in operations(document)
        if not operation["security"]
    }
    assert open_to_all >= {"register", "signIn", "refreshSession", "getProblem"}
    assert not open_to_all & {"createTask", "listTasks", "getMe", "signOut"}


def test_every_limit_of_a_query_parameter_is_enforced(app: Litestar) -> None:
    """Litestar drops a `Meta` beside its own parameter; the limit must stand in the parameter."""
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        for handler, _ in route.route_handler_map.values():
            signatures = [
                handler.parsed_fn_signature,
                *(p.parsed_fn_signature for p in handler.resolve_dependencies().values()),
            ]
            for signature in signatures:
                for name, field in signature.parameters.items():
                    dropped = any(isinstance(part, msgspec.Meta) for part in field.metadata)
                    assert not (isinstance(field.kwarg_definition, ParameterKwarg) and dropped), (
                        f"{handler}: {name}"
                    )


def test_a_header_is_shown_where_it_counts(document: Json) -> None:
    """`If-Match` where a version is changed, `Idempotency-Key` where no tokens are handed out."""
    conditional, commands = set(), set()
    for where, operation in operations(document):
        name, answers = operation["operationId"], operation["responses"]
        headers = {each["name"] for each in operation.get("parameters", ())} & HEADERS
        if "Tasktrail-Position" in answers[min(answers)]["headers"]:
            commands.add(name)
        if "If-Match" in headers:
            conditional.add(name)
        assert "Idempotency-Key" in headers or name not in commands - HANDING_OUT, where
        assert "Idempotency-Key" not in headers or name not in HANDING_OUT, where
        assert ("412" in answers) == ("If-Match" in headers or name == "editTasks"), where
        changes = where.split()[0] in CONDITIONAL
        assert ("428" in answers) == ("If-Match" in headers and changes), where
    assert UNCONDITIONAL | HANDING_OUT | {"addAttachments"} == commands - conditional
    assert conditional >= {"editTask", "completeTask", "addMember", "deactivate", "cancelExport"}


def test_what_must_be_an_instant_is_no_date(document: Json) -> None:
    asked = [
        parameter["schema"]
        for _, operation in operations(document)
        for parameter in operation.get("parameters", ())
        if parameter["name"] == "moment"
    ]
    assert len(asked) == 3
    assert {schema.get("format") for schema in asked} == {"date-time"}
    for example in (text for schema in asked for text in schema["examples"]):
        assert isinstance(moment_in(example, "moment"), datetime)


def test_every_status_of_a_refusal_is_described() -> None:
    for kind, status in STATUS.items():
        described = PROBLEMS[kind.code]
        assert described.status == status or kind is refusals.Reused, kind


def test_every_code_in_the_source_is_described() -> None:
    """`code="..."` and the second argument of `Rejected` are literals; so are `...-taken`."""
    missing = {}
    for folder in ("commands", "events", "gateway", "infra", "queries"):
        for file in (ROOT / folder).rglob("*.py"):
            for code in codes_in(ast.parse(file.read_text())):
                if code not in PROBLEMS:
                    missing[code] = str(file.relative_to(ROOT))
    assert not missing


def codes_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        named = getattr(node.func, "id", "")
        found = [word.value for word in node.keywords if word.arg == "code"]
        if named == "Rejected" and len(node.args) > 1:
            found.append(node.args[1])
        if named in REFUSALS or named == "Rejected":
            yield from (str(n.value) for n in found if isinstance(n, ast.Constant))


REFUSALS = {kind.__name__ for kind in STATUS}


async def test_the_description_is_served_to_programs_and_people(served: RunningApp) -> None:
    answer = await served.client.get("/v1/openapi.json")
    assert answer.headers["Content-Type"].startswith("application/vnd.oai.openapi+json")
    assert answer.json()["openapi"].startswith("3.1")
    page = await served.client.get("/v1/docs")
    assert page.headers["Content-Type"].startswith("text/html")
    for elsewhere in ("https://", "http://", "//cdn"):
        assert elsewhere not in page.text.replace("http://www.w3.org", "")


async def test_a_problem_is_described_where_its_type_points(served: RunningApp) -> None:
    refused = (await served.client.get("/v1/me")).json()
    described = (await served.client.get(refused["type"])).json()
    assert (described["code"], described["status"]) == (refused["code"], refused["status"])
    every = (await served.client.get("/v1/problems")).json()
    assert described in every
