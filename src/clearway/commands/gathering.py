"""What a run gathers of the files that were chosen: proofs that they are handed out, or wheels ready to install.

Whatever is gathered, files that are not handed out are returned all together, so that they are resolved again in one
round (DESIGN 4.1, 4.5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from clearway.commands.plan import make_plan
from clearway.errors import IntegrityError
from clearway.model.names import normalize
from clearway.model.versions import parse_version
from clearway.policy.absence import Absence

if TYPE_CHECKING:
    from clearway.catalog.catalog import Catalog
    from clearway.catalog.located import Located
    from clearway.commands.events import Listener
    from clearway.crew import Crew, Slot
    from clearway.model.metadata import Metadata
    from clearway.model.names import NormalizedName
    from clearway.ports import Tree
    from clearway.resolution.problem import Pin, Resolution

T = TypeVar("T")


class Gatherer(Protocol[T]):
    """Gathers something of each file that was chosen."""

    def start(self, located: Located) -> None:
        """Begin with a file that will probably be chosen."""

    def is_here(self, located: Located) -> bool:
        """Whether nothing has to come over the network for a file."""

    def gather(self, resolution: Resolution) -> tuple[list[tuple[Pin, Absence]], dict[NormalizedName, T]]:
        """Return the files that are not handed out, and what was gathered of the others."""


class Proving:
    """Proves that files are handed out, and takes none of them."""

    def __init__(self, catalog: Catalog, crew: Crew, listener: Listener) -> None:
        self._catalog = catalog
        self._crew = crew
        self._listener = listener

    def start(self, located: Located) -> None:
        """Begin to prove a file."""
        self._catalog.proof(located)

    def is_here(self, located: Located) -> bool:
        """Whether the cache has it."""
        return self._catalog.comes_from_cache(located)

    def gather(self, resolution: Resolution) -> tuple[list[tuple[Pin, Absence]], dict[NormalizedName, None]]:
        """Wait for the proofs."""
        proofs = [(pin, self._catalog.proof(pin.located)) for pin in resolution.pins if pin.located is not None]
        self._listener.proving(make_plan(resolution.pins))
        absent = []
        for pin, proof in proofs:
            absence = self._crew.wait(proof)
            if absence is not None:
                absent.append((pin, absence))
            elif pin.located is not None:
                self._listener.unpacked(pin.located.file)
        return absent, {}


class Unpacking:
    """Downloads or builds wheels, checks them and unpacks them."""

    def __init__(self, catalog: Catalog, crew: Crew, listener: Listener) -> None:
        self._catalog = catalog
        self._crew = crew
        self._listener = listener

    def start(self, located: Located) -> None:
        """Begin to download a wheel."""
        self._catalog.tree(located)

    def is_here(self, located: Located) -> bool:
        """Whether the cache has it."""
        return self._catalog.comes_from_cache(located)

    def gather(self, resolution: Resolution) -> tuple[list[tuple[Pin, Absence]], dict[NormalizedName, Tree]]:
        """Wait for every chosen archive; return those that are not handed out, and the trees of the others.

        First for the verdicts, which come with the first bytes: what is not handed out is resolved again while the
        other archives still arrive.
        """
        wanted = [(pin, pin.located) for pin in resolution.pins if pin.located is not None]
        wanted.sort(key=lambda one: -(one[1].file.size or 0))  # the largest takes longest: it must not begin last
        slots: list[tuple[Pin, Slot[Tree | Absence]]] = [(pin, self._catalog.tree(located)) for pin, located in wanted]
        self._listener.downloading(make_plan(resolution.pins))
        verdicts = [(pin, self._crew.wait(self._catalog.verdict(located))) for pin, located in wanted]
        absent = [(pin, verdict) for pin, verdict in verdicts if verdict is not None]
        trees: dict[NormalizedName, Tree] = {}
        for pin, slot in slots if not absent else ():
            found = self._crew.wait(slot)
            if isinstance(found, Absence):
                absent.append((pin, found))
            else:
                trees[pin.name] = found
                assert pin.located is not None
                self._check_told(pin, pin.located, found)
                self._listener.unpacked(pin.located.file)
        return absent, trees

    def _check_told(self, pin: Pin, located: Located, tree: Tree) -> None:
        """Hold the metadata that was resolved with, a sidecar's perhaps, against the archive's own (DESIGN 4.6).

        :raises IntegrityError: ``metadata-mismatch``.
        """
        told, true = pin.metadata, tree.metadata
        if located.recipe is not None:
            _check_same(pin, true)
            if not _agree(told, true):
                self._listener.note(
                    f"{pin.name} {pin.version} requires something else than it said before it was built"
                )
            return
        if told.requires_python == true.requires_python and set(told.requires_dist) == set(true.requires_dist):
            return
        self._catalog.forget_metadata(located)
        raise IntegrityError(
            "metadata-mismatch",
            f"{located.file.filename} requires something else than the index {located.index.name} said",
            context=(f"the index said: {_requirements(told)}", f"the wheel says: {_requirements(true)}"),
            hint="Nothing was installed. Run the command again; if that does not help, report it to whoever runs the "
            "index.",
        )


def _check_same(pin: Pin, true: Metadata) -> None:
    """See that what was built is what it was resolved as.

    :raises IntegrityError: ``wrong-source``.
    """
    if normalize(true.name) != pin.name or parse_version(true.version) != parse_version(pin.version):
        raise IntegrityError(
            "wrong-source",
            f"{pin.name} {pin.version} was built into something else: it is {true.name} {true.version}",
            hint="Nothing was installed. Ask for it by the name and version that it has, or report it to its "
            "publisher.",
        )


def _agree(told: Metadata, true: Metadata) -> bool:
    """Whether a source and the wheel that was built from it require the same, however they spell it."""
    from packaging.requirements import InvalidRequirement, Requirement  # late: for what was built

    try:
        return {str(Requirement(text)) for text in told.requires_dist} == {
            str(Requirement(text)) for text in true.requires_dist
        }
    except InvalidRequirement:
        return told.requires_dist == true.requires_dist


def _requirements(metadata: Metadata) -> str:
    python = (f"Python {metadata.requires_python}",) if metadata.requires_python else ()
    return "; ".join((*metadata.requires_dist, *python)) or "nothing"
