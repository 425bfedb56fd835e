"""Messages with positions, and parents that start them, as a child process can import them."""

from __future__ import annotations

from typing import Any

from process_manager import Done, Process, Reject, Retry, Skip, Step, StepRun, Wait, never

SENT: list[int] = []
"""The positions that were sent, in order."""


class Message(Process):
    order_position = "pos"
    retry = never()
    STEPS = {"send": "send"}

    def send(self, run: StepRun) -> Any:
        SENT.append(run.payload["pos"])
        if run.payload.get("what") == "fails first" and SENT.count(run.payload["pos"]) == 1:
            return Retry("down")
        answers: dict[str, Any] = {"fails": Retry("down"), "is refused": Reject("no"), "is over": Skip("not ours")}
        return answers.get(run.payload.get("what", ""), Done("sent"))


class Newest(Message):
    name = "newest"
    superseded = "skip"


class Batch(Process):
    STEPS = {"split": "split", "join": "join"}

    def split(self, run: StepRun) -> Done:
        for key, position in enumerate(run.payload["positions"]):
            cls = Plain if run.payload.get("plain") else Message
            run.start_child(cls, {"pos": position}, key=str(key), order_key="k")
        return Done()

    def join(self, run: StepRun) -> Any:
        return Done() if all(child.is_settled for child in run.children) else Wait(children="all")


class BatchApart(Batch):
    name = "batch-apart"
    STEPS = {"split": Step("split", isolation="process"), "join": "join"}


class Plain(Process):
    STEPS = {"send": "send"}

    def send(self, run: StepRun) -> Done:
        return Done("sent")
