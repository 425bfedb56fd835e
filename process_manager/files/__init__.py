"""Files that people give to processes: taken in piece by piece, bound when a process starts, read by its steps.

How each is used:

    with files.Receiver(database, settings, name="rows", label="november.xlsx", actor=actor) as receiver:
        receiver.write(data)                      # again and again; FileTooLarge or IllegalValue ends it
    stored = receiver.file                        # a StoredFile that is nobody's yet
    stored = files.take(database, settings, "rows", Path("november.xlsx"), actor=actor)    # the same of a file here
    operations.start(connection, ImportRows, files=[stored])     # it is the process's when that is committed
    files.of_process(connection, process_id)      # the StoredFiles of a process, by name
    with files.opened(database, settings, stored) as content:    # a binary file: seek, read; a piece in memory at most
        content.read(100)
    files.discard(database, settings, [stored])   # unless a process has them by now
    with files.taken(database, settings, {"rows": Path("november.xlsx")}, actor=actor) as stored:    # take and discard
        database.run(lambda connection: operations.start(connection, ImportRows, files=stored))
    files.remove(database, settings, process_id)  # all of a process's, for whoever removes processes

A step reads `run.files["rows"].open()`, wherever it runs. What was never bound is removed after `upload_keep` by
whoever takes the next file in. A class says with `Annotated[str, File(".xlsx")]` which fields of its `parameters` take
a file; one without parameters takes any. Nothing here is imported where no file is used.
"""

from process_manager.files.keeping import bind, discard, of_process, remove, sweep
from process_manager.files.names import checked_name, safe_label
from process_manager.files.reading import opened
from process_manager.files.receiving import Receiver
from process_manager.files.stored_file import PIECE, StoredFile
from process_manager.files.taking import take, taken

__all__ = [
    "PIECE",
    "Receiver",
    "StoredFile",
    "bind",
    "checked_name",
    "discard",
    "of_process",
    "opened",
    "remove",
    "safe_label",
    "sweep",
    "take",
    "taken",
]
