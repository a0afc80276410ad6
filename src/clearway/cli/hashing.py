"""``clearway hash``: the ``--hash`` options of archives, for requirement files (pip's ``hash``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.errors import InputError

if TYPE_CHECKING:
    from clearway.cli.output import Output
    from clearway.cli.wiring import Wiring

_CHUNK = 1 << 20


def hash_(wiring: Wiring, output: Output, operands: tuple[str, ...]) -> int:
    """Write the hash of each file.

    :raises InputError: ``nothing-asked``, ``unreadable-file``.
    """
    if not operands:
        raise InputError("nothing-asked", "No file was named to hash", hint="Name archives: clearway hash FILE ...")
    algorithm = wiring.settings.algorithm
    for path in operands:
        digest = _digest(path, algorithm)
        output.data(f"{path}:")
        output.data(f"--hash={algorithm}:{digest}")
    return 0


def _digest(path: str, algorithm: str) -> str:
    import hashlib  # late: only here

    try:
        with open(path, "rb") as file:
            digest = hashlib.new(algorithm)
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its name holds a null character"
        raise InputError("unreadable-file", f"{path} cannot be read: {reason}", hint="Name an archive.") from None
    return digest.hexdigest()
