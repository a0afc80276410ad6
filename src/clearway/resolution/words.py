"""Placeholder until the explanation lands."""

from __future__ import annotations
from clearway.errors import ResolutionError


def explain_failure(incompatibility, workspace, absences):
    return ResolutionError("no-solution", "No solution")
