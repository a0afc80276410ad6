"""Source trees as texts, written where a test wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FLIT = """\
[build-system]
requires = ["flit_core"]
build-backend = "flit_core.buildapi"
[project]
name = "demo"
version = "1.0"
description = "A demonstration"
requires-python = ">=3.8"
dependencies = ["other>=2; python_version >= '3.8'"]
[project.optional-dependencies]
Fast_er = ["quick", "quicker>1; sys_platform == 'linux' or os_name == 'nt'"]
"""
FLIT_DYNAMIC = FLIT.replace('version = "1.0"\n', 'dynamic = ["version"]\n')
HATCH = FLIT.replace("flit_core.buildapi", "hatchling.build").replace("flit_core", "hatchling")
SETUPTOOLS = """\
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "demo"
version = "1.0"
dynamic = ["dependencies"]
[tool.setuptools.dynamic]
dependencies = { file = ["needs.txt"] }
[tool.setuptools]
package-dir = { "" = "src" }
packages = ["demo"]
"""
LEGACY = (
    "from setuptools import setup\nsetup(name='demo', version='1.0', py_modules=['demo'], install_requires=['other'])\n"
)
EXTENSION = """\
from setuptools import Extension, setup
setup(name="demo", version="1.0", ext_modules=[Extension("demo", ["demo.c"])])
"""
C = """\
#include <Python.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "demo", NULL, -1, NULL};
PyMODINIT_FUNC PyInit_demo(void) { return PyModule_Create(&module); }
"""
IN_TREE = """\
[build-system]
requires = []
backend-path = ["tools"]
build-backend = "backend"
"""
BACKEND = '''\
"""A backend of forty lines: it writes a wheel of one module, and cannot prepare metadata."""
import base64, hashlib, os, sys, zipfile


def get_requires_for_build_wheel(config_settings=None):
    return ["another"]


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    print("building with", config_settings)
    with open("builds.log", "a") as log:
        log.write("build\\n")
    files = {
        "demo.py": "WHERE = %r" % sys.prefix,
        "demo-1.0.dist-info/METADATA": "Metadata-Version: 2.1\\nName: demo\\nVersion: 1.0\\n",
        "demo-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    rows = []
    name = "demo-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            rows.append("%s,sha256=%s,%d" % (path, digest, len(text)))
        rows.append("demo-1.0.dist-info/RECORD,,\\n")
        wheel.writestr("demo-1.0.dist-info/RECORD", "\\n".join(rows))
    return name
'''


def write_tree(folder: Path, files: Mapping[str, str]) -> str:
    """Write a tree, and return its folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return str(folder)


def in_tree(folder: Path, backend: str = BACKEND) -> str:
    """Write a tree whose backend is part of it."""
    return write_tree(folder, {"pyproject.toml": IN_TREE, "tools/backend.py": backend})
