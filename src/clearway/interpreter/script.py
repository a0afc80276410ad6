"""The program that the *target* interpreter runs to describe itself; clearway itself never imports it.

It prints one line: a mark, then one JSON object of the shape of :class:`clearway.interpreter.facts.Facts`. It is
written for 3.6 and newer, so that one that is too old can say so; only the standard library is used. ``-I`` keeps the
caller's PYTHONPATH, PYTHONHOME and working folder out. ``site`` does run, because it alone knows where virtual
environments and distributors keep their site-packages; what ``.pth`` files add to ``sys.path`` is not looked at.

Markers: PEP 508, "Environment Markers". Facts behind wheel tags: PEP 425, 600, 656. Paths: ``sysconfig``, as in pip.
"""

import os
import sys

MARK = "clearway-facts:"
OLDEST = (3, 8)
RELEASE = "{}.{}".format(*sys.version_info)
PLACE = os.path.abspath(os.path.join(os.sep, "clearway-place"))
"""Stands for a folder that is not known yet; what is told of it is relative."""


def describe() -> "dict[str, object]":
    """Return all facts about the running interpreter."""
    import platform
    import sysconfig

    scheme = install_scheme()
    facts: dict[str, object] = {
        "version": list(sys.version_info[:2]),
        "executable": sys.executable,
        "prefix": sys.prefix,
        "base_prefix": base_prefix(),
        "stdlib": sysconfig.get_path("stdlib"),
        "scheme": scheme,
        "search": search(scheme),
        "user": user_scheme(),
        "user_enabled": bool(visible_user_site()),
        "below_prefix": prefix_scheme(),
        "below_home": home_scheme(),
        "markers": markers(),
        "implementation": sys.implementation.name,
        "nodot": str(sysconfig.get_config_var("py_version_nodot") or RELEASE.replace(".", "")),
        "ext_suffix": str(sysconfig.get_config_var("EXT_SUFFIX") or ""),
        "debug": is_debug(),
        "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "system": platform.system(),
        "platform": sysconfig.get_platform(),
        "bits": 64 if sys.maxsize > 2**32 else 32,
    }
    if facts["system"] == "Linux":
        facts.update(linux(sysconfig.get_platform()))
    if facts["system"] == "Darwin":
        facts["macos"], _, facts["machine"] = platform.mac_ver()
    return facts


def is_debug() -> bool:
    """Whether this is a debug build, which loads extension modules of its own kind."""
    import sysconfig
    from importlib.machinery import EXTENSION_SUFFIXES

    told = sysconfig.get_config_var("Py_DEBUG")
    if told is None:  # Windows does not tell; its debug builds count references and name their extension modules apart
        return hasattr(sys, "gettotalrefcount") or "_d.pyd" in EXTENSION_SUFFIXES
    return bool(told)


def markers() -> "dict[str, str]":
    """Return the values of the environment markers (PEP 508)."""
    import platform

    version = sys.implementation.version
    implementation_version = "{}.{}.{}".format(*version)
    if version.releaselevel != "final":
        implementation_version += f"{version.releaselevel[0]}{version.serial}"
    full_version = platform.python_version()
    return {
        "implementation_name": sys.implementation.name,
        "implementation_version": implementation_version,
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        # A build from a working copy calls itself 3.14.0+, which is no version.
        "python_full_version": full_version + "local" if full_version.endswith("+") else full_version,
        "platform_python_implementation": platform.python_implementation(),
        "python_version": RELEASE,
        "sys_platform": sys.platform,
    }


def base_prefix() -> str:
    """Return the prefix of the interpreter below a virtual environment (old virtualenv: ``real_prefix``)."""
    return str(getattr(sys, "real_prefix", sys.base_prefix))


def is_virtual() -> bool:
    """Whether this is a virtual environment (PEP 405)."""
    return sys.prefix != base_prefix()


def install_scheme() -> "dict[str, str]":
    """Return the folders that an installation goes to, the same that pip takes."""
    import sysconfig

    preferred = getattr(sysconfig, "get_preferred_scheme", None)  # since 3.10
    if preferred:
        paths = sysconfig.get_paths(preferred("prefix"))
    else:
        paths = sysconfig.get_paths()
        if not is_virtual():
            paths.update(distributor_paths())
    return as_scheme(paths, sys.prefix)


