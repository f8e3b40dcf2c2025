"""Files that are whole, or as they were before: after a crash and a power cut as well."""

from __future__ import annotations

import fcntl
import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def replace(path: Path, data: bytes) -> None:
    """Puts data in a file's place: whoever reads sees all of the old bytes, or all of the new.

    Returns once the new ones are on the disk. Raises `OSError`.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.draft")
    try:
        with draft.open("wb") as file:
            write(file.fileno(), data)
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path)


def create(path: Path, data: bytes) -> int:
    """Makes a file that is whole when it gets its name, and returns it open and locked.

    Raises `FileExistsError` where there is one of that name, which is left as it is, or `OSError`.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.draft")
    draft.unlink(missing_ok=True)
    file = os.open(draft, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # Before anybody else can have it.
        write(file, data)
        os.fsync(file)
        os.link(draft, path)  # Which, unlike a renaming, fails where the name is taken.
        draft.unlink()
        sync_folder(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        os.close(file)
        raise
    return file


def append(file: int, data: bytes) -> None:
    """Adds data to the end of an open file, and returns once it is on the disk."""
    write(file, data)
    os.fsync(file)


def write(file: int, data: bytes) -> None:
    """Writes all of data, in as many pieces as it takes."""
    while data:
        data = data[os.write(file, data) :]


def sync_folder(path: Path) -> None:
    """Makes a file's name durable."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
