"""INI files as pip and PEP 668 write them, with the line of each value: ``configparser`` without its import.

The rules are those of ``configparser.RawConfigParser`` with its defaults: full-line comments only, ``=`` or ``:``, keys
in lower case, indented lines continue a value, nothing may be said twice; ``[DEFAULT]`` is read as any other section.
"""

from __future__ import annotations

import msgspec

from clearway.errors import InputError


class Entry(msgspec.Struct, frozen=True):
    """One key with its value, and the line that it stands in."""

    section: str
    key: str
    value: str
    line: int


def parse_ini(text: str, source: str) -> tuple[Entry, ...]:
    """Parse an INI file.

    :param source: what is named in an error: the path.
    :raises InputError: ``malformed-configuration``, naming the line.
    """
    entries: dict[tuple[str, str], tuple[int, list[str]]] = {}
    sections: set[str] = set()
    section, current, indentation = "", None, 0
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        content = line.strip()
        if content[:1] in {"#", ";"}:
            continue
        indented = len(line) - len(line.lstrip())
        if current is not None and (not content or indented > indentation):
            current.append(content)
        elif content[:1] == "[" and "]" in content:
            section, current, indentation = content[1 : content.rindex("]")], None, indented
            if not section or section in sections:
                raise _malformed(
                    source, number, f"the section [{section}] is opened twice" if section else "an empty section"
                )
            sections.add(section)
        elif content:
            key, value = _option(content, section, source, number)
            if (section, key) in entries:
                raise _malformed(source, number, f"{key!r} is set twice in [{section}]")
            current, indentation = [value], indented
            entries[section, key] = (number, current)
    return tuple(
        Entry(place[0], place[1], "\n".join(lines).rstrip(), number) for place, (number, lines) in entries.items()
    )


def _option(content: str, section: str, source: str, number: int) -> tuple[str, str]:
    cut = min((content.find(sign) for sign in "=:" if sign in content), default=-1)
    if cut < 1 or not section:
        raise _malformed(source, number, "expected KEY = VALUE" if section else "expected a [SECTION] first")
    return content[:cut].rstrip().lower(), content[cut + 1 :].strip()


def _malformed(source: str, number: int, reason: str) -> InputError:
    return InputError("malformed-configuration", f"{source}, line {number}: {reason}", hint="Correct the file.")
