"""``clearway`` and ``python -m clearway``: the program's entry.

``--version`` is answered here, before anything is imported (DESIGN 4.12).
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run the program and end with its exit status (``docs/reference/exit-codes.md``)."""
    arguments = sys.argv[1:]
    if arguments in (["--version"], ["-V"]):
        from clearway import __version__

        print(f"clearway {__version__}")  # noqa: T201 - it copes with a missing standard output
        return
    from clearway.cli.main import heed_signals, leave, run

    heed_signals()
    leave(run(arguments))


if __name__ == "__main__":
    main()
