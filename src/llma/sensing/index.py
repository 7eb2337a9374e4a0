"""The index that a run works with: answers in SQLite, on the disk before they are used.

A sorted file cannot grow at its end. So a run keeps its answers in an SQLite database beside the record, in
write-ahead mode. `put` returns after the answers are on the disk. From then on neither the end of the process
nor that of the machine loses them. Several processes may write at once: of two answers to one request the
first stays. `publish` writes the record. Nothing is pickled.

Write-ahead mode needs a local disk; it does not work on network drives.

>>> import tempfile
>>> from llma.sensing.answers import canonical
>>> with tempfile.TemporaryDirectory() as folder:
...     index = Index(Path(folder) / "answers.index", Path(folder) / "answers.jsonl")
...     answer = Answer(canonical({"text": "It broke.", "question": "Is it good?"}), 0.25)
...     index.put([answer])
...     index.get([answer.key])[answer.key]
...     index.close()
0.25
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from llma.sensing.answers import Answer, line, read_record

PATIENCE = 60.0  # seconds that a writer waits for the others
KEYS_PER_QUERY = 500


class Index:
    """Answers in an SQLite database, safe against kills and against other writers.

    Parameters
    ----------
    path : Path
        The database; it is made if need be. Its folder must exist, on a local disk.
    record : Path
        The file to publish. If it exists, its answers are taken over.

    Raises
    ------
    ValueError
        When the file cannot be used as an index, or as `read_record`, or when the two answer one request
        differently.
    """

    def __init__(self, path: Path, record: Path) -> None:
        for file in (path, record):
            if not file.parent.is_dir():
                raise ValueError(f"there is no folder {file.parent}; make it first")
            if file.exists() and not file.is_file():
                raise ValueError(f"{file} is not a file; name the record that is to be written")
        self.path, self.record = path, record
        self._lock = threading.Lock()
        self._database, self._process = self._connect(), os.getpid()
        try:
            with self._transaction() as database:
                published = self._merge(database) if record.is_file() else 0
                stored = database.execute("select count(*) from answers").fetchone()[0]
            if stored > published:  # a run was killed between an answer and the record
                self.publish()
        except BaseException:
            self.close()
            raise

    def _connect(self) -> sqlite3.Connection:
        # Several threads may use the connection, one after the other: `_lock` sees to it.
        database = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            _switch_to_write_ahead(database)
            # FULL writes through to the disk at every commit, so that an answer survives a power cut too.
            database.execute("pragma synchronous = full")
            database.execute(
                "create table if not exists answers "
                "(key text primary key, request text not null, p real) without rowid"
            )
            database.execute("create table if not exists published (stamp text not null)")
        except sqlite3.Error as error:
            database.close()
            raise ValueError(
                f"{self.path} cannot be used as an index ({error}); it must be on a local disk. If it is "
                "damaged, delete it: all answers that were published are in the record beside it"
            ) from None
        return database

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            if self._process != os.getpid():  # a forked child must not use its parent's connection
                self._database, self._process = self._connect(), os.getpid()
            yield self._database

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._open() as database:
            database.execute("begin immediate")
            try:
                yield database
            except BaseException:
                database.execute("rollback")
                raise
            database.execute("commit")

    def get(self, keys: Iterable[str]) -> dict[str, float | None]:
        """Return the stored ones among some answers."""
        wanted = list(dict.fromkeys(keys))
        with self._open() as database:
            return _select(database, wanted)

    def put(self, answers: Sequence[Answer]) -> None:
        """Store answers, all or none; those that are stored already stay. On return they are on the disk."""
        with self._transaction() as database:
            _insert(database, answers)

    def _merge(self, database: sqlite3.Connection) -> int:
        """Take over the answers of the record, and return how many they are."""
        answers = list(read_record(self.record))
        stored = _select(database, [answer.key for answer in answers])
        for answer in answers:
            if stored.get(answer.key, answer.p) != answer.p:
                raise ValueError(
                    f"{self.record} answers {answer.p} where {self.path} has {stored[answer.key]}, to "
                    f"the request {answer.key}; delete {self.path} if the record is right, or else that line"
                )
        _insert(database, answers)
        return len({answer.key for answer in answers})

    def publish(self) -> None:
        """Write all answers to the record, sorted by key, in one step: it is the old file or the new one.

        Rows that somebody else put into the record since it was last read or written are taken over first.
        """
        with self._transaction() as database:
            record = self.record
            last = database.execute("select stamp from published").fetchone()
            if record.is_file() and (last is None or last[0] != _stamp(record)):
                self._merge(database)
            # One publisher at a time, because of the transaction: one name is enough for the draft.
            draft = record.with_name(f".{record.name}.draft")
            rows = database.execute("select request, p from answers order by key")
            with draft.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(line(Answer(request, p)) + "\n" for request, p in rows)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(record)
            database.execute("delete from published")
            database.execute("insert into published values (?)", (_stamp(record),))

    def close(self) -> None:
        """Close the database; what was put is on the disk already."""
        with self._lock:
            if self._process == os.getpid():
                self._database.close()


class Memory:
    """Answers in memory, for as long as the process lives: an index without a file."""

    def __init__(self) -> None:
        self._answers: dict[str, float | None] = {}

    def get(self, keys: Iterable[str]) -> dict[str, float | None]:
        """Return the stored ones among some answers."""
        return {key: self._answers[key] for key in keys if key in self._answers}

    def put(self, answers: Sequence[Answer]) -> None:
        """Store answers; those that are stored already stay."""
        for answer in answers:
            self._answers.setdefault(answer.key, answer.p)

    def publish(self) -> None:
        """Do nothing: there is no record."""

    def close(self) -> None:
        """Do nothing."""


def _select(database: sqlite3.Connection, keys: Sequence[str]) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for first in range(0, len(keys), KEYS_PER_QUERY):
        some = keys[first : first + KEYS_PER_QUERY]
        marks = ",".join("?" * len(some))
        found |= database.execute(f"select key, p from answers where key in ({marks})", some)
    return found


def _insert(database: sqlite3.Connection, answers: Sequence[Answer]) -> None:
    rows = [(answer.key, answer.request, answer.p) for answer in answers]
    database.executemany("insert or ignore into answers values (?, ?, ?)", rows)


def _switch_to_write_ahead(database: sqlite3.Connection) -> None:
    # Two processes that open a new database at once may meet here, and SQLite does not wait for this lock.
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            mode = database.execute("pragma journal_mode = wal").fetchone()[0]
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
            continue
        if mode != "wal":
            raise sqlite3.OperationalError(f"write-ahead mode is not possible here, only {mode!r}")
        return


def _stamp(path: Path) -> str:
    status = path.stat()
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ino}"
