"""Lists zip and tar archives. Only the headers are read, and of each wanted file its first megabyte."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from workbench.grading.listing import (
    LARGEST_ARCHIVE_BYTES,
    LARGEST_UNPACKED_BYTES,
    TAKEN_BYTES,
    Entry,
    Listing,
    Unreadable,
    clean_path,
    counted,
)

NOT_A_FILE = "is a link or a device in the archive; only plain files are taken"
OPENERS = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
DAMAGED = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError),
    *(ValueError, NotImplementedError, RuntimeError, OverflowError, IndexError, KeyError),
)
OTHER_KINDS = {b"Rar!": "a RAR archive", b"7z\xbc\xaf": "a 7z archive", b"%PDF": "a PDF document"}


def list_archive(file: Path, wanted: Callable[[PurePosixPath], bool]) -> Listing:
    """The listing of a zip or tar archive. Raises Unreadable when it is neither, or is damaged.

    A tar archive can be read once only, so what `wanted` says yes to is kept as it goes by.
    """
    size = file.stat().st_size
    if size == 0:
        raise Unreadable("The file is empty (0 bytes). Was the upload cut off? Hand it in again.")
    if size > LARGEST_ARCHIVE_BYTES:
        raise Unreadable(
            f"The archive has {size:,} bytes; at most {LARGEST_ARCHIVE_BYTES:,} are taken. "
            "Hand in the folder exercises/ alone, without data, .git or .venv."
        )
    with file.open("rb") as opened:
        head = opened.read(8)
    for magic, kind in OTHER_KINDS.items():
        if head.startswith(magic):
            raise Unreadable(f"The file is {kind}. Hand in a zip, a tar or a git bundle.")
    try:
        if head.startswith(b"PK") or zipfile.is_zipfile(file):
            return _list_zip(file)
        return _list_tar(file, head, wanted)
    except Unreadable:
        raise
    except DAMAGED as error:
        raise Unreadable(
            f"The archive cannot be read ({type(error).__name__}: {str(error)[:200]}). It is damaged, "
            "cut off, or no zip or tar. Make it again, open it once to see that it works, hand it in."
        ) from None


def _list_zip(file: Path) -> Listing:
    with zipfile.ZipFile(file) as archive:
        infos = [info for info in counted(archive.infolist()) if not info.is_dir()]
    if any(info.flag_bits & 0x1 for info in infos):
        raise Unreadable("The archive is encrypted. Hand it in without a password.")
    entries = []
    for info in infos:
        path = clean_path(info.filename)
        if path is None:
            continue
        kind = info.external_attr >> 28  # the file type of Unix, where one is told
        problem = "" if kind in (0, 8) else NOT_A_FILE
        entries.append(Entry(path, _zip_time(info), _zip_reader(file, info), problem))
    return Listing(tuple(entries))


def _zip_reader(file: Path, info: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        with zipfile.ZipFile(file) as archive, archive.open(info) as member:
            return member.read(TAKEN_BYTES)  # a bomb is not unpacked further than this

    return read


def _zip_time(info: zipfile.ZipInfo) -> float | None:
    with contextlib.suppress(ValueError, OverflowError):
        return time.mktime((*info.date_time, 0, 0, -1))
    return None


def _list_tar(file: Path, head: bytes, wanted: Callable[[PurePosixPath], bool]) -> Listing:
    opener = next((o for magic, o in OPENERS.items() if head.startswith(magic)), open)
    entries = []
    with opener(file, "rb") as raw, tarfile.open(fileobj=_Bounded(raw), mode="r|") as archive:
        for member in counted(archive):
            path = clean_path(member.name)
            if path is None or member.isdir():
                continue
            problem = "" if member.isreg() else NOT_A_FILE
            content = b""
            if not problem and wanted(path):
                content = archive.extractfile(member).read(TAKEN_BYTES)
            read = io.BytesIO(content).getvalue
            entries.append(Entry(path, float(member.mtime), read, problem))
    return Listing(tuple(entries))


class _Bounded(io.RawIOBase):
    """A stream that ends in an error when more has been unpacked than a submission may hold."""

    def __init__(self, raw: BinaryIO):
        self.raw = raw
        self.left = LARGEST_UNPACKED_BYTES

    def read(self, size: int = -1) -> bytes:
        data = self.raw.read(min(size, 1 << 20) if size >= 0 else 1 << 20)
        self.left -= len(data)
        if self.left < 0:
            raise Unreadable(
                f"The archive unpacks to more than {LARGEST_UNPACKED_BYTES:,} bytes. "
                "Hand in the folder exercises/ alone."
            )
        return data
