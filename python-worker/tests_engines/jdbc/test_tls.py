"""TLS that proves the host, or no connection."""

from __future__ import annotations

import os
import pwd
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from inlet_sdk.errors import FatalError, RetryableError
from inlet_worker.sinks.jdbc.endpoint import JdbcSink

from .servers import GUARD, Server, start_mariadb, start_postgres

MARIADB = ("mariadb", "--local-infile=1", "--max-allowed-packet=16M")


def _certificates(folder: Path, owner: str) -> str:
    """A certificate for `localhost` in `folder`, for a server; the PEM of who issued it."""
    now = datetime.now(UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, n)]) for n in ("ca", "db")]

    def signed(at: int, extension: Any) -> bytes:
        builder = (
            x509.CertificateBuilder()
            .subject_name(names[at])
            .issuer_name(names[0])
            .public_key(keys[at].public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(extension, critical=at == 0)
        )
        found = builder.sign(keys[0], hashes.SHA256())
        return found.public_bytes(serialization.Encoding.PEM)

    authority = signed(0, x509.BasicConstraints(ca=True, path_length=None))
    server = signed(1, x509.SubjectAlternativeName([x509.DNSName("localhost")]))
    key = keys[1].private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )

    folder.chmod(0o755)
    for name, content in (("server.pem", server), ("server.key", key)):
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o600)
        if os.getuid() == 0:
            account = pwd.getpwnam(owner)
            os.chown(folder / name, account.pw_uid, account.pw_gid)
    return authority.decode()


@pytest.fixture(scope="module", params=["postgresql", "mariadb"])
def secure(request: pytest.FixtureRequest) -> Iterator[tuple[Server, str]]:
    folder = Path(tempfile.mkdtemp(prefix="inlet-tls-"))
    if request.param == "postgresql":
        authority = _certificates(folder, "postgres")
        files = [f"ssl_cert_file={folder}/server.pem", f"ssl_key_file={folder}/server.key"]
        server = start_postgres("ssl=on", *files)
    else:
        authority = _certificates(folder, "mysql")
        server = start_mariadb(f"--ssl-cert={folder}/server.pem", f"--ssl-key={folder}/server.key")
    yield server, authority
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="module", params=[("postgresql",), MARIADB])
def plain(request: pytest.FixtureRequest, server_of: Callable[..., Server]) -> Server:
    return server_of(*request.param)


def _test(server: Server, **changes: Any) -> Any:
    database = "postgres" if server.dialect == "postgresql" else "mysql"
    config = server.config(database, host="localhost", tls="verify-full") | changes
    return JdbcSink(config, GUARD, server.login).test()


def test_a_server_that_proves_its_name_is_written_to(secure: tuple[Server, str]) -> None:
    server, authority = secure
    assert _test(server, caCertificate=authority)["server"]


def test_a_certificate_of_another_name_is_refused(secure: tuple[Server, str]) -> None:
    server, authority = secure
    _refused(server, host="127.0.0.1", caCertificate=authority)


def test_a_name_that_is_not_known_is_told_so(secure: tuple[Server, str]) -> None:
    server, authority = secure
    with pytest.raises(RetryableError) as raised:
        _test(server, host="nowhere.invalid", caCertificate=authority)
    assert raised.value.details == {"field": "config.host"}


def test_an_unknown_authority_is_refused(secure: tuple[Server, str]) -> None:
    _refused(secure[0])


def test_a_server_without_tls_is_refused(plain: Server) -> None:
    _refused(plain)


def test_a_wrong_password_is_told_without_a_word_of_the_server(secure: tuple[Server, str]) -> None:
    server, authority = secure
    database = "postgres" if server.dialect == "postgresql" else "mysql"
    config = server.config(database, host="localhost", tls="verify-full", caCertificate=authority)
    wrong = type(server.login)("nobody-of-a-test", "wrong-of-a-test")
    with pytest.raises(FatalError) as raised:
        JdbcSink(config, GUARD, wrong).test()
    assert raised.value.details == {"field": "credentials"}
    for word in ("nobody-of-a-test", "wrong-of-a-test", "localhost", "127.0.0.1"):
        assert word not in raised.value.message


def _refused(server: Server, **changes: Any) -> None:
    with pytest.raises(FatalError) as raised:
        _test(server, **changes)
    assert (raised.value.code, raised.value.details) == (
        "SINK_REJECTED",
        {"field": "config.caCertificate"},
    )
