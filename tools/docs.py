"""Write the generated pages of docs/reference, and check that every link in the documentation leads somewhere.

python tools/docs.py           # write the pages
python tools/docs.py --check   # fail when a page is out of date or a link is broken
"""

from __future__ import annotations

import inspect
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "luotain.server.settings")
HOME = tempfile.TemporaryDirectory(prefix="luotain-docs-")
os.environ["LUOTAIN_HOME"] = HOME.name
os.environ["NO_COLOR"] = os.environ["TERM"] = "dumb"
os.environ["COLUMNS"] = "100"

import django

django.setup()

from django.apps import apps
from typer.main import get_command

import luotain
from luotain import terms
from luotain.people.access import GRANTS, Permission
from luotain.server.cli.main import app
from luotain.server.web.access import ACCESS

GENERATED = "<!-- Written by `make docs` from the source: do not edit. -->\n\n"


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def commands() -> str:
    """Every command with its help."""

    def walk(command: Any, name: str) -> Iterator[str]:
        for child, inner in sorted(getattr(command, "commands", {}).items()):
            yield from walk(inner, f"{name} {child}")
        if not hasattr(command, "commands"):
            context = command.make_context(name, [], resilient_parsing=True, terminal_width=100, max_content_width=100)
            help_ = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
            yield f"## `{name}`\n\n```text\n{help_.strip()}\n```\n"

    return "# Commands\n\n" + GENERATED + "\n".join(walk(get_command(app), "luotain"))


def access() -> str:
    """Who may do what, and what each address asks for."""
    roles = list(terms.Role)
    rows = [
        (f"`{permission}`", *("●" if permission in GRANTS[role] else "" for role in roles)) for permission in Permission
    ]
    addresses = [(f"`{name}`", f"`{rule}`") for name, rule in sorted(ACCESS.items())]
    return (
        "# Who may do what\n\n" + GENERATED
        + "A member holds roles in units; a role reaches the unit and everything below it.\n\n"
        + table(("permission", *(role.en for role in roles)), rows)
        + "\n## What each address asks for\n\n`public` opens for everybody, `member` for whoever has logged in, `key` "
        "for an API key; anything else is a permission.\n\n"
        + table(("address", "asks for"), addresses)
    )  # fmt: skip


def words() -> str:
    """Every stored code with its word in three languages."""
    parts = ["# Words\n\n" + GENERATED + "One word, one thing. The code is what the database keeps.\n"]
    for vocabulary in terms.Vocabulary.__subclasses__():
        rows = [(f"`{word.value}`", word.en, word.fi, word.sv) for word in vocabulary]
        parts.append(f"\n## {vocabulary.__name__}\n\n{(vocabulary.__doc__ or '').strip()}\n\n")
        parts.append(table(("code", "English", "suomi", "svenska"), rows))
    return "".join(parts)


def tables() -> str:
    """Every table with its columns."""
    parts = ["# Tables\n\n" + GENERATED]
    for model in sorted(apps.get_app_config("luotain").get_models(), key=lambda m: (m.__module__, m.__name__)):
        room = model.__module__.rsplit(".", 1)[-1]
        doc = " ".join((model.__doc__ or "").split())
        rows = [
            (f"`{field.column}`", type(field).__name__, field.related_model.__name__ if field.is_relation else "")
            for field in model._meta.concrete_fields
        ]
        parts.append(f"## {room} · {model.__name__}\n\n{doc}\n\n{table(('column', 'kind', 'points to'), rows)}\n")
    return "".join(parts)


def library() -> str:
    """Every public name of the library with its own description."""

    def told(name: str, thing: Any) -> str:
        shape = ""
        if inspect.isfunction(thing):
            asked = inspect.signature(thing)
            bare = [each.replace(annotation=inspect.Parameter.empty) for each in asked.parameters.values()]
            shape = str(inspect.Signature(bare))
        return f"## `luotain.{name}`\n\n```text\n{name}{shape}\n\n{inspect.getdoc(thing) or ''}\n```\n"

    parts = [
        "# The library\n\n" + GENERATED + "Every public name, as `help(luotain.nps)` tells it. How to begin: "
        "[figures in a notebook](../howto/notebook.md).\n"
    ]
    for name in luotain.__all__:
        thing = getattr(luotain, name)
        if isinstance(thing, ModuleType):
            inner = [each for each in getattr(thing, "__all__", ()) if callable(getattr(thing, each))]
            parts += [told(f"{name}.{each}", getattr(thing, each)) for each in inner]
        elif not name.startswith("__"):
            parts.append(told(name, thing))
    return "\n".join(parts)


PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands,
    "access.md": access,
    "words.md": words,
    "tables.md": tables,
    "library.md": library,
}


def broken_links() -> Iterator[str]:
    """Yield every relative link of the documentation that leads nowhere."""
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
            path = target.split("#")[0]
            if path and "://" not in target and not target.startswith("mailto:") and not (page.parent / path).exists():
                yield f"{page.relative_to(ROOT)}: no such page: {target}"


def main(check: bool) -> int:
    """Write or check the pages."""
    problems = []
    for name, build in PAGES.items():
        path, text = REFERENCE / name, build().rstrip() + "\n"
        if check and (not path.exists() or path.read_text(encoding="utf-8") != text):
            problems.append(f"docs/reference/{name} is out of date: run `make docs`")
        elif not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    problems += broken_links()
    print("\n".join(problems) or "documentation: up to date")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
