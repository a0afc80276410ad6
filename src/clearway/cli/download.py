"""``clearway download`` and ``clearway wheel``, from settings to the last line."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from clearway.cli.inputs import check_named, inputs_for
from clearway.cli.places import check_platform
from clearway.commands.download import Saving, make_folder, save
from clearway.settings.settings import with_inputs

if TYPE_CHECKING:
    from clearway.cli.output import Output
    from clearway.cli.wiring import Wiring
    from clearway.commands.download import Gathered
    from clearway.model.inputs import Inputs
    from clearway.model.names import NormalizedName
    from clearway.resolution.problem import Resolution


def download(wiring: Wiring, output: Output, operands: tuple[str, ...]) -> int:
    """Download what would be installed."""
    return _get(wiring, output, operands, wiring.settings.dest or os.curdir, built=False)


def wheel(wiring: Wiring, output: Output, operands: tuple[str, ...]) -> int:
    """Download what would be installed, as wheels: what is none is built."""
    return _get(wiring, output, operands, wiring.settings.wheel_dir or os.curdir, built=True)


def _get(wiring: Wiring, output: Output, operands: tuple[str, ...], folder: str, *, built: bool) -> int:
    began = time.monotonic()
    settings = wiring.settings
    check_named(operands, settings, "build" if built else "download")
    check_platform(settings)
    wiring.start_probe()
    inputs = inputs_for(wiring, operands)
    wiring.settings = with_inputs(settings, inputs)
    wiring.import_while_probing()
    make_folder(folder)
    resolution, gathered = wiring.with_credentials(lambda: _gather(wiring, inputs, folder, built=built))
    output.untouched = False
    for one in gathered.values():
        path = os.path.join(folder, one.filename)
        shown = path if os.path.isabs(path) else os.path.join(os.curdir, os.path.normpath(path))
        output.say(f"Saved {shown}" if save(one, folder) else f"File was already downloaded {shown}")
    _tell(output, resolution, time.monotonic() - began, built=built, only_deps=settings.only_deps)
    return 0


def _gather(
    wiring: Wiring, inputs: Inputs, folder: str, *, built: bool
) -> tuple[Resolution, dict[NormalizedName, Gathered]]:
    """Resolve as if nothing were installed, and have the files come."""
    from clearway.cli.resolving import make_catalog, make_order
    from clearway.commands.solving import Solving
    from clearway.interpreter.installed import read_metadata

    progress = wiring.progress
    catalog = make_catalog(wiring, progress.on_bytes, whole=True, inputs=inputs)
    wiring.crew.start("page", wiring.fetcher.prepare)
    solving = Solving(catalog, wiring.crew, {}, read_metadata, progress)
    try:
        saving = Saving(catalog, wiring.crew, progress, folder, built=built)
        return solving.run(make_order(wiring, inputs, catalog), saving)
    finally:
        progress.close()


def _tell(output: Output, resolution: Resolution, seconds: float, *, built: bool, only_deps: bool) -> None:
    from clearway.cli.summary import held_back, tell_yanked

    pins = resolution.pins
    if not pins:
        if only_deps:
            output.say("What was named needs nothing else.")
        else:
            output.say("Nothing was named that applies to this Python and platform.")
        return
    output.say(
        f"{'Collected' if built else 'Downloaded'} {len(pins)} package{'s' * (len(pins) > 1)} in {seconds:.1f} s"
    )
    tell_yanked(output, pins)
    for line in held_back(resolution):
        output.say(line)
    if built:
        names = [pin.metadata.name for pin in pins if pin.located is not None and pin.located.recipe is not None]
        if names:
            output.say(f"Successfully built {' '.join(names)}")
    else:
        output.say(f"Successfully downloaded {' '.join(pin.metadata.name for pin in pins)}")
