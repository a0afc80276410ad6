"""Where the files of a wheel go."""

from __future__ import annotations

from clearway.model.metadata import Metadata
from clearway.wheel.entry_points import EntryPoint
from clearway.wheel.manifest import Manifest, decode_manifest, encode_manifest
from clearway.wheel.plan import Placement, plan_installation

INFO = "demo_pkg-1.0.dist-info"
DATA = "demo_pkg-1.0.data"


def manifest_of(*paths: str, purelib: bool = True, commands: tuple[EntryPoint, ...] = ()) -> Manifest:
    return Manifest(
        key="sha256:" + "0" * 64,
        filename="demo_pkg-1.0-py3-none-any.whl",
        metadata=Metadata("Demo.Pkg", "1.0"),
        info=INFO,
        purelib=purelib,
        entry_points=commands,
        window=(1, 2),
        paths=list(paths),
        sizes=[len(path) for path in paths],
        hashes=[f"hash-of-{path}" for path in paths],
        executable=[path.endswith(".sh") for path in paths],
    )


def test_the_root_goes_to_purelib_or_platlib() -> None:
    for purelib, scheme in ((True, "purelib"), (False, "platlib")):
        plan = plan_installation(manifest_of("demo/a.py", "run.sh", purelib=purelib))
        assert plan.root == scheme
        assert plan.placements == [
            Placement("demo/a.py", scheme, "demo/a.py", 9, "hash-of-demo/a.py", False),  # type: ignore[arg-type]
            Placement("run.sh", scheme, "run.sh", 6, "hash-of-run.sh", True),  # type: ignore[arg-type]
        ]


def test_data_goes_to_its_schemes() -> None:
    paths = ["purelib/a.py", "platlib/b/c.so", "scripts/tool", "headers/sub/x.h", "data/share/y"]
    plan = plan_installation(manifest_of(*(f"{DATA}/{path}" for path in paths)))
    assert [(placement.scheme, placement.path, placement.script) for placement in plan.placements] == [
        ("purelib", "a.py", False),
        ("platlib", "b/c.so", False),
        ("scripts", "tool", True),
        ("headers", "Demo.Pkg/sub/x.h", False),
        ("data", "share/y", False),
    ]


def test_a_script_that_was_made_for_an_entry_point_is_left_out() -> None:
    command = EntryPoint("tool", "demo", "main")
    plan = plan_installation(manifest_of(f"{DATA}/scripts/tool", f"{DATA}/scripts/other", commands=(command,)))
    assert [placement.path for placement in plan.placements] == ["other"]


def test_a_manifest_comes_back_as_it_was() -> None:
    manifest = manifest_of("a.py", "b.sh", commands=(EntryPoint("x", "y", "z", gui=True),))
    encoded = encode_manifest(manifest)
    assert decode_manifest(encoded) == manifest


def test_a_damaged_manifest_is_none() -> None:
    encoded = encode_manifest(manifest_of("a.py", "b.py"))
    for length in range(len(encoded)):
        assert decode_manifest(encoded[:length]) is None
    uneven = encode_manifest(manifest_of("a.py")).replace(b"\xa5sizes\x91\x04", b"\xa5sizes\x92\x04\x04")
    assert decode_manifest(uneven) is None
