"""Tags: what ``packaging`` says inside an interpreter, and recorded facts of machines that are not here."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import msgspec
import packaging
import pytest

from clearway.interpreter.facts import Facts
from clearway.interpreter.probe import probe
from clearway.interpreter.tags import tags
from interpreter.fakes import recorded

INSIDE = """
import json, sys
try:
    sys.path.insert(0, {packaging!r})
    from packaging import markers, tags
    exact = True
except (SyntaxError, TypeError):  # packaging has given this Python up; pip's own older copy knows the same tags
    for name in [name for name in sys.modules if name.split(".")[0] == "packaging"]:
        del sys.modules[name]
    sys.path.insert(0, {site!r})
    from pip._vendor.packaging import markers, tags
    exact = False
print(json.dumps([exact, [str(tag) for tag in tags.sys_tags()], markers.default_environment()]))
"""


def test_tags_and_markers_are_those_of_packaging_inside_the_interpreter(virtual_python: str) -> None:
    environment = probe(virtual_python)
    above = os.path.dirname(os.path.dirname(packaging.__file__))
    code = INSIDE.format(packaging=above, site=os.path.join(environment.stdlib, "site-packages"))
    result = subprocess.run([virtual_python, "-I", "-c", code], check=False, capture_output=True, text=True)
    if "No module named 'pip'" in result.stderr:
        pytest.skip("no copy of packaging runs on this interpreter")
    exact, expected, markers = json.loads(result.stdout)
    assert environment.markers == markers
    if exact:
        assert list(environment.tags) == expected
    else:
        assert set(environment.tags) - {"cp38-none-any"} == set(expected) - {"cp38-none-any"}


def _tags(**changes: Any) -> tuple[str, ...]:
    return tags(msgspec.convert(recorded(**changes), Facts))


def _platforms(**changes: Any) -> list[str]:
    """Return the platforms in their order: those of the first interpreter and ABI."""
    all_tags = _tags(**changes)
    first = all_tags[0].rpartition("-")[0] + "-"
    return [tag.removeprefix(first) for tag in all_tags if tag.startswith(first)]


def test_manylinux_down_to_the_first_one() -> None:
    platforms = _platforms(glibc="2.17")
    assert platforms[:5] == [
        "linux_x86_64",
        "manylinux_2_17_x86_64",
        "manylinux2014_x86_64",
        "manylinux_2_16_x86_64",
        "manylinux_2_15_x86_64",
    ]
    assert platforms[-3:] == ["manylinux_2_6_x86_64", "manylinux_2_5_x86_64", "manylinux1_x86_64"]


def test_manylinux_of_other_architectures_starts_at_2_17() -> None:
    platforms = _platforms(platform="linux-aarch64", elf=[64, True, 183, 0], glibc="2.18")
    assert platforms == [
        "linux_aarch64",
        "manylinux_2_18_aarch64",
        "manylinux_2_17_aarch64",
        "manylinux2014_aarch64",
    ]


def test_order_of_interpreters_and_abis() -> None:
    all_tags = _tags(glibc="2.5", platform="linux-riscv32")
    assert all_tags[:5] == (
        "cp312-cp312-linux_riscv32",
        "cp312-abi3-linux_riscv32",
        "cp312-none-linux_riscv32",
        "cp311-abi3-linux_riscv32",
        "cp310-abi3-linux_riscv32",
    )
    assert (
        all_tags.index("py312-none-linux_riscv32") < all_tags.index("cp312-none-any") < all_tags.index("py312-none-any")
    )
    assert all_tags[-1] == "py30-none-any"


@pytest.mark.parametrize("glibc", ["2.28-2019.02", "2.28"])
def test_a_glibc_of_a_distributor(glibc: str) -> None:
    assert _platforms(glibc=glibc)[1] == "manylinux_2_28_x86_64"


@pytest.mark.parametrize("glibc", ["", "unreleased"])
def test_no_manylinux_without_glibc(glibc: str) -> None:
    assert _platforms(glibc=glibc) == ["linux_x86_64"]


def test_a_distributor_may_refuse_versions() -> None:
    refused = [f"2_{minor}" for minor in range(29) if minor != 17]
    assert _platforms(refused=refused) == ["linux_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"]


def test_a_glibc_after_the_second() -> None:
    platforms = _platforms(glibc="3.1")
    assert platforms[1:4] == ["manylinux_3_1_x86_64", "manylinux_3_0_x86_64", "manylinux_2_50_x86_64"]


def test_musl() -> None:
    platforms = _platforms(glibc="", musl="1.2.4", platform="linux-aarch64")
    assert platforms == ["linux_aarch64", "musllinux_1_2_aarch64", "musllinux_1_1_aarch64", "musllinux_1_0_aarch64"]


@pytest.mark.parametrize(
    ("elf", "served"),
    [
        ([32, True, 40, 0x05000400], True),
        ([32, True, 40, 0x05000200], False),
        ([32, True, 40, 0x04000400], False),
        ([64, True, 183, 0], False),
        (None, False),
    ],
)
def test_32_bit_arm_needs_hard_floats(elf: list[object] | None, served: bool) -> None:
    platforms = _platforms(platform="linux-armv7l", bits=32, elf=elf, glibc="2.17")
    assert platforms == ["linux_armv7l", *(["manylinux_2_17_armv7l", "manylinux2014_armv7l"] if served else [])]


def test_a_32_bit_interpreter_on_a_64_bit_arm_kernel() -> None:
    platforms = _platforms(platform="linux-aarch64", bits=32, elf=[32, True, 40, 0x05000400], glibc="2.17")
    assert platforms[:4] == ["linux_armv8l", "linux_armv7l", "manylinux_2_17_armv8l", "manylinux2014_armv8l"]


@pytest.mark.parametrize(("machine", "served"), [(3, True), (62, False)])
def test_a_32_bit_interpreter_on_a_64_bit_intel_kernel(machine: int, served: bool) -> None:
    platforms = _platforms(bits=32, elf=[32, True, machine, 0], glibc="2.5")
    assert platforms == ["linux_i686", *(["manylinux_2_5_i686", "manylinux1_i686"] if served else [])]


def test_windows() -> None:
    all_tags = _tags(system="Windows", platform="win-amd64", ext_suffix=".cp312-win_amd64.pyd", glibc="", elf=None)
    assert all_tags[:3] == ("cp312-cp312-win_amd64", "cp312-abi3-win_amd64", "cp312-none-win_amd64")
    assert not any("linux" in tag for tag in all_tags)


def test_macos_on_intel() -> None:
    platforms = _platforms(system="Darwin", platform="macosx-10.9-universal2", macos="13.6.1", machine="x86_64")
    assert platforms[:6] == [
        "macosx_13_0_x86_64",
        "macosx_13_0_intel",
        "macosx_13_0_fat64",
        "macosx_13_0_fat3",
        "macosx_13_0_universal2",
        "macosx_13_0_universal",
    ]
    assert "macosx_10_9_x86_64" in platforms
    assert "macosx_14_0_x86_64" not in platforms


def test_macos_on_arm() -> None:
    platforms = _platforms(system="Darwin", platform="macosx-11.0-arm64", macos="14.2", machine="arm64")
    assert platforms[:4] == [
        "macosx_14_0_arm64",
        "macosx_14_0_universal2",
        "macosx_13_0_arm64",
        "macosx_13_0_universal2",
    ]
    assert "macosx_10_16_universal2" in platforms
    assert "macosx_10_16_arm64" not in platforms
    assert not any("x86_64" in platform for platform in platforms)


def test_an_old_macos_in_32_bit() -> None:
    platforms = _platforms(system="Darwin", platform="macosx-10.6-intel", macos="10.6", machine="x86_64", bits=32)
    assert platforms[:4] == ["macosx_10_6_i386", "macosx_10_6_intel", "macosx_10_6_fat3", "macosx_10_6_fat"]


def test_pypy() -> None:
    all_tags = _tags(
        implementation="pypy", version=[3, 10], nodot="310", ext_suffix=".pypy310-pp73-x86_64-linux-gnu.so", glibc="2.5"
    )
    assert all_tags[:2] == ("pp310-pypy310_pp73-linux_x86_64", "pp310-pypy310_pp73-manylinux_2_5_x86_64")
    assert "pp310-none-linux_x86_64" in all_tags
    assert all_tags.index("pp3-none-any") == all_tags.index("py310-none-any") - 1
    assert not any(tag.startswith("cp") for tag in all_tags)


@pytest.mark.parametrize(
    ("suffix", "abi"),
    [
        (".graalpy242-311-native-x86_64-linux.so", "graalpy242_311_native"),
        (".cpython-311-x86_64-linux-gnu.so", "cp311"),
        (".cp311-win_amd64.pyd", "cp311"),
        (".other-1.so", "other_1"),
    ],
)
def test_the_abi_of_other_implementations(suffix: str, abi: str) -> None:
    all_tags = _tags(implementation="other", version=[3, 11], nodot="311", ext_suffix=suffix, glibc="")
    assert all_tags[:2] == (f"other311-{abi}-linux_x86_64", "other311-none-linux_x86_64")


@pytest.mark.parametrize(("version", "nodot"), [([3, 13], "313"), ([3, 14], "314")])
def test_free_threaded(version: list[int], nodot: str) -> None:
    all_tags = _tags(version=version, nodot=nodot, free_threaded=True, glibc="")
    assert all_tags[0] == f"cp{nodot}-cp{nodot}t-linux_x86_64"
    assert not any("-abi3-" in tag for tag in all_tags)
    assert f"cp{nodot}-cp{nodot}-linux_x86_64" not in all_tags
    assert f"cp{nodot}-none-any" in all_tags


def test_a_debug_build_loads_ordinary_extensions_too() -> None:
    assert _tags(debug=True, glibc="")[:3] == (
        "cp312-cp312d-linux_x86_64",
        "cp312-cp312-linux_x86_64",
        "cp312-abi3-linux_x86_64",
    )


def test_a_free_threaded_debug_build() -> None:
    all_tags = _tags(version=[3, 14], nodot="314", debug=True, free_threaded=True, glibc="")
    assert all_tags[:2] == ("cp314-cp314td-linux_x86_64", "cp314-cp314t-linux_x86_64")


def test_every_tag_comes_once() -> None:
    all_tags = _tags(debug=True)
    assert len(set(all_tags)) == len(all_tags)
