"""Clearway installs Python packages from private, policed indexes without dead ends.

The package root imports nothing, so that ``clearway --version`` stays as cheap as the interpreter itself. Rooms and
their floors: ``ARCHITECTURE.md``.
"""

__version__ = "0.1.0"
