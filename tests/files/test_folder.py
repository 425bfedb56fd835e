"""Contents in a folder: each under a name of ours, and told where the folder cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest
from rig import Three, execute, settings

from process_manager import files, operations
from process_manager.actor import CODE
from process_manager.database import Database
from process_manager.errors import FolderUnusable
from process_manager.files import StoredFile, folder


def taken(database: Database, there: Path, source: Path) -> StoredFile:
    source.write_bytes(b"what the folder keeps")
    return files.take(database, settings(files_folder=there), "rows", source, actor=CODE)


def lying(there: Path) -> list[Path]:
    return sorted(each for each in there.rglob("*") if each.is_file())


def test_the_name_on_the_disk_is_our_own(database: Database, tmp_path: Path) -> None:
    stored = taken(database, tmp_path / "files", tmp_path / "secret name.txt")

    assert lying(tmp_path / "files") == [tmp_path / "files" / stored.content[:2] / stored.content]
    assert execute(database, "SELECT count(*) FROM file_pieces") == [(0,)]
    with files.opened(database, settings(files_folder=tmp_path / "files"), stored) as content:
        assert content.read() == b"what the folder keeps"


def test_what_is_removed_is_gone_from_the_disk(database: Database, tmp_path: Path) -> None:
    ours = settings(files_folder=tmp_path / "files")
    stored, bound = (taken(database, tmp_path / "files", tmp_path / name) for name in ("a", "b"))
    with database.begin() as connection:
        made = operations.start(connection, Three, files=[bound])

    files.discard(database, ours, [stored, bound])
    assert [each.name for each in lying(tmp_path / "files")] == [bound.content]

    files.remove(database, ours, made.id)
    assert lying(tmp_path / "files") == []


def test_what_somebody_changed_on_the_disk_is_not_read(database: Database, tmp_path: Path) -> None:
    stored = taken(database, tmp_path / "files", tmp_path / "a")
    lying(tmp_path / "files")[0].write_bytes(b"less")

    with pytest.raises(FolderUnusable, match="has 4 bytes, and had 21"):
        files.opened(database, settings(files_folder=tmp_path / "files"), stored)


def test_what_no_setting_leads_to_is_told(database: Database, tmp_path: Path) -> None:
    stored = taken(database, tmp_path / "files", tmp_path / "a")

    with pytest.raises(FolderUnusable, match="PROCESS_MANAGER_FILES_FOLDER"):
        files.opened(database, settings(), stored)


def test_nothing_but_a_name_of_ours_leads_anywhere(tmp_path: Path) -> None:
    for content in ("../../etc/passwd", "", "a" * 31, "A" * 32, "a" * 32 + "\n"):
        with pytest.raises(ValueError, match="is no name of a content"):
            folder.path(tmp_path, content)


def test_a_folder_is_probed_and_left_as_it_was(tmp_path: Path) -> None:
    folder.probe(tmp_path)
    assert lying(tmp_path) == []

    with pytest.raises(FolderUnusable, match="there is no such folder"):
        folder.probe(tmp_path / "nowhere")
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderUnusable, match="there is no such folder"):
        folder.probe(tmp_path / "file")
