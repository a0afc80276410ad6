"""Targets that are not the interpreter: the tags are pip's, the markers the interpreter's."""

from __future__ import annotations

import itertools
import sys

import pytest
from packaging.tags import sys_tags

from clearway.interpreter.foreign import foreign_target
from clearway.model.targets import Environment, Scheme, Target

MARKERS = {
    "python_version": f"{sys.version_info.major}.{sys.version_info.minor}",
    "python_full_version": ".".join(map(str, sys.version_info[:3])),
}


def environment(*tags: str, **markers: str) -> Environment:
    found = tags or tuple(map(str, sys_tags()))
    return Environment("python", "", "", MARKERS | markers, found, Scheme("", "", "", "", ""), ())


OWN = environment()
PLATFORMS = [
    (),
    ("manylinux2014_x86_64",),
    ("manylinux2014_aarch64",),
    ("manylinux2010_i686", "manylinux_2_28_i686"),
    ("macosx_11_0_arm64",),
    ("macosx_12_0_arm64", "macosx_11_0_universal2"),
    ("win_amd64",),
    ("any",),
]


@pytest.mark.parametrize("version", ["", "3", "3.8", "3.13", "3.11.4"])
@pytest.mark.parametrize("implementation", ["", "cp", "pp", "py"])
def test_tags_are_those_of_pip(version: str, implementation: str) -> None:
    judge = pytest.importorskip("pip._internal.models.target_python").TargetPython
    if not hasattr(judge, "get_sorted_tags"):
        pytest.skip("this pip is older than the rules that it is asked about")
    info = tuple(map(int, version.split("."))) if version else None
    for platforms, abis in itertools.product(PLATFORMS, [(), ("cp38",), ("abi3", "none")]):
        theirs = judge(
            platforms=list(platforms) or None,
            py_version_info=info,
            abis=list(abis) or None,
            implementation=implementation or None,
        )
        ours = foreign_target(
            OWN, python_version=version, platforms=platforms, implementation=implementation, abis=abis
        )
        expected = list(dict.fromkeys(map(str, theirs.get_sorted_tags())))
        found = list(dict.fromkeys(ours.tags))
        assert set(found) == set(expected), (platforms, abis)
        if platforms:  # the order of a machine's own platforms differs between the releases of packaging
            assert found == expected


@pytest.mark.parametrize(
    ("tags", "version", "best"),
    [
        (("cp313-cp313t-linux_x86_64", "py3-none-any"), "3.14", "cp314-cp314t-linux_x86_64"),
        (("cp313-cp313t-linux_x86_64", "py3-none-any"), "3.12", "cp312-cp312-linux_x86_64"),
        (("cp312-cp312d-linux_x86_64", "cp312-cp312-linux_x86_64"), "3.13", "cp313-cp313d-linux_x86_64"),
        (("pp310-pypy310_pp73-linux_x86_64", "py3-none-any"), "3.9", "pp39-pypy310_pp73-linux_x86_64"),
        (("pp310-pypy310_pp73-linux_x86_64", "py3-none-any"), "", "pp310-pypy310_pp73-linux_x86_64"),
    ],
)
def test_other_builds_of_python(tags: tuple[str, ...], version: str, best: str) -> None:
    assert foreign_target(environment(*tags), python_version=version).tags[0] == best


@pytest.mark.parametrize(
    ("platform", "more"), [("ios_14_0_arm64_iphoneos", "ios_13_0"), ("android_24_x86_64", "android_21")]
)
def test_phones(platform: str, more: str) -> None:
    tags = foreign_target(OWN, platforms=[platform]).tags
    assert any(more in tag for tag in tags)


@pytest.mark.parametrize(("version", "full"), [("3", "3.0.0"), ("3.7", "3.7.0"), ("3.7.3", "3.7.3")])
def test_a_version_is_held_against_requires_python_alone(version: str, full: str) -> None:
    target = foreign_target(OWN, python_version=version)
    assert target.python_version == full
    assert target.environment.values == MARKERS
    assert not target.takes(">=3.10")


def test_what_is_not_said_is_the_interpreters() -> None:
    target = foreign_target(OWN, platforms=["win_amd64"])
    assert target.python_version == MARKERS["python_full_version"]


def test_any_python() -> None:
    assert Target(MARKERS, (), any_python=True).takes("<3")
    assert foreign_target(OWN, python_version="3.7", any_python=True).takes(">=3.10")
    assert not Target(MARKERS, ()).takes("<3")


def test_targets_that_take_other_files_have_another_identity() -> None:
    targets = [
        Target(MARKERS, ("a",)),
        Target(MARKERS, ("b",)),
        Target(MARKERS, ("a",), any_python=True),
        Target(MARKERS, ("a",), "3.7.0"),
    ]
    assert len({target.identity for target in targets}) == len(targets)
