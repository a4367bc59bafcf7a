/** Certificates for servers of tests, made by the library that the Python side uses anyway. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";

const python = join(import.meta.dirname, "../../.venv/bin/python");

const SCRIPT = `
import datetime, json, sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, sys.argv[1])])
key = ec.generate_private_key(ec.SECP256R1())
now = datetime.datetime.now(datetime.UTC)
day = datetime.timedelta(days=1)
certificate = (
    x509.CertificateBuilder()
    .subject_name(name)
    .issuer_name(name)
    .public_key(key.public_key())
    .serial_number(x509.random_serial_number())
    .not_valid_before(now - 9 * day)
    .not_valid_after(now + int(sys.argv[2]) * day)
    .add_extension(x509.SubjectAlternativeName([x509.DNSName(sys.argv[1])]), critical=False)
    .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    .sign(key, hashes.SHA256())
)
pem = serialization.Encoding.PEM
kind = serialization.PrivateFormat.PKCS8
print(json.dumps({
    "cert": certificate.public_bytes(pem).decode(),
    "key": key.private_bytes(pem, kind, serialization.NoEncryption()).decode(),
}))
`;

/** Signed by itself, for one host name; `days` may be negative, for one that has expired. */
export function selfSigned(
  host: string,
  days = 1,
): { readonly cert: string; readonly key: string } {
  return JSON.parse(execFileSync(python, ["-c", SCRIPT, host, String(days)], { encoding: "utf8" }));
}
