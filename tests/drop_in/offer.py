"""What the indexes offer: ``INDEX``, the default one; ``EXTRA`` beside it; ``LOCKED``, which wants a password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.sources import BACKEND, toy_sdist
from support.wheels import make_wheel

if TYPE_CHECKING:
    from support.simulator import IndexSimulator
    from support.wheels import Wheel

_LINUX = "manylinux_2_17_x86_64.manylinux2014_x86_64"
STEADY = BACKEND.replace("sys.prefix", '"anywhere"')
"""The toy backend, making the same wherever it runs."""
TOOL = {"console_scripts": {"tool": "tool:main"}}
FACTS = (
    "Summary: What everything stands on\nHome-page: https://example.com/base\nAuthor: Somebody\n"
    "Author-email: somebody@example.com\nLicense: MIT\n"
)


def _wheels() -> list[Wheel]:
    """Return the releases of the default index."""
    main = {"tool/__init__.py": "def main():\n    print('tool says hello')\n"}
    wheels = [make_wheel("base", version, metadata_extra=FACTS) for version in ("1.0", "1.5", "2.0", "2.1b1")]
    wheels[0] = make_wheel("base", "1.0")
    wheels += [make_wheel("glitter", version) for version in ("0.9", "1.0")]
    wheels += [make_wheel("pages", "1.0", requires=["glitter"]), make_wheel("setuptools", "80.0")]
    wheels += [make_wheel("wheel", "0.45"), make_wheel("Mixed_Case.Name", "1.0")]
    wheels += [make_wheel("tool", version, files=main, entry_points=TOOL) for version in ("1.0", "1.1")]
    wheels.append(make_wheel("app", "1.0", requires=["base<2"], extras={"fancy": ["glitter"]}))
    extras = {"fancy": ["glitter"], "docs": ["pages>=1"]}
    wheels.append(make_wheel("app", "2.0", requires=["base>=1.5"], extras=extras))
    wheels += [make_wheel("needs-old", "1.0", requires=["base==1.0"])]
    wheels += [make_wheel("needs-new", "1.0", requires=["base>=2"])]
    wheels += [make_wheel("future", "1.0"), make_wheel("future", "2.0", requires_python=">=3.99")]
    wheels += [make_wheel("tomorrow", "1.0", requires_python=">=3.99")]
    wheels += [make_wheel("both", "1.0"), make_wheel("scripted", "1.0", scripts={"scripted": "#!python\nprint(1)\n"})]
    wheels += [make_wheel("marked", "1.0", requires=["base ; python_version >= '3'", "glitter ; os_name == 'nt'"])]
    for tags in (
        f"cp311-cp311-{_LINUX}",
        f"cp312-cp312-{_LINUX}",
        "cp312-cp312-win_amd64",
        "cp312-abi3-macosx_11_0_arm64",
    ):
        wheels.append(make_wheel("native", "1.0", tags=tags))
    return wheels


def publish(index: IndexSimulator, pip: str) -> str:
    """Fill the indexes; return the URL of the one that wants a password, with the credential in it."""
    for wheel in _wheels():
        index.add(wheel)
    index.add(make_wheel("pip", pip))
    toy = make_wheel("toy", "1.0", files={"toy.py": STEADY})
    for made in (toy, toy_sdist("crafted", "1.0", requires=["base"]), toy_sdist("both", "1.1")):
        index.add(made)
    index.add(make_wheel("withdrawn", "1.0"))
    index.add(make_wheel("withdrawn", "1.1"), yanked="it was broken")
    index.add(make_wheel("dated", "1.0"), upload_time="2022-01-01T00:00:00.000000Z")
    index.add(make_wheel("dated", "2.0"), upload_time="2025-01-01T00:00:00.000000Z")
    extra = index.repository("extra")
    extra.add(make_wheel("private-lib", "1.0", requires=["base"]))
    locked = index.repository("locked", users={"ann": "s3cret"})
    locked.add(make_wheel("guarded", "1.0", requires=["base"]))
    linked = make_wheel("linked", "1.0")
    url = index.serve(f"/links/{linked.filename}", linked.content)
    index.serve("/links.html", f'<a href="{url}">{linked.filename}</a>'.encode(), "text/html")
    index.serve("/requirements.txt", b"base==1.0\nglitter\n", "text/plain")
    index.serve("/base-1.0-py3-none-any.whl", make_wheel("base", "1.0").content)
    return locked.url_for("ann")
