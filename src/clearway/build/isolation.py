"""An environment of its own for a build: a bare virtual environment of the target interpreter (PEP 405, PEP 518).

It is written, not created by running ``venv``: two links and a file, which the interpreter reads at its start. So it
has nothing but the standard library to import, its scripts find what is installed beside them, headers and libraries
are those of the base interpreter, and no sys.path has to be bent by variables that every child would inherit.
"""

from __future__ import annotations

import os
import sys

import msgspec

from clearway.build.faults import translated
from clearway.errors import BuildError
from clearway.model.targets import Environment, Scheme


def make_environment(base: Environment, folder: str) -> Environment:
    """Make an empty environment for builds by an interpreter.

    :param base: the target: what is built is built for its markers and tags.
    :param folder: a new folder.
    :raises TargetError: ``disk-full``, ``build-folder-unwritable``.
    :raises BuildError: ``no-isolation``: the interpreter cannot make one (Windows).
    """
    with translated(folder):
        scripts, packages, executable = (_run_venv if sys.platform == "win32" else _link)(base, folder)
    return msgspec.structs.replace(
        base,
        executable=executable,
        prefix=folder,
        scheme=Scheme(
            purelib=packages,
            platlib=packages,
            scripts=scripts,
            headers=os.path.join(folder, "include", "site", os.path.basename(base.stdlib)),
            data=folder,
        ),
        search=(packages,),
        externally_managed=None,
    )


def _link(base: Environment, folder: str) -> tuple[str, str, str]:
    """Lay out what ``venv`` would; return the folders of scripts and packages, and the interpreter."""
    # python3.13t, pypy3.10: what site-packages lies in, too
    version = os.path.basename(base.stdlib) or f"python{base.markers['python_version']}"
    interpreter = _base_interpreter(base)
    scripts = os.path.join(folder, "bin")
    packages = os.path.join(folder, "lib", version, "site-packages")
    os.makedirs(packages)
    os.mkdir(scripts)
    os.symlink("lib", os.path.join(folder, "lib64"))  # where sys.platlibdir is lib64
    names = {"python", "python3", version, version.removesuffix("t"), os.path.basename(interpreter)}
    for name in names:
        os.symlink(interpreter, os.path.join(scripts, name))
    full = base.markers["python_full_version"]
    lines = [
        f"home = {os.path.dirname(interpreter)}",
        "include-system-site-packages = false",
        f"version = {full}",
        f"executable = {interpreter}",
    ]
    with open(os.path.join(folder, "pyvenv.cfg"), "w", encoding="utf-8") as file:
        file.write("\n".join([*lines, ""]))
    return scripts, packages, os.path.join(scripts, "python")


def _base_interpreter(base: Environment) -> str:
    """Return the interpreter behind all virtual environments, in the place from which it finds its library.

    Its own folder is where its prefix says; links to it from elsewhere would have it look for its library there.
    """
    final = os.path.realpath(base.executable)
    for name in (os.path.basename(final), os.path.basename(base.stdlib), "python3", "python"):
        place = os.path.join(base.base_prefix, "bin", name)
        if os.path.isfile(place) and os.access(place, os.X_OK):
            return place
    return final


def _run_venv(base: Environment, folder: str) -> tuple[str, str, str]:
    """Have ``venv`` make one: on Windows it copies launchers, whose place only it knows."""
    import subprocess  # late: 20 ms

    command = [base.executable, "-I", "-m", "venv", "--without-pip", folder]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode:
        raise BuildError(
            "no-isolation",
            f"{base.executable} cannot make an environment for building",
            context=tuple(done.stderr.decode(errors="replace").splitlines()[-3:]),
            hint="Install its venv module, or build in the environment itself with --no-build-isolation.",
        )
    scripts = os.path.join(folder, "Scripts")
    return scripts, os.path.join(folder, "Lib", "site-packages"), os.path.join(scripts, "python.exe")
