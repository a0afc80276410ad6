"""The hooks of one build backend, called in a process of the target interpreter (PEP 517, PEP 660).

What a hook answers is hostile input: a name is taken only if it is a plain one, of something that is there.
"""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING, Any

import msgspec

# Imported late as a whole, with this module: 50 ms
from pyproject_hooks import BackendUnavailable, BuildBackendHookCaller, BuildBackendWarning, HookMissing

from clearway.build.diagnosis import diagnose
from clearway.build.faults import harmless, shown
from clearway.build.output import Output
from clearway.errors import BuildError, InputError
from clearway.model.requirements import parse_requirement

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from clearway.build.processes import Processes
    from clearway.build.pyproject import BuildSystem

_STEPS = {
    "get_requires_for_build": "to say what else it needs",
    "prepare_metadata_for_build": "to prepare the metadata",
    "build_wheel": "to build the wheel",
    "build_editable": "to build the editable wheel",
}


class Runner(msgspec.Struct, frozen=True):
    """How the processes of one build are run.

    :param executable: the interpreter that they are run with.
    :param environ: all of their variables.
    :param listen: told each line that they print; None where nobody wants to see it.
    """

    processes: Processes
    executable: str
    environ: dict[str, str]
    listen: Callable[[str], None] | None = None


class _Failed(Exception):
    """The process of a hook did not end well."""


class Hooks:
    """The hooks of the backend of one tree, for wheels or for editable wheels.

    :param tree: the folder that the backend is run in.
    :param label: what errors call the tree.
    :param settings: PEP 517's config settings.
    """

    def __init__(
        self,
        tree: str,
        label: str,
        system: BuildSystem,
        runner: Runner,
        *,
        settings: Mapping[str, str | list[str]],
        editable: bool,
    ) -> None:
        warnings.filterwarnings("ignore", category=BuildBackendWarning)  # the backend's, not for our standard error
        self._label = label
        self._runner = runner
        self._settings = dict(settings) or None
        self._kind = "editable" if editable else "wheel"
        self._status = 0
        self._output = Output()
        self._backend = system.backend
        self._caller = BuildBackendHookCaller(
            tree,
            system.backend,
            list(system.backend_path) or None,
            runner=self._run,
            python_executable=runner.executable,
        )

    def requires(self) -> tuple[str, ...]:
        """Return what the backend needs besides ``build-system.requires``.

        :raises BuildError: ``build-failed``, ``no-backend``, ``bad-answer``.
        """
        answer = self._call("get_requires_for_build", {})
        try:
            requires = msgspec.convert(answer or [], list[str])
            for text in requires:
                parse_requirement(text)
        except msgspec.ValidationError:
            raise self._bad_answer("its build requirements are no list") from None
        except InputError as error:
            raise self._bad_answer(error.message) from None
        return tuple(requires)

    def prepare(self, folder: str) -> str:
        """Have the metadata prepared; return the ``.dist-info`` folder, or an empty text if the backend cannot.

        :param folder: a folder that is there, and empty.
        :raises BuildError: ``build-failed``, ``no-backend``, ``bad-answer``.
        """
        try:
            answer = self._call("prepare_metadata_for_build", {"metadata_directory": folder, "_allow_fallback": False})
        except HookMissing:
            return ""
        return self._inside(folder, answer, ".dist-info", os.path.isdir)

    def build(self, folder: str, prepared: str) -> str:
        """Build the wheel; return where it is.

        :param folder: a folder that is there, and empty.
        :param prepared: what :meth:`prepare` returned.
        :raises BuildError: ``build-failed``, ``no-backend``, ``bad-answer``; ``no-editable`` when it builds none.
        """
        try:
            answer = self._call("build", {"wheel_directory": folder, "metadata_directory": prepared or None})
        except HookMissing:
            raise BuildError(
                "no-editable",
                f"{self._label} cannot be installed as editable: its build backend {self._backend} cannot do that",
                hint="Have it require a newer backend (PEP 660; setuptools 64), or install it without --editable.",
            ) from None
        return self._inside(folder, answer, ".whl", os.path.isfile)

    def _call(self, step: str, arguments: dict[str, Any]) -> Any:
        hook = getattr(self._caller, f"{step}_{self._kind}")
        self._output = Output(self._runner.listen)
        try:
            with self._runner.processes.engaged():
                return hook(config_settings=self._settings, **arguments)
        except _Failed:
            raise self._failure(f"{step}_{self._kind}") from None
        except BackendUnavailable as error:
            raise self._no_backend(error) from None
        except (OSError, ValueError, LookupError, AttributeError, TypeError):  # of the file that the answer comes in
            raise self._bad_answer("it ended without a word") from None

    def _run(self, cmd: Sequence[str], cwd: str | None = None, extra_environ: Mapping[str, str] | None = None) -> None:
        """Run a hook's process, as ``pyproject_hooks`` wants it run."""
        assert cwd is not None
        environ = {**self._runner.environ, **(extra_environ or {})}
        self._status = self._runner.processes.run(cmd, cwd=cwd, environ=environ, output=self._output)
        if self._status:
            raise _Failed

    def _failure(self, hook: str) -> BuildError:
        words = _STEPS.get(hook) or _STEPS[hook.rpartition("_")[0]]
        found = diagnose(self._output.lines(), self._status)
        return BuildError(
            "build-failed",
            f"{self._label} cannot be built: its build backend {self._backend} failed {words}",
            context=found.lines or (f"it printed nothing and ended with status {self._status}",),
            hint=found.advice,
        )

    def _no_backend(self, error: BackendUnavailable) -> BuildError:
        lines = [harmless(line) for line in error.traceback.splitlines()]
        found = diagnose([*lines, *self._output.lines()], 0)
        return BuildError(
            "no-backend",
            f"{self._label} cannot be built: its build backend {self._backend} cannot be imported",
            context=found.lines,
            hint="Its build-system.requires has to name the backend, and without isolation "
            "(--no-build-isolation) the backend has to be installed.",
        )

    def _inside(self, folder: str, answer: object, suffix: str, there: Callable[[str], bool]) -> str:
        name = answer if isinstance(answer, str) else ""
        path = os.path.join(folder, name)
        plain = name == os.path.basename(name) and name.endswith(suffix) and "\0" not in name
        if not plain or os.path.islink(path) or not there(path):
            raise self._bad_answer(f"it says that it made {shown(str(answer))}")
        return path

    def _bad_answer(self, reason: str) -> BuildError:
        return BuildError(
            "bad-answer",
            f"{self._label} cannot be built: its build backend {self._backend} answers what cannot be used",
            context=(reason, *diagnose(self._output.lines(), 0).lines),
            hint="Take another version of the backend, or report it to its publisher.",
        )
