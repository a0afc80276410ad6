"""What a wheel says about itself, held against its file name and its files (PEP 427, 491).

Exactly one ``.dist-info``, of the project and version that the file name says; a WHEEL of major version 1; metadata
that agrees; a RECORD with a strong and true hash for every file.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from clearway.model.files import parse_wheel_name
from clearway.model.metadata import Metadata, parse_metadata
from clearway.model.names import normalize
from clearway.model.versions import parse_version
from clearway.wheel.archive import LARGE, read_directory, read_member
from clearway.wheel.directory import Member
from clearway.wheel.entry_points import EntryPoint, parse_entry_points
from clearway.wheel.faults import bad_metadata, bad_record, shown, wrong_wheel
from clearway.wheel.record import STRONG, Row, encode_digest, parse_record

if TYPE_CHECKING:
    from collections.abc import Iterable

SCHEMES = ("purelib", "platlib", "scripts", "headers", "data")
"""The folders of ``.data``, which are the keys of a scheme (PEP 427, "The .data directory")."""

WRITTEN_BY_INSTALLERS = ("RECORD", "RECORD.jws", "RECORD.p7s", "INSTALLER", "REQUESTED", "direct_url.json")
"""Files of a ``.dist-info`` that do not come out of a wheel: an installer writes them anew or leaves them out
(PEP 376, 610); a signature of a RECORD that is written anew signs nothing."""

_UNRECORDED = ("RECORD", "RECORD.jws", "RECORD.p7s")


class Contents(msgspec.Struct, frozen=True):
    """A wheel, read.

    :param info: the name of its ``.dist-info`` folder.
    :param purelib: whether its root goes to ``purelib`` or to ``platlib``.
    :param members: the files that are installed.
    :param record: the rows of RECORD by path; each file has one with a strong hash.
    """

    filename: str
    info: str
    metadata: Metadata
    purelib: bool
    entry_points: tuple[EntryPoint, ...]
    members: tuple[Member, ...]
    record: dict[str, Row]


def read_contents(view: memoryview, filename: str) -> Contents:
    """Read a wheel; the hashes of its files are checked while they are unpacked (:func:`check_hash`).

    :raises IntegrityError: ``bad-archive``, ``bad-record``, ``bad-metadata``, ``wrong-wheel``.
    """
    members = read_directory(view, filename)
    info = find_info((member.name for member in members), filename)
    own = _own_files(members, info)
    metadata = _read_agreeing(view, own, info, filename)
    entry_points = own.get("entry_points.txt")
    rewritten = {f"{info}/{name}" for name in WRITTEN_BY_INSTALLERS}
    installed = tuple(member for member in members if member.name not in rewritten)
    _check_data(installed, info, filename)
    return Contents(
        filename=filename,
        info=info,
        metadata=metadata,
        purelib=_root_is_purelib(_read_text(view, own, "WHEEL", filename), filename),
        entry_points=parse_entry_points(bytes(_read_small(view, entry_points, filename)), filename)
        if entry_points
        else (),
        members=installed,
        record=_read_record(_read_text(view, own, "RECORD", filename), members, info, filename),
    )


def read_metadata(view: memoryview, filename: str) -> Metadata:
    """Return the metadata of a wheel.

    :raises IntegrityError: ``bad-archive``, ``bad-metadata``, ``wrong-wheel``.
    """
    members = read_directory(view, filename)
    info = find_info((member.name for member in members), filename)
    return _read_agreeing(view, _own_files(members, info), info, filename)


def find_info(names: Iterable[str], filename: str) -> str:
    """Return the one top-level ``.dist-info`` folder, which must be of the project and version of the file name.

    :raises IntegrityError: ``wrong-wheel``, ``bad-metadata``.
    """
    folders = {name.partition("/")[0] for name in names if ".dist-info/" in name}
    infos = sorted(folder for folder in folders if folder.endswith(".dist-info"))
    if len(infos) != 1:
        reason = "it has more than one .dist-info folder" if infos else "it has no .dist-info folder"
        raise bad_metadata(filename, reason, *map(shown, infos[:5]))
    stem = infos[0].removesuffix(".dist-info")
    dashes = (at for at, letter in enumerate(stem) if letter == "-")
    if not any(_agrees(stem[:at], stem[at + 1 :], filename) for at in dashes):  # old builders did not escape dashes
        raise wrong_wheel(filename, f"its .dist-info folder is {shown(infos[0])}")
    return infos[0]


def _own_files(members: Iterable[Member], info: str) -> dict[str, Member]:
    """Return the files of the ``.dist-info`` folder by their names in it."""
    return {member.name[len(info) + 1 :]: member for member in members if member.name.startswith(f"{info}/")}


def _agrees(name: str, version: str, filename: str) -> bool:
    """Whether a name and a version are those of a wheel's file name, both in any spelling."""
    wheel = parse_wheel_name(filename)
    if wheel is None or normalize(name) != wheel.name:
        return False
    if version == wheel.version:
        return True
    parsed = parse_version(version.replace("_", "-"))
    return parsed is not None and parsed == parse_version(wheel.version)


