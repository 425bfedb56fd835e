"""The map of the project, held against its imports, and the budgets of its files."""

import ast
import graphlib
import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import pytest
from sources import MODULES, PACKAGES, PRODUCT, TOP, all_nodes, files, parsed

from process_manager import errors

# A room imports from the rows below its own, and to its right in its row. A package is one room.
MAP = [
    # processes that ship, written as any author writes them, and what an author imports
    "bots",
    "process_manager",
    # entry
    "__main__ cli web",
    # running: many steps, and one
    "fleet direct worker execution",
    # service: what one may do, and what one may ask
    "governance operations inspection",
    # border: what is outside of this program
    "integrations files store database",
    # core: what an author writes, what holds it back, what is decided
    "definition schedules gates lifecycle",
    # words
    "settings env_file time_zone plurals message log_throttle logs standard_streams redaction durations actor"
    " serialization",
    "csv_cells extras clock errors",
]
PLACES = {name: (row, column) for row, names in enumerate(MAP) for column, name in enumerate(names.split())}
ROOT_SEES = {name for row in MAP[-3:] for name in row.split()}

FORBIDDEN_NAMES = {"utils", "helpers", "common", "base", "manager", "models", "engine", "transitions"}

# Where everything may be caught, and why. Elsewhere an error is caught by its name or passes.
BROAD_EXCEPTS = {
    "worker/background.py": "whatever one turn of a long-lived thread raises is told, and its thread lives on",
    "execution/decision.py": "an author's own retry policy may raise anything, and concerns its process alone",
    "operations/parameters.py": "a validator of the author's may raise anything, about one payload alone",
    "operations/task_forms.py": "a validator of the author's may raise anything, about one answer alone",
    "worker/recovery.py": "the record of a process that is taken over may raise anything, and stops no other",
    "worker/upgrades.py": "a conversion of a payload may raise anything",
    "execution/transactional.py": "whatever the record of a step raises undoes its transaction, and fails it",
    "worker/careful_claims.py": "a row that cannot be read, whatever that raises, is left out and holds up no other",
    "worker/unreadable_rows.py": "a row that cannot be read, whatever that raises, is left out and holds up no other",
    "inspection/audit_check.py": "a row that cannot be read, whatever that raises, is named and ends no check",
    "inspection/unreadable.py": "a row that cannot be read is shown as far as it can be",
    "inspection/processes.py": "whatever reading one of many rows raises, each is then read alone",
    "worker/scheduler.py": "whatever starting one schedule raises is told, and holds up no other",
    "worker/claims.py": "whatever the record of many raises, each is then recorded alone",
    "worker/pending_writes.py": "whatever the record of one raises fails its process, and no other",
    "worker/loop.py": "whatever ended it, what waits for a thread is given back first; then it passes on",
    "cli/exit_codes.py": "the top of the command line: nobody meets a traceback unasked",
    "web/batch_thread.py": "whatever one look for batches raises is told, and the thread lives on",
    "web/middleware/failures.py": "whatever a page raises, whoever asked gets an answer, and the log has the error",
    "cli/completion.py": "a shell asks while a person types: nothing may come between the two",
    "definition/loading.py": "an author's module may raise anything while it is imported, and is told",
    "execution/executor.py": "whatever breaks between a step and its answer, its thread lives on",
    "execution/call_step.py": "a step may raise anything, and say anything about it",
    "execution/step_log.py": "what a step logs may raise anything when it is written, and its handlers tell of that",
    "execution/isolation/child_main.py": "a process module may raise anything while a child imports it, and is told",
    "execution/isolation/process_tree.py": "a process that could not be confined is ended first; then it passes on",
    "execution/isolation/protocol.py": "what a step answers may raise anything when it is looked at",
    "settings/declared.py": "a module that declares settings may raise anything while it is imported, and is told",
    "serialization.py": "the text of a foreign object may raise anything, and evidence is never refused",
}

