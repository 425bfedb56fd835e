import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from process_manager import Done, Process, RetryPolicy, Step, StepRun, Task, every, never
from process_manager.errors import StepsError, UsageError


def run(self: Process, run: StepRun) -> Done:
    return Done()


def made(class_name: str = "Letter", /, **attributes: Any) -> type[Process]:
    return type(class_name, (Process,), {"work": run, **attributes})


class Send(Task):
    retry = every(minutes=2)
    time_limit = timedelta(minutes=5)

    def run(self, run: StepRun) -> Done:
        return Done()


class Idle(Task):
    """A task that forgot its method."""


class Greedy(Task):
    def run(self, run: StepRun, more: int) -> Done:  # type: ignore[override]
        return Done()


async def later(self: Process, run: StepRun) -> Done:
    return Done()


def rows(self: Process, run: StepRun) -> Iterator[Done]:
    yield Done()


async def later_rows(self: Process, run: StepRun) -> AsyncIterator[Done]:
    yield Done()


class Rows(Task):
    def run(self, run: StepRun) -> Iterator[Done]:  # type: ignore[override]
        yield Done()


def refusal(**attributes: Any) -> str:
    with pytest.raises(UsageError) as refused:
        made(**attributes)
    assert refused.value.exit_code == 2
    return str(refused.value)


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        (["work"], "Letter.STEPS, step '': STEPS is a list, not a mapping. "
            'Write STEPS = {"first": "method_name"}.'),
        ({"a": "wrok"}, "Letter.STEPS, step 'a': the class has no method 'wrok'. Did you mean 'work'?"),
        ({"a": "qq"}, "Letter.STEPS, step 'a': the class has no method 'qq'. Write def qq(self, run: StepRun)."),
        ({"a": "version"}, "Letter.STEPS, step 'a': the class has no method 'version'. "
            "Write def version(self, run: StepRun)."),
        ({"a": "forgetful"}, "Letter.STEPS, step 'a': forgetful cannot be called with a run alone. "
            "Write def forgetful(self, run: StepRun)."),
        ({"a": "static"}, "Letter.STEPS, step 'a': static cannot be called with a run alone. "
            "Write def static(self, run: StepRun)."),
        ({"a": "later"}, "Letter.STEPS, step 'a': later is async, and steps run in threads. "
            "Write def later(self, run: StepRun)."),
        ({"a": "later_rows"}, "Letter.STEPS, step 'a': later_rows is async, and steps run in threads. "
            "Write def later_rows(self, run: StepRun)."),
        ({"a": "rows"}, "Letter.STEPS, step 'a': rows has a yield, so that calling it runs nothing of it. "
            "Return Done, Skip, Wait, Retry or Reject, and yield in a method of its own."),
        ({"a": Rows}, "Letter.STEPS, step 'a': Rows.run has a yield, so that calling it runs nothing of it. "
            "Return Done, Skip, Wait, Retry or Reject, and yield in a method of its own."),
        ({"a": Step("work", effect="once", verify="rows")}, "Letter.STEPS, step 'a': rows has a yield, so that "
            "calling it runs nothing of it. Return Done, Skip, Wait, Retry or Reject, and yield in a method of its "
            "own."),
        ({"a": Greedy}, "Letter.STEPS, step 'a': Greedy.run cannot be called with a run alone. "
            "Write def run(self, run: StepRun)."),
        ({"a": 7}, "Letter.STEPS, step 'a': 7 is neither a method name nor a task class. "
            "Name a method of the class, or a subclass of Task."),
        ({"a": None}, "Letter.STEPS, step 'a': None is neither a method name nor a task class. "
            "Name a method of the class, or a subclass of Task."),
        ({"a": dict}, "Letter.STEPS, step 'a': <class 'dict'> is neither a method name nor a task class. "
            "Name a method of the class, or a subclass of Task."),
        ({"a": Idle}, "Letter.STEPS, step 'a': task Idle has no run method. "
            "Write def run(self, run: StepRun) in it."),
        ({"a": Step("work", retries=3)}, "Letter.STEPS, step 'a': 'retries' is no option of a step. "
            "Did you mean 'retry'?"),
        ({"a": Step("work", colour=3)}, "Letter.STEPS, step 'a': 'colour' is no option of a step. "
            "Use effect, verify, retry, platform, limit, rate, time_limit, isolation, expected."),
        ({"a": Step("work", retry=3)}, "Letter.STEPS, step 'a': retry is no RetryPolicy. "
            "Write retry=every(minutes=1)."),
        ({"a": Step("work", time_limit=5)}, "Letter.STEPS, step 'a': time_limit is no duration. "
            "Write time_limit=timedelta(minutes=5)."),
        ({"a": Step("work", time_limit=timedelta(0))}, "Letter.STEPS, step 'a': time_limit is no duration. "
            "Write time_limit=timedelta(minutes=5)."),
        ({"a": Step("work", effect="twice")}, "Letter.STEPS, step 'a': effect='twice' is not known. "
            "Use idempotent, transactional, once."),
        ({"a": Step("work", verify="work")}, "Letter.STEPS, step 'a': verify is only asked of a step with "
            "effect='once'. Write effect='once', or leave verify out."),
        ({"a": Step("work", effect="once", verify="wrok")}, "Letter.STEPS, step 'a': the class has no method 'wrok'. "
            "Did you mean 'work'?"),
        ({"a": Step("work", effect="once", verify=7)}, "Letter.STEPS, step 'a': verify=7 is no method's name. "
            "Name a method: verify='was_it_posted'."),
        ({"a": Step("work", effect="once", verify="later")}, "Letter.STEPS, step 'a': later is async, and steps run in "
            "threads. Write def later(self, run: StepRun)."),
        ({"a": Step(Send, effect="once", verify="look")}, "Letter.STEPS, step 'a': task Send has no method 'look'. "
            "Write def look(self, run: StepRun) in it."),
        ({"a": Step(Send, effect="once", verify="retry")}, "Letter.STEPS, step 'a': task Send has no method 'retry'. "
            "Write def retry(self, run: StepRun) in it."),
        ({"a b": "work"}, "Letter.STEPS, step 'a b': the name is not 1 to 100 of letters, digits, _ . and -. "
            "Give the step a short, stable name."),
        ({"": "work"}, "Letter.STEPS, step '': the name is not 1 to 100 of letters, digits, _ . and -. "
            "Give the step a short, stable name."),
        ({"x" * 101: "work"}, f"Letter.STEPS, step '{'x' * 101}': "
            "the name is not 1 to 100 of letters, digits, _ . and -. Give the step a short, stable name."),
        ({7: "work"}, "Letter.STEPS, step 7: the name is not 1 to 100 of letters, digits, _ . and -. "
            "Give the step a short, stable name."),
        ({"a": "work", "A": "work"}, "Letter.STEPS, step 'A': the name is used twice (also 'a'). "
            "Give each step a name of its own."),
    ],
)  # fmt: skip
def test_a_mistake_in_steps_is_refused_naming_class_step_and_a_hint(steps: Any, message: str) -> None:
    methods = {each.__name__: each for each in (later, rows, later_rows)}
    with pytest.raises(StepsError) as refused:
        made(STEPS=steps, forgetful=lambda self: Done(), static=staticmethod(lambda run: Done()), **methods)

    assert str(refused.value) == f"{__name__}.{message}"


