"""The log of ``--log``: everything that a run has to say, as with the most ``-v``, each line with its time.

It is appended to; several runs may write one file, since each line is one write. Secrets were taken out before.
"""

from __future__ import annotations

import os
import time

from clearway.errors import TargetError


class Log:
    """An open log.

    :raises TargetError: ``log-unwritable``.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            if folder := os.path.dirname(path):
                os.makedirs(folder, exist_ok=True)
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise TargetError(
                "log-unwritable",
                f"The log {path} cannot be written: {reason}",
                hint="Nothing was done. Name another file with --log, or none.",
            ) from None

    def write(self, text: str) -> None:
        """Append lines, each with the time.

        :raises OSError: it cannot be written any more.
        """
        now = time.time()
        moment = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.localtime(now))},{int(now * 1000) % 1000:03}"
        lines = "".join(f"{moment} {line}\n" for line in text.split("\n"))
        os.write(self._file, lines.encode("utf-8", "backslashreplace"))

    def close(self) -> None:
        """Close it."""
        os.close(self._file)
