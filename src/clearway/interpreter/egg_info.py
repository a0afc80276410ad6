"""Requirements of an ``.egg-info``: ``requires.txt``, which setuptools wrote before core metadata carried them.

Sections are headed ``[extra]``, ``[:marker]`` or ``[extra:marker]``; lines before the first one hold always.
"""

from __future__ import annotations

import os
import re

import msgspec

from clearway.model.metadata import Metadata
from clearway.model.names import NormalizedName, normalize

_HEADING = re.compile(r"\[([^:\]]*)(?::(.*))?\]")


def with_requires_txt(metadata: Metadata, info: str) -> Metadata:
    """Return metadata completed from the ``requires.txt`` beside it, if there is one."""
    try:
        with open(os.path.join(info, "requires.txt"), encoding="utf-8", errors="replace") as file:
            requirements, extras = parse_requires_txt(file.read())
    except OSError:
        return metadata
    return msgspec.structs.replace(
        metadata,
        requires_dist=requirements,
        provides_extra=tuple(dict.fromkeys((*metadata.provides_extra, *extras))),
    )


def parse_requires_txt(text: str) -> tuple[tuple[str, ...], tuple[NormalizedName, ...]]:
    """Return the requirements in the spelling of PEP 508, and the extras."""
    requirements: list[str] = []
    extras: dict[NormalizedName, None] = {}
    condition = ""
    for line in map(str.strip, text.splitlines()):
        heading = _HEADING.fullmatch(line)
        if heading:
            extra, marker = normalize(heading[1].strip()), (heading[2] or "").strip()
            if extra:
                extras[extra] = None
            parts = [f"({marker})" if marker and extra else marker, f'extra == "{extra}"' if extra else ""]
            condition = " and ".join(filter(None, parts))
        elif line and not line.startswith("#"):
            requirements.append(f"{line} ; {condition}" if condition else line)
    return tuple(requirements), tuple(extras)
