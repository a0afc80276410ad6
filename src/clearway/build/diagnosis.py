"""What of a failed build's output matters, and what to try: a person reads ten lines of a thousand.

The last traceback, without the frames of the machinery that called the backend; before it the first complaints of
compilers and linkers, because the ones that follow are their consequences; and advice for the causes that are known.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from clearway.build.causes import CAUSES

_MOST_COMPLAINTS = 6
_MOST_TAIL = 10

_TRACEBACK = "Traceback (most recent call last):"
_FRAME = re.compile(r'\s*File "([^"]*)", line \d+')
_MACHINERY = ("_in_process.py", "importlib/__init__.py", "<frozen importlib")
_COMPLAINT = re.compile(
    r"(?:^|\W)(?:fatal error|error(?:\[E\d+\])?|undefined reference|undefined symbol|CMake Error|ld: .*not found)\b[: ]"
    r"|cannot find -l|No such file or directory|command not found",
    re.IGNORECASE,
)
_NOISE = re.compile(r"^\s*(?:error: )?subprocess-exited|^\s*\^|warning:|^\s*#", re.IGNORECASE)


class Diagnosis(NamedTuple):
    """What is told of a failure."""

    lines: tuple[str, ...]
    advice: str


_UNKNOWN = "Run it again with --verbose to see all that the build printed."


def diagnose(lines: list[str], status: int) -> Diagnosis:
    """Find what matters.

    :param lines: what the build printed, made harmless.
    :param status: the exit status of the process that failed; negative for a signal.
    """
    lines = [line for line in lines if line.strip()]
    at = _last_traceback(lines)
    before, traceback = (lines, []) if at is None else (lines[:at], lines[at:])
    tail = _shortened(traceback) if traceback else lines[-_MOST_TAIL:]
    complaints = [line.strip() for line in before if _COMPLAINT.search(line) and not _NOISE.search(line)]
    told = [line for line in dict.fromkeys(complaints) if line not in tail][:_MOST_COMPLAINTS]
    ended = [f"the process was ended by signal {-status}"] if status < 0 else []
    return Diagnosis((*told, *tail, *ended), _advice([*complaints, *traceback, *lines[-40:]], status))


def _advice(lines: list[str], status: int) -> str:
    text = "\n".join(lines)
    for pattern, advice in CAUSES:
        found = re.search(pattern, text, re.IGNORECASE)
        if found:
            return advice.format(*(group for group in found.groups() if group))
    if status == -9:
        return "The system ended it, most likely because memory ran out: build fewer at once with --jobs."
    return _UNKNOWN


def _last_traceback(lines: list[str]) -> int | None:
    return next((at for at in range(len(lines) - 1, -1, -1) if lines[at].strip() == _TRACEBACK), None)


def _shortened(traceback: list[str]) -> list[str]:
    """Return the last frames of a traceback that are not the machinery's, and what was raised."""
    kept: list[str] = []
    ours = False
    for line in traceback[1:]:
        frame = _FRAME.match(line)
        if frame:
            ours = frame[1].replace("\\", "/").endswith(_MACHINERY[:2]) or frame[1].startswith(_MACHINERY[2])
        elif not line.startswith((" ", "\t")):
            ours = False
        if not ours and line.strip(" ^~"):
            kept.append(line)
    return kept[-_MOST_TAIL:]