def prefix_scheme() -> "dict[str, str]":
    """Return the folders below a prefix that somebody names (``--prefix``), relative to it."""
    import sysconfig

    names = sysconfig.get_scheme_names()
    preferred = getattr(sysconfig, "get_preferred_scheme", None)  # since 3.10
    if preferred:
        name = preferred("prefix")
    else:
        own = (f"{sys.implementation.name}_{os.name}", sys.implementation.name, os.name + "_prefix", os.name)
        name = next((name for name in own if name in names), "posix_prefix")
    if name == "osx_framework_library":  # Apple's own is for the folder of the system alone
        name = "posix_prefix"
    paths = sysconfig.get_paths(name, placed(PLACE))
    if not preferred and not is_virtual():
        paths.update(distributor_paths(PLACE))
    return relative(as_scheme(paths, PLACE))


def home_scheme() -> "dict[str, str]":
    """Return the folders below a plain folder (``--target``), relative to it."""
    import sysconfig

    preferred = getattr(sysconfig, "get_preferred_scheme", None)  # since 3.10
    name = preferred("home") if preferred else os.name + "_home"
    if name not in sysconfig.get_scheme_names():
        name = "posix_home"
    return relative(as_scheme(sysconfig.get_paths(name, placed(PLACE)), PLACE))


def user_scheme() -> "dict[str, str] | None":
    """Return the folders of the user's own packages (PEP 370); None where the interpreter would never look there."""
    import sysconfig

    base = sysconfig.get_config_var("userbase")
    if not base or not sees_users():
        return None
    preferred = getattr(sysconfig, "get_preferred_scheme", None)  # since 3.10
    framework = sysconfig.get_config_var("PYTHONFRAMEWORK") and not is_virtual()
    name = preferred("user") if preferred else ("osx_framework" if framework else os.name) + "_user"
    if name not in sysconfig.get_scheme_names():
        return None
    return as_scheme(sysconfig.get_paths(name), str(base))


def as_scheme(paths: "dict[str, str]", base: str) -> "dict[str, str]":
    """Return what is needed of ``sysconfig``'s paths.

    :param base: the folder that they are in.
    """
    headers = paths["include"]
    if is_virtual():  # they must not land among those of the interpreter below it; the folder is pip's
        headers = os.path.join(base, "include", "site", "python" + RELEASE)
    return {
        "purelib": paths["purelib"],
        "platlib": paths["platlib"],
        "scripts": paths["scripts"],
        "headers": headers,
        "data": paths["data"],
    }


def placed(folder: str) -> "dict[str, str]":
    """Return the variables that put all of ``sysconfig``'s paths below a folder."""
    bases = ("base", "platbase", "installed_base", "installed_platbase", "prefix", "exec_prefix", "userbase")
    return dict.fromkeys(bases, folder)


def relative(scheme: "dict[str, str]") -> "dict[str, str]":
    """Return a scheme relative to :data:`PLACE`; what a distributor put elsewhere stays absolute."""
    found = {}
    for key, path in scheme.items():
        below = os.path.relpath(path, PLACE)
        found[key] = path if below.startswith(os.pardir) else "" if below == os.curdir else below
    return found


def distributor_paths(prefix: "str | None" = None) -> "dict[str, str]":
    """Return the paths that ``distutils`` knows: before 3.10, distributors moved /usr to /usr/local there alone.

    :param prefix: another one that somebody names.
    """
    try:
        from distutils.dist import Distribution
    except ImportError:  # Debian ships it apart
        return {}
    command = Distribution({"name": "x"}).get_command_obj("install")
    if prefix:
        command.prefix = prefix
    command.finalize_options()
    return {
        "purelib": command.install_purelib,
        "platlib": command.install_platlib,
        "scripts": command.install_scripts,
        "include": os.path.dirname(command.install_headers),
        "data": command.install_data,
    }


def search(scheme: "dict[str, str]") -> "list[str]":
    """Return the folders in which installed distributions are looked for, in the order of ``sys.path``.

    Folders that do not exist yet are named as well: what is installed there later must be found in its place.
    """
    import site

    own = [scheme["purelib"], scheme["platlib"]]
    folders = (own if is_virtual() else []) + visible_user_site()
    if hasattr(site, "getsitepackages"):
        folders = folders + site.getsitepackages()
    else:  # old virtualenv replaced site.py by one without it
        folders = folders + [path for path in sys.path if path.endswith("-packages")]
    if os.name == "nt":  # the prefix itself counts as a site folder there, and nothing is installed into it
        folders = [folder for folder in folders if folder not in (sys.prefix, base_prefix())]
    seen: dict[str, str] = {}
    for folder in folders + own:
        seen.setdefault(os.path.normcase(os.path.realpath(folder)), folder)
    return list(seen.values())


