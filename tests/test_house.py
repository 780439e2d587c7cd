"""The import rules hold, and they would notice if they did not: each rule is tried with an injected violation."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

#: rule -> (the file that breaks it, what is written at its end, words of the broken contract's name)
VIOLATIONS = {
    "an operation imports a page": (
        "server/operations/__init__.py",
        "import luotain.server.web.access",
        "Floors",
    ),
    "a table imports an operation": ("server/models/base.py", "import luotain.server.operations", "Floors"),
    "listen imports improve": ("listen/__init__.py", "import luotain.improve", "Floors"),
    "language imports a room": ("language/__init__.py", "import luotain.people", "Floors"),
    "the tables of listen import those of respond": (
        "server/models/listen.py",
        "import luotain.server.models.respond",
        "Rooms in models",
    ),
    "the core imports Django": ("understand/__init__.py", "import django.db", "does not know Django"),
    "the core imports the server": (
        "respond/__init__.py",
        "import luotain.server.models",
        "does not know Django",
    ),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the copy of the source in ``folder``."""
    code = "import sys; sys.path.insert(0, 'src'); from importlinter.cli import lint_imports_command as lint; lint()"
    return subprocess.run(
        [sys.executable, "-c", code, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the source and of the rules."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    ignore = shutil.ignore_patterns("static", "templates", "locale", "__pycache__")
    shutil.copytree(ROOT / "src" / "luotain", tmp_path / "src" / "luotain", ignore=ignore)
    return tmp_path


def test_the_house_keeps_its_rules(copy: Path) -> None:
    result = lint(copy)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("rule", VIOLATIONS)
def test_a_violation_is_noticed(rule: str, copy: Path) -> None:
    file, line, contract = VIOLATIONS[rule]
    path = copy / "src" / "luotain" / file
    path.write_text(path.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    result = lint(copy)
    assert result.returncode != 0
    broken = [text for text in result.stdout.splitlines() if "BROKEN" in text]
    assert any(contract in text for text in broken), result.stdout


def test_every_function_stays_short() -> None:
    """No function of the product works in more than 45 lines: a reader can hold it in mind."""
    long = []
    for path in (ROOT / "src" / "luotain").rglob("*.py"):
        if "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and _lines(node) > 45:
                long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert not long


def _lines(node: ast.FunctionDef) -> int:
    """Return how many lines a function does its work in: parameters and docstring tell what, not how."""
    work = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (node.end_lineno or 0) - work[0].lineno + 1 if work else 0


def test_no_catch_all_rooms() -> None:
    names = {path.stem for path in (ROOT / "src" / "luotain").rglob("*.py")}
    assert not names & {"utils", "helpers", "services", "common", "misc"}
