"""The errors about a wheel that is not sound, in one shape each (DESIGN 4.11)."""

from __future__ import annotations

from clearway.errors import IntegrityError

_REPORT = "Nothing was installed. Report it to its publisher or to whoever runs the index, or choose another version."


def bad_archive(source: str, reason: str, *context: str) -> IntegrityError:
    """Return the error for an archive that cannot or must not be unpacked."""
    return IntegrityError("bad-archive", f"{source} is not a sound wheel: {reason}", context=context, hint=_REPORT)


def bad_record(source: str, reason: str, *context: str) -> IntegrityError:
    """Return the error for an archive whose RECORD does not describe its files."""
    return IntegrityError(
        "bad-record", f"{source} does not match its own RECORD: {reason}", context=context, hint=_REPORT
    )


def bad_metadata(source: str, reason: str, *context: str) -> IntegrityError:
    """Return the error for a wheel whose .dist-info cannot be used."""
    return IntegrityError("bad-metadata", f"{source} cannot be installed: {reason}", context=context, hint=_REPORT)


def wrong_wheel(source: str, reason: str, *context: str) -> IntegrityError:
    """Return the error for an archive that holds another project or version than its file name says."""
    return IntegrityError("wrong-wheel", f"{source} is not what its name says: {reason}", context=context, hint=_REPORT)


def shown(name: str) -> str:
    """Return a name out of an archive as it may be shown to people: no control characters, not endless."""
    return repr(name if len(name) <= 120 else f"{name[:120]}...")