def sees_users() -> bool:
    """Whether the user's own packages can be seen at all: not in a virtual environment without system packages."""
    import site

    return not is_virtual() or base_prefix() in site.PREFIXES


def visible_user_site() -> "list[str]":
    """Return the user's own site-packages folder where this environment looks into it."""
    return user_site() if sees_users() else []


def user_site() -> "list[str]":
    """Return the user's own site-packages folder where the interpreter would use it (PEP 370)."""
    import site

    if os.environ.get("PYTHONNOUSERSITE") or not hasattr(site, "getusersitepackages"):
        return []
    for effective, real in (("geteuid", "getuid"), ("getegid", "getgid")):
        if hasattr(os, effective) and getattr(os, effective)() != getattr(os, real)():
            return []
    return [site.getusersitepackages()]


def linux(platform: str) -> "dict[str, object]":
    """Return what decides over manylinux and musllinux wheels (PEP 600, "Package installers"; PEP 656)."""
    try:
        glibc = (os.confstr("CS_GNU_LIBC_VERSION") or "").split()[-1]
    except (AttributeError, IndexError, OSError, ValueError):
        glibc = ""
    elf, loader = elf_header(sys.executable)
    return {
        "glibc": glibc,
        "elf": elf,
        "musl": musl_version(loader) if "musl" in loader else "",
        "refused": refused_manylinux(glibc, platform.partition("-")[2]),
    }


def elf_header(path: str) -> "tuple[tuple[int, bool, int, int] | None, str]":
    """Return word size, little-endianness, machine and flags of an ELF file, and the path of its dynamic loader."""
    import struct

    try:
        with open(path, "rb") as file:
            head = file.read(64)
            if head[:4] != b"\x7fELF":
                return None, ""
            wide, order = head[4] == 2, "<" if head[5] == 1 else ">"
            (machine,) = struct.unpack_from(order + "H", head, 18)
            start, flags = struct.unpack_from(order + ("Q8xI" if wide else "I4xI"), head, 32 if wide else 28)
            size, count = struct.unpack_from(order + "HH", head, 54 if wide else 42)
            loader = ""
            for number in range(count):
                file.seek(start + number * size)
                entry = file.read(size)
                kind, offset = struct.unpack_from(order + ("I4xQ" if wide else "II"), entry)
                (length,) = struct.unpack_from(order + ("Q" if wide else "I"), entry, 32 if wide else 16)
                if kind == 3:  # PT_INTERP
                    file.seek(offset)
                    loader = os.fsdecode(file.read(length).strip(b"\0"))
    except (OSError, struct.error, IndexError, OverflowError, ValueError):
        return None, ""
    return (64 if wide else 32, order == "<", machine, flags), loader


def musl_version(loader: str) -> str:
    """Return the version that musl's dynamic loader tells when it is run without arguments."""
    import subprocess

    try:
        process = subprocess.Popen([loader], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    except OSError:
        return ""
    lines = process.communicate()[1].decode("ascii", "replace").split("\n")
    told = [line.strip()[len("Version ") :] for line in lines if line.strip().startswith("Version ")]
    return told[0] if told and lines[0].startswith("musl") else ""


def refused_manylinux(glibc: str, architecture: str) -> "list[str]":
    """Return the versions that the distributor's ``_manylinux`` module rules out (PEP 600, "Package installers")."""
    import re

    version = re.match(r"2\.(\d+)", glibc)
    try:
        import _manylinux as distributor  # type: ignore[import-not-found]
    except ImportError:
        return []
    older = {5: "manylinux1_compatible", 12: "manylinux2010_compatible", 17: "manylinux2014_compatible"}
    refused = []
    for minor in range(int(version.group(1)) + 1) if version else ():
        if hasattr(distributor, "manylinux_compatible"):
            verdict = distributor.manylinux_compatible(2, minor, architecture)
        else:
            verdict = getattr(distributor, older.get(minor, ""), None)
        if verdict is not None and not verdict:
            refused.append(f"2_{minor}")
    return refused


def main() -> None:
    """Print the facts, or only the version where the interpreter is too old for the rest."""
    import json

    facts = {"version": list(sys.version_info[:2])} if sys.version_info < OLDEST else describe()
    sys.stdout.write("\n" + MARK + json.dumps(facts) + "\n")


if __name__ == "__main__":
    main()