# Where a transaction is begun by hand, and why. Else `Database.run` runs it again, or tells that its fate is unknown.
BEGINNERS = {
    "processes/fakturering/process.py": "steps: one that fails is told of, and tried again as its policy says",
    "processes/fakturering/sap_queue.py": "a step",
    "processes/fakturering/settlement.py": "a step",
    "processes/demo/data.py": "files of the demo's own, made by it",
}
ACTORS = ("process_manager/cli/", "process_manager/web/", "processes/")
READS_WALL_TIME = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
READS_ENVIRONMENT = {"os.environ", "os.environb", "os.getenv"}


class Import(NamedTuple):
    source: str
    target: str
    line: int


FACT = re.compile(r"{(\w+)")  # in the docstring of an error, which is its message


def imports() -> Iterator[Import]:
    """Every import of one of our modules by another: in functions and for type checkers too."""
    for source, said in all_nodes().items():
        for node in said:
            for target in targets(source, node):
                yield Import(source, target, getattr(node, "lineno", 0))


def targets(source: str, node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name.split(".")[0] in PACKAGES)
    if isinstance(node, ast.ImportFrom):
        module = absolute(source, node)
        if module.split(".")[0] in PACKAGES:
            for alias in node.names:
                submodule = f"{module}.{alias.name}"
                yield submodule if submodule in MODULES else module


def absolute(source: str, node: ast.ImportFrom) -> str:
    package = source if MODULES[source].name == "__init__.py" else source.rpartition(".")[0]
    above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
    return ".".join([*above, *([node.module] if node.module else [])])


