"""The grammar of requirement files: pip's own, which no standard defines ("Requirements File Format" in pip's manual).

Text in, lines out: nothing is read and nothing is resolved here. A physical line that ends in a backslash goes on in
the next one; a ``#`` at the start or after white space begins a comment; ``${NAME}`` stands for an environment variable
where the name is upper case and the variable is not empty. What is left is a requirement with options of its own, or
options alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from clearway.errors import InputError
from clearway.model.urls import mask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_COMMENT = re.compile(r"(?:^|(?<=\s))#.*$")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}", re.ASCII)
_CODING = re.compile(rb"coding[:=]\s*([-\w.]+)")
_OPTIONS_START = re.compile(r"(?:^| )-")
_EDITABLE = r"(?:-e[ \t=]*|--editable(?:[ \t]+|=[ \t]*))(.*?)(?=[ \t]-|\Z)"
# The longer marks first: that of UTF-16 begins that of UTF-32.
_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)

_SHORT = {
    "-i": "index-url",
    "-f": "find-links",
    "-r": "requirement",
    "-c": "constraint",
    "-e": "editable",
    "-C": "config-settings",
}
_VALUED = {
    *_SHORT.values(),
    "extra-index-url",
    "only-binary",
    "no-binary",
    "all-releases",
    "only-final",
    "hash",
}
_FLAGS = {"no-index", "pre", "require-hashes", "no-require-hashes", "prefer-binary"}
_ALIASES = {"pypi-url": "index-url", "config-setting": "config-settings"}
_SETUP_PY = "Options for setup.py mean nothing to a build backend (PEP 517)"
_ELSEWHERE = {
    "trusted-host": ("A file that a project brings along cannot say which hosts are trusted", "Remove the option."),
    "global-option": (_SETUP_PY, "Say it with --config-settings KEY=VALUE, if the backend has it."),
    "install-option": (_SETUP_PY, "Say it with --config-settings KEY=VALUE, if the backend has it."),
    "build-option": (_SETUP_PY, "Say it with --config-settings KEY=VALUE, if the backend has it."),
    "use-feature": ("Features of pip cannot be switched on here", "Remove the option."),
}


class Line(msgspec.Struct, frozen=True):
    """One logical line.

    :param number: of its first physical line, from 1.
    :param requirement: its text, empty for a line of options alone.
    :param options: long names without dashes, and their values (empty for flags), in their order.
    :param editable: the requirement stands behind ``-e``.
    :param unset: names of variables that stand for nothing, so that they were left as they are.
    """

    number: int
    requirement: str
    options: tuple[tuple[str, str], ...]
    editable: bool = False
    unset: tuple[str, ...] = ()


def decode(content: bytes, source: str) -> str:
    """Decode a file: by its byte order mark, its coding line (PEP 263), as UTF-8, or in the encoding of the locale.

    :raises InputError: ``undecodable-file``.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return _decode(content[len(mark) :], encoding, source)
    if b"\0" in content:
        raise InputError(
            "undecodable-file",
            f"{source} is not text",
            hint="Name a file of requirements; an archive is installed by its path, without -r.",
        )
    for line in content.split(b"\n", 2)[:2]:
        coding = _CODING.search(line) if line.startswith(b"#") else None
        if coding:
            return _decode(content, coding[1].decode("ascii"), source)
    try:
        return content.decode()
    except UnicodeDecodeError:
        import locale  # late: files are UTF-8 nearly always

        return _decode(content, locale.getpreferredencoding(False), source)


def _decode(content: bytes, encoding: str, source: str) -> str:
    try:
        return content.decode(encoding)
    except (LookupError, UnicodeDecodeError, TypeError) as error:
        reason = "is no encoding" if isinstance(error, LookupError) else "is not how it is encoded"
        raise InputError(
            "undecodable-file",
            f"{source} cannot be read as text: {encoding} {reason}",
            hint="Save it as UTF-8, or correct its coding line.",
        ) from None


def parse_lines(text: str, environ: Mapping[str, str], source: str) -> Iterator[Line]:
    """Yield the logical lines of a requirement file that say something.

    :param source: names the file in errors.
    :raises InputError: ``malformed-options``, ``unknown-option``, naming the line.
    """
    for number, joined in _join(text.splitlines()):
        line = (_COMMENT.sub("", joined) if "#" in joined else joined).strip()
        if line:
            expanded, unset = _expand(line, environ) if "${" in line else (line, ())
            place = f"{source}, line {number}"
            if expanded.startswith(("-e", "--editable")):
                requirement, options = _editable(expanded, place)
                yield Line(number, requirement, tuple(_options(options, place)), editable=True, unset=unset)
                continue
            start = _OPTIONS_START.search(expanded)
            cut = start.start() if start else len(expanded)
            yield Line(number, expanded[:cut].strip(), tuple(_options(expanded[cut:], place)), unset=unset)


def _expand(line: str, environ: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Put the values of variables in; return also the names of those that have none, which stay."""
    unset = dict.fromkeys(name for name in _VARIABLE.findall(line) if not environ.get(name))
    return _VARIABLE.sub(lambda variable: environ.get(variable[1]) or variable[0], line), tuple(unset)


def _join(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Join lines that end in a backslash with the next one; a line that is a comment ends what went before."""
    first, parts = 0, list[str]()
    for number, line in enumerate(lines, start=1):
        comment = line.lstrip().startswith("#")
        first = first if parts else number
        if line.endswith("\\") and not comment:
            parts.append(line.strip("\\"))
        else:
            yield first, "".join([*parts, f" {line}" if comment else line])
            parts = []
    if parts:
        yield first, "".join(parts)


def _editable(line: str, place: str) -> tuple[str, str]:
    """Cut a line that begins with ``-e`` into what stands behind it and its options.

    Quotes around the whole, or in a path, are the shell's; those in a marker belong to it.
    """
    found = re.match(_EDITABLE, line, re.DOTALL)  # not compiled ahead: few files have such lines
    text = found[1].strip() if found else ""
    if found is None or not text:
        raise _malformed(place, "-e needs a value")
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    elif ";" not in text:
        text = " ".join(_split(text, place))
    return text, line[found.end() :]


def _options(text: str, place: str) -> Iterator[tuple[str, str]]:
    words = iter(_split(text, place))
    for word in words:
        name, given, value = word.partition("=")
        if word.startswith("--"):
            option = _ALIASES.get(name[2:], name[2:])
        else:
            option, given, value = _SHORT.get(word[:2], word), word[2:], word[2:].removeprefix("=")
        if option in _VALUED:
            value = value if given else next(words, "")
            if not value:
                raise _malformed(place, f"--{option} needs a value")
            yield option, value
        elif option in _FLAGS and not given:
            yield option, ""
        elif option in _FLAGS:
            raise _malformed(place, f"--{option} takes no value")
        else:
            raise _unknown(place, option, name)


def _split(text: str, place: str) -> list[str]:
    if not any(sign in text for sign in "'\"\\"):
        return text.split()
    import shlex  # late: quotes are rare

    try:
        return shlex.split(text)
    except ValueError as error:
        raise _malformed(place, f"{mask(text)}: {error}") from None


def _malformed(place: str, reason: str) -> InputError:
    return InputError("malformed-options", f"{place}: {reason}", hint="Correct the line.")


def _unknown(place: str, option: str, spelled: str) -> InputError:
    if option in _ELSEWHERE:
        reason, hint = _ELSEWHERE[option]
        return InputError("unknown-option", f"{place}: {reason} (--{option})", hint=hint)
    return InputError("unknown-option", f"{place}: there is no option {mask(spelled)}", hint="Correct the line.")