def test_an_option_of_a_later_version_is_refused_and_never_half_done() -> None:
    with pytest.raises(StepsError, match="is not part of this version yet"):
        made(STEPS={"a": Step("work", platform="SAP")})
    with pytest.raises(StepsError, match="is not part of this version yet"):
        made(STEPS={"a": type("Later", (Send,), {"platform": "SAP"})})


def test_a_step_may_ask_for_a_process_of_its_own_and_for_nothing_else() -> None:
    apart = made(STEPS={"a": Step("work", isolation="process"), "b": type("Apart", (Send,), {"isolation": "process"})})

    assert [step.isolation for step in apart.plan] == ["process", "process"]
    with pytest.raises(StepsError, match=r"isolation='thread' is not known\. Use process\."):
        made(STEPS={"a": Step("work", isolation="thread")})


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"name": "Ø"}, "name 'Ø' is not 1 to 64 of a-z, 0-9, _ and -. Give it such a name."),
        ({"name": ""}, "name '' is not 1 to 64 of a-z, 0-9, _ and -. Give it such a name."),
        ({"name": None}, "name None is not 1 to 64 of a-z, 0-9, _ and -. Give it such a name."),
        ({"version": 0}, "version 0 is not a whole number from 1. Write version = 1."),
        ({"version": "2"}, "version '2' is not a whole number from 1. Write version = 1."),
        ({"version": True}, "version True is not a whole number from 1. Write version = 1."),
        ({"retry": "classic"}, "retry is no RetryPolicy. Write retry = every(minutes=1)."),
        ({"dedup": "forever"}, "dedup 'forever' is not known. Write 'while_open' or 'for_ever'."),
        ({"channel": "SAP robots"}, "channel 'SAP robots' is not 1 to 64 of a-z, 0-9, _ and -."),
        ({"parameters": dict}, "parameters is no pydantic model. Name a subclass of pydantic.BaseModel."),
    ],
)
def test_an_option_of_the_wrong_kind_is_refused_naming_the_class(attributes: Any, message: str) -> None:
    assert refusal(STEPS={"a": "work"}, **attributes) == f"class {__name__}.Letter: {message}"


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"quiet": "noon"}, "Quiet window 'noon' is not understood."),
        ({"arguments": ("a b",)}, "Key 'letter-a b' is not 1 to 64 of a-z, 0-9, _ and -."),
        ({"STEPS": {"b": "work"}, "upgrades": {1: None}}, "upgrades[1] is no Upgrade from an earlier version."),
    ],
)
def test_whatever_a_class_says_wrong_it_is_told_by_its_module_and_name(attributes: Any, message: str) -> None:
    said = refusal(**{"STEPS": {"a": "work"}, "version": 2, **attributes})

    assert re.match(rf"class {__name__}\.Letter[:,] {re.escape(message)}", said), said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a"], 'arguments is no tuple. Write arguments = ("service1", "service2").'),
        (("A", "a"), "arguments 'A' and 'a' have one key, 'letter-a'. Rename one."),
        ((1, "1"), "arguments 1 and '1' have one key, 'letter-1'. Rename one."),
        (("a", ""), "argument '' is no text and no whole number. Give one."),
        ((" ",), "argument ' ' is no text and no whole number. Give one."),
        ((True,), "argument True is no text and no whole number. Give one."),
        ((None,), "argument None is no text and no whole number. Give one."),
    ],
)
def test_arguments_that_give_no_keys_of_their_own_are_refused(arguments: object, message: str) -> None:
    assert refusal(STEPS={"a": "work"}, arguments=arguments) == f"class {__name__}.Letter: {message}"


