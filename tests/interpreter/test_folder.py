"""``--target``: a folder in the place of an environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from clearway.interpreter.folder import in_folder
from clearway.model.targets import Environment, Scheme

ENVIRONMENT = Environment(
    executable="/env/bin/python",
    prefix="/env",
    base_prefix="/usr",
    markers={"python_full_version": "3.12.4"},
    tags=("py3-none-any",),
    scheme=Scheme("/env/lib", "/env/lib64", "/env/bin", "/env/include", "/env"),
    search=("/env/lib", "/env/lib64"),
    stdlib="/usr/lib/python3.12",
    externally_managed="No.",
)


def test_everything_goes_below_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    target = in_folder(ENVIRONMENT, "packages")
    root = str(tmp_path / "packages")
    assert target.scheme == Scheme(root, root, f"{root}/bin", f"{root}/include/python", root)
    assert target.search == (root,)
    assert target.externally_managed is None


def test_the_interpreter_stays(tmp_path: Path) -> None:
    target = in_folder(ENVIRONMENT, str(tmp_path))
    assert (target.executable, target.markers, target.tags) == (
        "/env/bin/python",
        ENVIRONMENT.markers,
        ENVIRONMENT.tags,
    )
