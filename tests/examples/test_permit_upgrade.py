"""The upgrade: a permit that began with version 1 goes on with version 2, and is written once."""

from pathlib import Path

import pytest
from example_office import Office, missing

from examples.permit_upgrade import v1, v2

PAYLOAD = {"case": "2026-17", "applicant": "Ida Holm"}


@pytest.fixture
def permit(office: Office) -> int:
    """A permit of version 1, written, whose printer is gone."""
    process_id = office.start(v1.Permit, PAYLOAD)
    office.work(v1.Permit)
    return process_id


def test_a_permit_of_version_1_goes_on_with_version_2_at_the_renamed_step(office: Office, permit: int) -> None:
    office.work(v1.Permit, v2.Permit, minutes=10)

    assert office.history(permit) == [
        ("write", "done", "written"),
        ("print", "retry", missing("printer/2026-17.txt")),
        ("send", "upgrade", "Version 1, step 'print', goes on with version 2, step 'send'."),
        ("send", "done", "sent to ida.holm@example.org"),
    ]
    letter = Path("mailbox/2026-17.txt").read_text(encoding="utf-8")
    assert letter == "To: ida.holm@example.org\n\nIda Holm may dig at 2026-17.\n"
    assert office.show(permit).version == 2


def test_a_worker_that_knows_version_1_only_leaves_a_permit_of_version_2_alone(office: Office) -> None:
    process_id = office.start(v2.Permit, PAYLOAD)

    office.work(v1.Permit)

    assert (office.show(process_id).status, office.history(process_id)) == ("pending", [])
    office.work(v1.Permit, v2.Permit)
    assert office.history(process_id) == [
        ("write", "done", "written"),
        ("send", "done", "sent to ida.holm@example.org"),
    ]


def test_while_version_2_is_nowhere_a_permit_of_version_1_is_printed(office: Office, permit: int) -> None:
    Path("printer").mkdir()
    office.work(v1.Permit, minutes=10)

    assert office.history(permit)[-1] == ("print", "done", "printed")
    assert office.show(permit).status == "succeeded"