@pytest.mark.parametrize("arguments", [(), ("a",)])
def test_a_command_that_could_run_only_once_for_ever_is_refused(arguments: tuple[str, ...]) -> None:
    message = refusal(STEPS={"a": "work"}, arguments=arguments, dedup="for_ever")

    assert message == f"class {__name__}.Letter: a command runs again and again. Leave out dedup or arguments."


class Model(BaseModel):
    amount: int


@pytest.mark.parametrize(
    ("attribute", "value", "meant"),
    [
        ("rety", every(minutes=1), "retry"),
        ("chanel", "sap", "channel"),
        ("versions", 2, "version"),
        ("parameter", Model, "parameters"),
        ("STEP", {"a": "work"}, "STEPS"),
    ],
)
def test_a_misspelt_option_is_refused_with_the_one_that_was_meant(attribute: str, value: object, meant: str) -> None:
    message = refusal(STEPS={"a": "work"}, **{attribute: value})

    assert message == f"class {__name__}.Letter: {attribute} is no option of a process. Did you mean `{meant}`?"


def test_constants_methods_and_classes_of_the_authors_own_are_welcome() -> None:
    class Parameters(BaseModel):
        amount: int

    made(STEPS={"a": "work"}, LIMIT=5, _retry=3, versions=lambda self: 3, Parameters=Parameters, parameters=Parameters)


@pytest.mark.parametrize(
    ("name", "kebab"),
    [("Letter", "letter"), ("SendLetter", "send-letter"), ("SAPQueue", "sap-queue"), ("Form2Send", "form2-send"),
     ("X", "x"), ("HTTP", "http"), ("Send_Letter", "send_letter")],
)  # fmt: skip
def test_a_class_without_a_name_is_called_by_its_own_in_kebab_case(name: str, kebab: str) -> None:
    assert made(name, STEPS={"a": "work"}).name == kebab


def test_a_class_that_sets_nothing_works() -> None:
    letter = made(STEPS={"a": "work"})

    assert (letter.name, letter.version, letter.channel, letter.dedup) == ("letter", 1, "default", "while_open")
    assert [(step.name, step.retry, step.time_limit) for step in letter.plan] == [("a", None, None)]


def test_the_options_of_a_step_come_before_those_of_its_task() -> None:
    policy: RetryPolicy = never()

    letter = made(STEPS={"own": Send, "given": Step(Send, retry=policy)})

    assert [(step.name, step.retry, step.time_limit) for step in letter.plan] == [
        ("own", Send.retry, timedelta(minutes=5)),
        ("given", policy, timedelta(minutes=5)),
    ]


def test_a_subclass_may_replace_the_method_of_a_step() -> None:
    first = made(STEPS={"a": "work"})
    second = type("Second", (first,), {"work": lambda self, run: Done("second")})

    assert second.plan[0].call(second(), None) == Done("second")  # type: ignore[arg-type]
