"""What an author's modules do while they are imported: what they print is no data, and what they break is told."""

import json
from pathlib import Path

import pytest
from shop import Shop

TALKATIVE = """
import os, subprocess, sys
print("printed")
sys.stdout.write("written\\n")
sys.__stdout__.write("underneath\\n"); sys.__stdout__.flush()
os.write(1, b"natively\\n")
subprocess.run([sys.executable, "-c", "print('by another program')"], check=True)
"""
LETTER = """
from process_manager import Done, Process
class Letter(Process):
    STEPS = {"a": "work"}
    def work(self, run): return Done()
"""
SAID = ["printed", "written", "underneath", "natively", "by another program"]

# A line of a module that ends its import in a way of its own, and what is told of it.
ENDINGS = {
    "plain": ("raise Exception('no')", "Exception: no"),
    "base": ("raise BaseException('no')", "BaseException: no"),
    "config": ("import configparser; raise configparser.Error('no')", "Error: no"),
    "exit": ("import sys; sys.exit('bye')", "SystemExit: bye"),
    "secret": ("raise Exception('PWD=hunter2 is wrong')", "Exception: PWD=*** is wrong"),
}


def deploy(package: str, monkeypatch: pytest.MonkeyPatch, **modules: str) -> None:
    Path(package).mkdir()
    Path(package, "__init__.py").touch()
    for name, source in modules.items():
        Path(package, f"{name}.py").write_text(source, "utf-8")
    monkeypatch.setenv("PROCESS_MANAGER_PROCESS_PACKAGES", package)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "out"),
    [
        (["start", "letter"], "1\n"),
        (["diagram", "letter"], 'flowchart TD\n    start(["letter 1"]) --> s1["a"]\n    s1["a"] -->|done| done([suc'),
        (["processes", "-o", "jsonl"], '{"name": "letter"'),
    ],
)
def test_what_a_module_prints_while_it_is_imported_goes_to_stderr(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, arguments: list[str], out: str
) -> None:
    deploy("office_talkative", monkeypatch, letters=TALKATIVE + LETTER)

    answer = shop.really(*arguments)

    assert answer.code == 0, answer.err
    assert answer.out.startswith(out)
    assert [each for each in SAID if each in answer.out] == []
    assert [each for each in SAID if each not in answer.err] == []


