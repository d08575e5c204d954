"""How declarations become tables, and what every declaration must keep to."""

import pytest

from events.envelope import Erased, Unreadable
from events.tasks import TaskCreated
from events.topics import TOPICS
from projections.catalog import PROJECTIONS
from projections.database import Statements
from projections.table import Projection
from projections.tasks import TASKS
from projections.workspaces import WORKSPACES
from tests.support.projections import story


def test_column_types_follow_from_annotations() -> None:
    create = Statements(TASKS.tables[0], "tasks_v1_1").create
    assert create.startswith("CREATE TABLE tasks_v1_1.tasks (id uuid NOT NULL, ")
    for column in ("number bigint NOT NULL", "description text,", "priority text NOT NULL",
                   "due_on date,", "due_at timestamptz,", "tags uuid[] NOT NULL"):  # fmt: skip
        assert column in create


def test_every_topic_is_taken_by_some_projection() -> None:
    assert {topic for projection in PROJECTIONS for topic in projection.routes} == set(TOPICS)


def test_names_are_unique() -> None:
    names = [projection.name for projection in PROJECTIONS]
    tables = [table.name for projection in PROJECTIONS for table in projection.tables]
    assert len(set(names)) == len(names)
    assert len(set(tables)) == len(tables)


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda projection: projection.name)
def test_keys_are_columns(projection: Projection) -> None:
    for table in projection.tables:
        assert set(table.key) <= set(table.columns)


def test_an_erased_fact_is_passed_over_and_an_unreadable_one_is_not() -> None:
    erased, unreadable = story(Erased("task.created"), Unreadable("task.created", "damaged"))
    assert not TASKS.takes(erased)
    assert TASKS.takes(unreadable)


def test_a_topic_of_a_newer_program_concerns_the_projections_of_its_noun() -> None:
    (event,) = story(Unreadable("task.exploded", "unknown topic"))
    assert TASKS.takes(event)
    assert not WORKSPACES.takes(event)


def test_a_topic_of_another_noun_is_passed_over() -> None:
    (event,) = story(TaskCreated(title="Write"))
    assert not WORKSPACES.takes(event)
