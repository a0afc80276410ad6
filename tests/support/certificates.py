"""A private certificate authority for TLS on loopback, made by the ``openssl`` program where the machine has one."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

AVAILABLE = shutil.which("openssl") is not None
_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
_NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\nauthorityKeyIdentifier=keyid\n"


def make_authority(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Make an authority and a server certificate for localhost and 127.0.0.1 in a folder.

    :returns: the authority's certificate, which a client has to trust, and the context for :class:`IndexSimulator`.
    """
    authority = folder / "ca.pem"
    usage = ("-addext", "keyUsage=critical,keyCertSign,cRLSign", "-days", "3650", "-subj", "/CN=Test CA")
    _openssl(folder, "req", "-x509", *_KEY, *usage, "-keyout", "ca.key", "-out", "ca.pem")
    _openssl(folder, "req", *_KEY, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    (folder / "names").write_text(_NAMES)
    signer = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "3650", "-extfile", "names")
    _openssl(folder, "x509", "-req", "-in", "server.csr", *signer, "-out", "server.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    return authority, context


def make_client(folder: Path, name: str) -> None:
    """Make a client certificate of the authority in a folder: ``name.pem``, and its key ``name.key``."""
    _openssl(folder, "req", *_KEY, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
    (folder / "use").write_text("extendedKeyUsage=clientAuth\nauthorityKeyIdentifier=keyid\n")
    signer = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "3650", "-extfile", "use")
    _openssl(folder, "x509", "-req", "-in", f"{name}.csr", *signer, "-out", f"{name}.pem")


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