def unit(module: str) -> str:
    """The name of a module on the map: the first name below process_manager, or the root itself."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else parts[0]


def engine_imports() -> list[Import]:
    inside = [one for one in imports() if one.source.split(".")[0] == one.target.split(".")[0] == "process_manager"]
    return [one for one in inside if unit(one.source) != unit(one.target)]


def told(found: list[Import]) -> list[str]:
    return sorted(f"{one.source}, line {one.line}, imports {one.target}" for one in found)


def test_every_module_is_on_the_map() -> None:
    assert sorted({unit(name) for name in MODULES if name.split(".")[0] == "process_manager"} - PLACES.keys()) == []


def test_the_map_names_each_module_once() -> None:
    names = [name for row in MAP for name in row.split()]

    assert sorted(names) == sorted(set(names))


def test_each_room_says_in_a_line_what_it_is() -> None:
    first = {name: (ast.get_docstring(tree) or "").splitlines()[:1] for name, tree in parsed().items()}
    rooms = [name for name in MODULES if name.startswith("process_manager.") and name.count(".") == 1]

    assert [room for room in rooms if not first[room] or not first[room][0].endswith(".")] == []


# What is laid never changes, so that migrations have words of their own, by the names that they were written with.
FROZEN = {"process_manager.database.migration_types"}


def test_one_class_name_is_one_thing() -> None:
    owners: dict[str, list[str]] = {}
    for name, tree in parsed().items():
        if name not in FROZEN:
            for node in tree.body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    owners.setdefault(node.name, []).append(name)

    assert {name: modules for name, modules in owners.items() if len(modules) > 1} == {}


def test_imports_go_down_the_map_or_to_the_right() -> None:
    known = [one for one in engine_imports() if {unit(one.source), unit(one.target)} <= PLACES.keys()]

    assert told([one for one in known if PLACES[unit(one.source)] >= PLACES[unit(one.target)]]) == []


def test_what_an_author_imports_comes_from_the_core_and_the_words() -> None:
    root = [one for one in engine_imports() if unit(one.source) == "process_manager"]

    assert told([one for one in root if unit(one.target) not in ROOT_SEES]) == []


def test_processes_stand_on_tasks_and_tasks_on_the_engine_never_back() -> None:
    def rank(module: str) -> int:
        return PACKAGES.index(module.split(".", maxsplit=1)[0])

    assert told([one for one in imports() if rank(one.source) > rank(one.target)]) == []


def test_no_module_reaches_itself_through_its_imports() -> None:
    graph: dict[str, set[str]] = {name: set() for name in MODULES}
    for one in imports():
        graph[one.source].add(one.target)

    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as cycle:
        pytest.fail(" imports ".join(reversed(cycle.args[1])))


def test_no_module_is_named_after_nothing() -> None:
    parts = {(name, part) for name in MODULES for part in name.split(".")}

    assert sorted(name for name, part in parts if part in FORBIDDEN_NAMES) == []


def test_no_file_is_longer_than_300_lines() -> None:
    everything = [*PRODUCT, *files("migrations", "benchmarks", "proofs", "tests")]
    lengths = {str(file.relative_to(TOP)): len(file.read_text("utf-8").splitlines()) for file in everything}

    assert {name: length for name, length in lengths.items() if length > 300} == {}


def test_no_function_is_longer_than_50_lines_and_nine_of_ten_have_at_most_20() -> None:
    lengths = {
        f"{name}.{node.name}, line {node.lineno}": (node.end_lineno or 0) - node.lineno + 1
        for name, said in all_nodes().items()
        for node in said
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    longer = {name: length for name, length in lengths.items() if length > 20}
    assert {name: length for name, length in longer.items() if length > 50} == {}
    assert len(longer) <= len(lengths) / 10, longer


def test_only_the_clock_reads_wall_time() -> None:
    assert readers(READS_WALL_TIME) <= {"process_manager.clock"}


def test_only_the_settings_read_the_environment() -> None:
    assert readers(READS_ENVIRONMENT) <= {"process_manager.settings.model", "process_manager.settings.sources"}


def readers(names: set[str]) -> set[str]:
    """The modules that use one of the names, through an attribute or a from-import."""
    return {name for name, chain in used() if any(chain == one or chain.endswith(f".{one}") for one in names)}


@cache
def used() -> set[tuple[str, str]]:
    return {(name, chain) for name, said in all_nodes().items() for node in said for chain in chains(node)}


def chains(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Attribute):
        yield ast.unparse(node)
    if isinstance(node, ast.ImportFrom):
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_everything_is_caught_only_where_the_list_says_why() -> None:
    broad = {
        str(MODULES[name].relative_to(TOP).as_posix())
        for name, said in all_nodes().items()
        for node in said
        if isinstance(node, ast.ExceptHandler) and is_broad(node)
    }

    assert sorted(broad - {f"process_manager/{file}" for file in BROAD_EXCEPTS}) == []


def test_what_a_person_asks_for_is_done_in_one_way() -> None:
    begun = {
        file
        for name, said in all_nodes().items()
        if (file := MODULES[name].relative_to(TOP).as_posix()).startswith(ACTORS)
        for node in said
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "begin"
    }

    assert begun == set(BEGINNERS)


def is_broad(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or ast.unparse(kind).split(".")[-1] in ("Exception", "BaseException") for kind in kinds)


def test_every_error_is_made_with_the_facts_that_its_message_names() -> None:
    kinds = {kind.__name__: set(FACT.findall(kind.__doc__ or "")) for kind in vars(errors).values() if is_error(kind)}
    made = [(name, node) for name, said in all_nodes().items() for node in said if isinstance(node, ast.Call)]
    found = [
        f"{name}:{node.lineno} {node.func.id} without {', '.join(sorted(missing))}"
        for name, node in made
        if isinstance(node.func, ast.Name) and all(each.arg for each in node.keywords)
        if (missing := kinds.get(node.func.id, set()) - {str(each.arg) for each in node.keywords})
    ]

    assert sum(isinstance(node.func, ast.Name) and node.func.id in kinds for _name, node in made) > 100
    assert found == []


def is_error(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, errors.ProcessManagerError)
