"""What is shipped, as text: its files, its modules, and what each of them says."""

import ast
from functools import cache
from pathlib import Path

TOP = Path(__file__).parents[2]

PACKAGES = ["processes", "tasks", "process_manager"]  # each imports from those to its right only


def files(*folders: str) -> list[Path]:
    return sorted(file for folder in folders for file in (TOP / folder).rglob("*.py"))


def dotted(file: Path) -> str:
    name = ".".join(file.relative_to(TOP).with_suffix("").parts)
    return name.removesuffix(".__init__")


PRODUCT = files(*PACKAGES)
MODULES = {dotted(file): file for file in PRODUCT}


@cache
def tree(module: str) -> ast.Module:
    """What a module says; read when a test asks for it, for every test program finds these tests."""
    return ast.parse(MODULES[module].read_text("utf-8"))


def parsed() -> dict[str, ast.Module]:
    """What each module says."""
    return {name: tree(name) for name in MODULES}


@cache
def nodes(module: str) -> list[ast.AST]:
    """All that a module says, part by part."""
    return list(ast.walk(tree(module)))


def all_nodes() -> dict[str, list[ast.AST]]:
    """All that each module says, part by part."""
    return {name: nodes(name) for name in MODULES}
