"""Source trees with a build backend of sixty lines, so that nothing of a build comes from anywhere but the test.

``TOY`` is the backend as a wheel that an index can publish; a tree may also carry it. What it makes stands in the
tree's ``toy.json``, and code that it is to run while it does so: hostile, if a test wants that. Every call of a hook is
a line in the file that the variable ``TOY_LOG`` names.
"""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import shake_128
from typing import TYPE_CHECKING, Any

from support.wheels import make_metadata, make_sdist, make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from support.wheels import Content, Wheel

BACKEND = '''\
"""A build backend: what it makes stands in toy.json."""
import base64, hashlib, json, os, sys, zipfile


def _told(hook, settings):
    with open("toy.json") as file:
        told = json.load(file)
    if "TOY_LOG" in os.environ:
        with open(os.environ["TOY_LOG"], "a") as log:
            log.write("%s %s %s\\n" % (hook, told["name"], json.dumps(settings, sort_keys=True)))
    exec(told["code"].get(hook, ""), {"told": told, "settings": settings})
    return told


def get_requires_for_build_wheel(config_settings=None):
    return _told("requires", config_settings)["more"]


get_requires_for_build_editable = get_requires_for_build_wheel


def _prepare(metadata_directory, config_settings=None):
    told = _told("prepare", config_settings)
    info = "%s-%s.dist-info" % (told["name"], told["version"])
    os.mkdir(os.path.join(metadata_directory, info))
    with open(os.path.join(metadata_directory, info, "METADATA"), "w") as file:
        file.write(told["metadata"])
    return info


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    told = _told("build", config_settings)
    return _write(wheel_directory, told, {told["name"] + ".py": "WHERE = %r\\n" % sys.prefix})


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    told = _told("editable", config_settings)
    return _write(wheel_directory, told, {told["name"] + ".pth": os.getcwd() + "\\n"})


def _write(folder, told, files):
    info = "%s-%s.dist-info" % (told["name"], told["version"])
    files[info + "/METADATA"] = told["metadata"]
    files[info + "/WHEEL"] = "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: %s\\n" % told["tag"]
    rows = []
    name = "%s-%s-%s.whl" % (told["name"], told["version"], told["tag"])
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        for path, text in files.items():
            wheel.writestr(zipfile.ZipInfo(path), text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            rows.append("%s,sha256=%s,%d" % (path, digest, len(text.encode())))
        wheel.writestr(zipfile.ZipInfo(info + "/RECORD"), "\\n".join(rows + [info + "/RECORD,,", ""]))
    return name
'''
PREPARES = BACKEND + "\n\nprepare_metadata_for_build_wheel = prepare_metadata_for_build_editable = _prepare\n"
TOY = make_wheel("toy", "1.0", files={"toy.py": BACKEND, "toy_prepares.py": PREPARES})
"""The backend as it is published: ``toy`` cannot prepare metadata, ``toy_prepares`` can."""


def toy_tree(
    name: str,
    version: str,
    *,
    requires: Iterable[str] = (),
    build_requires: Iterable[str] = ("toy",),
    backend: str = "toy",
    more: Iterable[str] = (),
    code: Mapping[str, str] | None = None,
    tag: str = "py3-none-any",
    claims: tuple[str, str] = ("", ""),
    carried: bool = False,
    bulk: int = 0,
) -> dict[str, Content]:
    """Return the files of a tree.

    :param requires: what the wheel that it becomes requires.
    :param build_requires: what its ``[build-system]`` requires; ``more`` what the backend asks for besides.
    :param code: what the backend runs, by hook: ``requires``, ``prepare``, ``build``, ``editable``. It may change
        ``told``, which says what is made.
    :param claims: another name and version for what is built, where they are not empty.
    :param carried: the backend is part of the tree, and nothing is required for it.
    :param bulk: bytes of noise in it.
    """
    built, of = claims[0] or name, claims[1] or version
    told = {
        "name": built,
        "version": of,
        "metadata": make_metadata(built, of, requires=requires).decode(),
        "more": list(more),
        "code": dict(code or {}),
        "tag": tag,
    }
    system: dict[str, object] = {"requires": [] if carried else list(build_requires), "build-backend": backend}
    system |= {"backend-path": ["tools"]} if carried else {}
    lines = [f"{key} = {json.dumps(value)}" for key, value in system.items()]
    files: dict[str, Content] = {"pyproject.toml": "\n".join(["[build-system]", *lines, ""])}
    files["toy.json"] = json.dumps(told)
    if carried:
        files |= {"tools/toy.py": BACKEND, "tools/toy_prepares.py": PREPARES}
    if bulk:
        files["noise.bin"] = shake_128(f"{name} {version}".encode()).digest(bulk)
    return files


def stated_sdist(name: str, version: str, *, bulk: int = 0, claims: tuple[str, str] = ("", ""), **said: Any) -> Wheel:
    """Return a source archive that states its metadata (PEP 643), and that nothing here could build.

    :param claims: another name and version in its PKG-INFO, where they are not empty.
    :param said: as :func:`support.wheels.make_metadata` takes it.
    """
    told = make_metadata(claims[0] or name, claims[1] or version, **said)
    files: dict[str, Content] = {"PKG-INFO": told.replace(b"Version: 2.1", b"Version: 2.2", 1)}
    if bulk:
        files["noise.bin"] = shake_128(f"{name} {version}".encode()).digest(bulk)
    return replace(make_sdist(name, version, files=files), requires_python=said.get("requires_python", ""))


def toy_sdist(
    name: str,
    version: str,
    *,
    static: bool = False,
    requires: Iterable[str] = (),
    files: Mapping[str, Content] | None = None,
    **tree: object,
) -> Wheel:
    """Return a tree as a source archive.

    :param static: its PKG-INFO settles the metadata (PEP 643), so that nothing has to be run for them.
    :param files: what else is in it, or stands in for what would be; ``tree``: as :func:`toy_tree` takes it.
    """
    requires = tuple(requires)
    content = toy_tree(name, version, requires=requires, **tree)  # type: ignore[arg-type]
    if static:
        stated = make_metadata(name, version, requires=requires).replace(b"Version: 2.1", b"Version: 2.2", 1)
        content["PKG-INFO"] = stated
    return make_sdist(name, version, files={**content, **(files or {})})


def write_tree(folder: Path, files: Mapping[str, Content]) -> Path:
    """Write a tree, and return its folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    return folder
