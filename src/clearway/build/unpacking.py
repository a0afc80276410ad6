"""Source archives made into folders (PEP 625), whichever format their first bytes show: tar, packed or not, or zip.

What may become a file, and where, is for :class:`~clearway.build.writer.Writer` to say.
"""

from __future__ import annotations

import errno
import io
import os
from typing import TYPE_CHECKING, cast

from clearway.build.faults import bad_source, harmless, shown, translated
from clearway.build.streams import Budget, Unpacked
from clearway.build.writer import Writer
from clearway.errors import InputError

if TYPE_CHECKING:
    import tarfile
    from collections.abc import Iterator
    from typing import IO

_PIECE = 256 << 10
_NAMES = (errno.ENAMETOOLONG, errno.EINVAL, errno.ELOOP)
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_SPREAD = 0o111


def unpack_source(archive: memoryview | str, filename: str, folder: str) -> str:
    """Unpack a source archive; its format is read off its first bytes.

    :param archive: its bytes, or where it is.
    :param filename: what errors name.
    :param folder: a new folder; removed again if this fails.
    :returns: the one top folder of the archive; ``folder`` where it has not exactly one.
    :raises IntegrityError: ``bad-archive``.
    :raises InputError: ``unreadable-archive``: there is no such file.
    :raises TargetError: ``disk-full``, ``build-folder-unwritable``.
    """
    view = _mapped(archive) if isinstance(archive, str) else archive
    with translated(folder):
        os.makedirs(folder)
    try:
        with translated(folder):
            _fill(Writer(folder, Budget(filename, len(view))), view, filename)
            inside = os.listdir(folder)
    except BaseException:
        from shutil import rmtree  # late: 10 ms

        rmtree(folder, ignore_errors=True)
        raise
    top = os.path.join(folder, inside[0]) if len(inside) == 1 else folder
    return top if os.path.isdir(top) and not os.path.islink(top) else folder


def _mapped(path: str) -> memoryview:
    from mmap import ACCESS_READ, mmap  # late: only archives on this machine are read so

    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            return memoryview(mmap(file.fileno(), 0, access=ACCESS_READ) if size else b"")
    except OSError as error:
        raise InputError(
            "unreadable-archive",
            f"{path} cannot be read: {error.strerror or error}",
            hint="Name a source archive, or the folder of a project.",
        ) from None


def _fill(writer: Writer, view: memoryview, filename: str) -> None:
    try:
        (_fill_from_zip if bytes(view[:4]) in _ZIP else _fill_from_tar)(writer, view, filename)
        writer.finish()
    except (FileExistsError, IsADirectoryError, NotADirectoryError, FileNotFoundError) as error:
        raise bad_source(filename, "one path is two things", shown(str(error.filename))) from None
    except OSError as error:
        if error.errno not in _NAMES:
            raise
        raise bad_source(filename, "a path cannot be one on this system", shown(str(error.filename))) from None


def _fill_from_tar(writer: Writer, view: memoryview, filename: str) -> None:
    import tarfile  # late: 10 ms

    faults = (tarfile.TarError, ValueError, EOFError, ArithmeticError, LookupError, RecursionError)
    try:
        # Not "r|": that reads a header's payload in pieces of its own, past the limit of Unpacked.read.
        stream = Unpacked(view, Budget(filename, len(view)))
        with tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r:") as archive:
            for member in archive:
                _take_member(writer, archive, member)
        while stream.read(_PIECE):  # to the checksum behind the archive's own end
            pass
    except faults as error:
        raise bad_source(filename, f"it cannot be read: {_told(error)}") from None


def _take_member(writer: Writer, archive: tarfile.TarFile, member: tarfile.TarInfo) -> None:
    if member.isdir():
        writer.add_folder(member.name)
    elif member.isreg():
        content = archive.extractfile(member)
        assert content is not None
        writer.add_file(member.name, _pieces(content), bool(member.mode & _SPREAD), member.mtime)
    elif member.issym():
        writer.add_link(member.name, member.linkname)
    elif member.islnk():
        writer.add_hard_link(member.name, member.linkname)
    else:
        raise bad_source(writer.source, "it holds a device or a pipe", f"member: {shown(member.name)}")


def _fill_from_zip(writer: Writer, view: memoryview, filename: str) -> None:
    import zipfile  # late: 20 ms, and rare
    import zlib

    faults = (zipfile.BadZipFile, zlib.error, ValueError, EOFError, LookupError, NotImplementedError, RuntimeError)
    try:
        with zipfile.ZipFile(io.BytesIO(view)) as archive:
            for member in archive.infolist():
                if member.is_dir():
                    writer.add_folder(member.filename)
                    continue
                with archive.open(member) as content:
                    executable = bool(member.external_attr >> 16 & _SPREAD)
                    writer.add_file(member.filename, _pieces(content), executable)
    except faults as error:
        raise bad_source(filename, f"it cannot be read: {_told(error)}") from None


def _pieces(content: IO[bytes]) -> Iterator[bytes]:
    while piece := content.read(_PIECE):
        yield piece


def _told(error: Exception) -> str:
    return harmless(str(error).partition("\n")[0]) or type(error).__name__