def _read_agreeing(view: memoryview, own: dict[str, Member], info: str, filename: str) -> Metadata:
    """Read METADATA and check that it is of the project and version of the file name."""
    metadata = parse_metadata(_read_text(view, own, "METADATA", filename), f"{filename}, {info}/METADATA")
    check_agreement(metadata, filename)
    return metadata


def check_agreement(metadata: Metadata, filename: str) -> None:
    """Check that metadata is of the project and version of a wheel's file name.

    :raises IntegrityError: ``wrong-wheel``.
    """
    if not _agrees(metadata.name, metadata.version, filename):
        raise wrong_wheel(filename, f"its metadata is of {shown(f'{metadata.name} {metadata.version}')}")


def _read_text(view: memoryview, own: dict[str, Member], name: str, filename: str) -> bytes:
    member = own.get(name)
    if member is None:
        raise bad_metadata(filename, f"its .dist-info has no {name}")
    return bytes(_read_small(view, member, filename))


def _read_small(view: memoryview, member: Member, filename: str) -> bytes | bytearray | memoryview:
    if member.size > LARGE:
        raise bad_metadata(filename, f"{shown(member.name)} is too large")
    return read_member(view, member, filename)


def _root_is_purelib(content: bytes, filename: str) -> bool:
    """Read WHEEL: check its version, return where the root goes."""
    fields: dict[str, str] = {}
    for line in content.decode("utf-8", "replace").split("\n"):
        key, _, value = line.partition(":")
        fields.setdefault(key.strip().lower(), value.strip())
    version = fields.get("wheel-version", "")
    if version.partition(".")[0] != "1":
        raise bad_metadata(
            filename,
            "it has a wheel format that this version of clearway cannot read",
            f"Wheel-Version: {shown(version)}",
        )
    return fields.get("root-is-purelib", "").lower() == "true"


def _check_data(members: Iterable[Member], info: str, filename: str) -> None:
    """Check that every file below ``.data`` belongs to a known scheme."""
    data = f"{info.removesuffix('.dist-info')}.data/"
    for member in members:
        if member.name.startswith(data):
            scheme, _, path = member.name[len(data) :].partition("/")
            if scheme not in SCHEMES or not path:
                raise bad_metadata(
                    filename, "its .data folder names an unknown scheme", f"member: {shown(member.name)}"
                )


def _read_record(content: bytes, members: Iterable[Member], info: str, filename: str) -> dict[str, Row]:
    try:
        record = {row.path: row for row in parse_record(content)}
    except ValueError:
        raise bad_record(filename, "it cannot be read") from None
    unrecorded = {f"{info}/{name}" for name in _UNRECORDED}
    for member in members:
        row = record.get(member.name)
        if member.name in unrecorded or (row is not None and row.hash.partition("=")[0] in STRONG):
            continue
        reason = "a file is not recorded" if row is None else "a file has no strong hash"
        raise bad_record(filename, reason, f"file: {shown(member.name)}")
    return record


def check_hash(contents: Contents, name: str, sha256: str, data: Iterable[Any]) -> None:
    """Check a file against RECORD.

    :param sha256: the file's sha256 in RECORD's spelling, without its name.
    :param data: the file's bytes in pieces; read only where RECORD uses another algorithm.
    :raises IntegrityError: ``bad-record``.
    """
    recorded = contents.record[name].hash
    if recorded == f"sha256={sha256}":
        return
    algorithm, _, expected = recorded.partition("=")
    if algorithm != "sha256":
        hasher = hashlib.new(algorithm, usedforsecurity=False)
        for piece in data:
            hasher.update(piece)
        if encode_digest(hasher.digest()) == expected.rstrip("="):
            return
    elif expected.rstrip("=") == sha256:
        return
    raise bad_record(contents.filename, "a file is not the one that was recorded", f"file: {shown(name)}")