def test_what_the_module_of_commands_prints_goes_to_stderr(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy("office_talking", monkeypatch, commands=f"{TALKATIVE}\ncommands = []\n")

    answer = shop.really("--help")

    assert answer.out.startswith("Usage: ")
    assert [each for each in SAID if each in answer.out] == []
    assert [each for each in SAID if each not in answer.err] == []


def test_a_module_that_prints_spoils_no_completion(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy("office_chatty", monkeypatch, letters=TALKATIVE + LETTER, commands=f"{TALKATIVE}\ncommands = []\n")
    line = "process-manager start le"

    answer = shop.really(COMP_WORDS=line, COMP_CWORD="2", _PROCESS_MANAGER_COMPLETE="bash_complete")

    assert (answer.out, answer.err) == ("plain,letter\n", "")


@pytest.mark.parametrize("kind", ENDINGS)
@pytest.mark.parametrize(
    "arguments", [["start", "letter"], ["work"], ["processes"], ["check"]], ids=lambda words: words[0]
)
def test_a_module_that_breaks_while_it_is_imported_ends_with_2_and_is_named(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, kind: str, arguments: list[str]
) -> None:
    line, told = ENDINGS[kind]
    package = f"office_breaking_{kind}_{arguments[0]}"
    deploy(package, monkeypatch, letters=f"# a letter\n{line}\n")

    answer = shop.ask(*arguments)

    assert answer.code == 2
    said = f"{package}.letters cannot be imported: {told} ({Path(package, 'letters.py')}, line 2)"
    assert said in " ".join((answer.err + answer.out).split())
    assert "hunter2" not in answer.err + answer.out


@pytest.mark.parametrize("kind", ENDINGS)
def test_commands_that_break_while_they_are_imported_are_left_out_and_named(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    line, told = ENDINGS[kind]
    deploy(f"office_left_{kind}", monkeypatch, commands=f"{line}\n")

    helped, listed = shop.ask("--help"), shop.ask("list")

    assert (helped.code, listed.code, listed.err) == (0, 0, "")
    assert (
        f"The commands of office_left_{kind} are left out. office_left_{kind}.commands cannot be imported: {told}"
        in (helped.err)
    )


@pytest.mark.slow
@pytest.mark.parametrize("kind", ENDINGS)
def test_a_module_that_breaks_completes_commands_and_says_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    deploy(f"office_mute_{kind}", monkeypatch, letters=ENDINGS[kind][0], commands=ENDINGS[kind][0])

    for line, found in (("process-manager dis", ["plain,disable"]), ("process-manager start le", [])):
        words = str(len(line.split()) - 1)
        answer = shop.really(COMP_WORDS=line, COMP_CWORD=words, _PROCESS_MANAGER_COMPLETE="bash_complete")
        assert (answer.out.split(), answer.err) == (found, "")


WARNING = """
import warnings
from sqlalchemy.exc import SAWarning
warnings.warn("the table of last year is read, PWD=hunter2")
warnings.warn("used in a way of its own", SAWarning)
"""


@pytest.mark.slow
def test_what_a_library_warns_of_is_one_line_without_its_source(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy("office_warning", monkeypatch, letters=WARNING + LETTER)

    answer, with_debug = shop.really("start", "letter"), shop.really("start", "letter", "--debug")

    assert (answer.code, answer.out) == (0, "1\n")
    said = "Warning: the table of last year is read, PWD=*** (UserWarning, letters.py, line 4)\n"
    assert answer.err == said
    assert with_debug.err == f"{said}Warning: used in a way of its own (SAWarning, letters.py, line 5)\n"


@pytest.mark.slow
def test_what_a_step_is_warned_of_goes_to_the_log_of_its_worker(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    warning = "import warnings; warnings.warn('an old way'); return"
    deploy("office_warned", monkeypatch, letters=LETTER.replace("return", warning))
    monkeypatch.setenv("PROCESS_MANAGER_LOG_FORMAT", "json")
    shop.start("letter")

    answer = shop.really("work")

    told = [json.loads(line) for line in answer.err.splitlines() if line.startswith("{")]
    warned = [each for each in told if each["event"] == "library.warned"]
    assert [(each["kind"], each["text"], each["step"]) for each in warned] == [("UserWarning", "an old way", "a")]


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    [
        "sys.stdout.close()",
        "sys.stdout = codecs.getwriter('utf-8')(sys.stdout.detach())",
        "sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding='utf-8')",
    ],
)
def test_a_module_that_wraps_or_closes_its_stdout_leaves_this_program_its_voice(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    deploy("office_wrapping", monkeypatch, letters=f"import codecs, io, sys\nprint('printed')\n{line}\n{LETTER}")

    asked, refused = shop.really("diagram", "letter"), shop.really("diagram", "nosuch")

    assert (asked.code, asked.out.splitlines()[0], asked.err) == (0, "flowchart TD", "printed\n")
    assert (refused.code, refused.out) == (3, "")
    assert refused.err.startswith("printed\nError: No process 'nosuch' is known")


UNMASKING = """
import logging, structlog
logging.basicConfig(force=True)
structlog.configure(processors=[structlog.processors.JSONRenderer()])
from process_manager import Done, Process
class Letter(Process):
    STEPS = {"a": "work", "b": "again"}
    def work(self, run):
        logging.getLogger("httpx").warning("password=hemmelig1")
        structlog.configure(processors=[structlog.processors.JSONRenderer()])
        return Done()
    def again(self, run):
        structlog.get_logger("office").warning("sent", note="password=hemmelig2")
        return Done()
"""


@pytest.mark.slow
def test_a_module_that_sets_up_a_log_of_its_own_leaves_that_of_a_worker_as_it_is(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy("office_unmasking", monkeypatch, letters=UNMASKING)
    shop.really("start", "letter")

    answer = shop.really("work", "--concurrency", "1")

    lines = [line.partition("] ")[2] for line in answer.err.splitlines() if "Z [" in line]
    assert (answer.code, "hemmelig" in answer.err + answer.out) == (0, False), answer
    assert [line.partition(" attempt")[0].partition(" [process_manager")[0] for line in lines] == [
        "worker.started",
        "password=*** [httpx]",
        "shared_state.restored",
        "sent [office]",
        "worker.ended",
    ]
