"""The beat rings bells that exist, and every bell that nothing else rings is rung by it."""

import ast

from celery import Task

from newsletter.config import Config
from tests.house.documents import ROOT
from workers import tasks
from workers.schedule import beat_table

RUNG = {entry["task"].rpartition(".")[2] for entry in beat_table(Config()).values()}


def test_every_bell_of_the_beat_is_a_task():
    assert [name for name in RUNG if not isinstance(getattr(tasks, name, None), Task)] == []


def test_every_task_is_rung_by_the_beat_or_by_another():
    tree = ast.parse((ROOT / "workers/tasks.py").read_text("utf-8"))
    defined = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    named = {
        name.id
        for of, node in defined.items()
        for name in ast.walk(node)
        if isinstance(name, ast.Name) and name.id in defined and name.id != of
    }
    assert defined.keys() - RUNG - named == set()
