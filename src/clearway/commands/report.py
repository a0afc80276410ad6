"""The installation report of ``--report`` (pip, "Installation Report", version 1).

Its ``metadata`` objects hold the fields that a resolution reads (name, version, requirements, extras, Python); the
description and the other prose of core metadata are left out, since nothing downloads them for a dry run. What was not
handed out on the way is under ``x_clearway``, a key of our own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from clearway import __version__

if TYPE_CHECKING:
    from clearway.catalog.located import Located
    from clearway.commands.install import Outcome
    from clearway.commands.plan import Step
    from clearway.model.metadata import Metadata
    from clearway.model.targets import Target
    from clearway.resolution.problem import Passed, Resolution


def make_report(outcome: Outcome, target: Target) -> bytes:
    """Return the report as indented JSON."""
    report: dict[str, object] = {
        "version": "1",
        "pip_version": f"clearway {__version__}",
        "install": [_item(step, outcome) for step in outcome.plan.steps],
        "environment": {key: value for key, value in target.environment.values.items() if key != "extra"},
    }
    if outcome.resolution.passed:
        report["x_clearway"] = _refusals(outcome.resolution)
    return msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"


def _refusals(resolution: Resolution) -> dict[str, object]:
    """Return what was not handed out, file by file, and what is held back for it."""
    return {
        "held_back": [
            {
                "name": one.name,
                "chosen": one.chosen,
                "versions": list(one.versions),
                "needs": one.needs or None,
                **_passed(one.passed),
            }
            for one in resolution.held_back
        ],
        "not_handed_out": [{"name": one.name, "version": one.version, **_passed(one)} for one in resolution.passed],
    }


def _passed(passed: Passed) -> dict[str, object]:
    absence = passed.absence
    return {
        "kind": absence.kind,
        "status": absence.status or None,
        "index": absence.index,
        "filename": absence.filename,
        "reason": absence.reason or None,
    }


def _item(step: Step, outcome: Outcome) -> dict[str, object]:
    pin = step.pin
    assert pin.located is not None
    item: dict[str, object] = {
        "download_info": outcome.places.get(pin.name) or _archive(pin.located, outcome.hashes.get(pin.name, "")),
        "is_direct": pin.direct,
        "is_yanked": pin.yanked is not None,
        "requested": pin.requested,
        "metadata": _metadata(pin.metadata),
    }
    if pin.requested and pin.extras:
        item["requested_extras"] = list(pin.extras)
    return item


def _archive(located: Located, sha256: str) -> dict[str, object]:
    hashes = dict(located.file.hashes)
    if sha256:
        hashes["sha256"] = sha256
    archive: dict[str, object] = {"hashes": hashes}
    if "sha256" in hashes:
        archive["hash"] = f"sha256={hashes['sha256']}"
    told: dict[str, object] = {"url": located.file.url, "archive_info": archive}
    if located.recipe is not None and located.recipe.subdirectory:
        told["subdirectory"] = located.recipe.subdirectory
    return told


def _metadata(metadata: Metadata) -> dict[str, object]:
    fields: dict[str, object] = {"metadata_version": "2.1", "name": metadata.name, "version": metadata.version}
    if metadata.requires_python:
        fields["requires_python"] = metadata.requires_python
    if metadata.requires_dist:
        fields["requires_dist"] = list(metadata.requires_dist)
    if metadata.provides_extra:
        fields["provides_extra"] = list(metadata.provides_extra)
    return fields
