"""``clearway cache``: where the cache is, what it holds, and less of it (``docs/reference/commands.md``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.errors import InputError

if TYPE_CHECKING:
    from clearway.cache.folder import CacheFolder
    from clearway.cli.output import Output
    from clearway.cli.wiring import Wiring


def cache(wiring: Wiring, output: Output, operands: tuple[str, ...]) -> int:
    """Show or empty the cache.

    :raises InputError: ``bad-arguments``.
    """
    action, *patterns = operands
    most = 1 if action in {"list", "remove"} else 0
    if action == "remove" and not patterns:
        raise InputError(
            "bad-arguments",
            "Nothing was named to remove from the cache",
            hint="Name a project, or what wheels' names begin with: clearway cache remove NAME",
        )
    if len(patterns) > most:
        takes = "one pattern" if most else "no arguments"
        raise InputError(
            "bad-arguments",
            f"clearway cache {action} takes {takes}, but was given {len(patterns)}",
            hint="See: clearway cache --help",
        )
    if wiring.settings.no_cache_dir:
        source = wiring.settings.sources["no-cache-dir"]
        raise InputError(
            "no-cache", f"There is no cache to look at: {source} switches it off", hint=f"Leave {source} out."
        )
    match action:
        case "dir":
            output.result(wiring.folder.root)
        case "info":
            _info(wiring.folder, output)
        case "list":
            _list(wiring.folder, output, *patterns, paths=wiring.settings.cache_format == "abspath")
        case "remove":
            _remove(wiring.folder, output, patterns[0])
        case _:
            _purge(wiring.folder, output)
    return 0


def _info(folder: CacheFolder, output: Output) -> None:
    from clearway.cache.folder import info

    told = info(folder)
    output.result(f"Cache folder: {told.root}")
    output.result(f"Wheels: {told.wheels}, {_size(told.wheel_bytes)}")
    output.result(f"Listings and metadata: {_size(told.store_bytes)}")
    output.result(f"Unfinished: {_size(told.temporary_bytes)}")


def _list(folder: CacheFolder, output: Output, pattern: str = "*", *, paths: bool) -> None:
    from clearway.cache.contents import kept_wheels

    wheels = kept_wheels(folder, pattern)
    if paths:
        for path in sorted(kept.path for kept in wheels):
            output.result(path)
    elif wheels:
        output.result("Cache contents:\n")
        for kept in wheels:
            output.result(f" - {kept.filename} ({_size(kept.size)})")
    else:
        output.say("No wheels are cached.")


def _remove(folder: CacheFolder, output: Output, pattern: str) -> None:
    from clearway.cache.contents import kept_wheels, remove_wheels

    wheels = kept_wheels(folder, pattern)
    if not wheels:
        output.warn(f"No wheel in the cache matches {pattern!r}.")
    remove_wheels(folder, wheels)
    for kept in wheels if output.verbosity > 0 else ():
        output.say(f"Removed {kept.filename}")
    output.say(_removed(len(wheels), sum(kept.size for kept in wheels)))


def _purge(folder: CacheFolder, output: Output) -> None:
    from clearway.cache.folder import info, purge

    told = info(folder)
    purge(folder)
    output.say(_removed(told.wheels, told.wheel_bytes + told.store_bytes))


def _removed(count: int, size: int) -> str:
    return f"Removed {count} wheel{'s' if count != 1 else ''}, {_size(size)}."


def _size(count: int) -> str:
    """Return a number of bytes as people read it."""
    size, unit = float(count), "B"
    for larger in ("kB", "MB", "GB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
