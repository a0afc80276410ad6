"""Resolution: which version of which package, by PubGrub (DESIGN 4.1, 4.2, 4.11)."""

from clearway.solver.machine import Machine

__all__ = ["Machine"]
