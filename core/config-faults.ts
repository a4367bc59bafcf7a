import type { Connector } from "../schemas/connector.ts";
import type { Credentials } from "../schemas/endpoint.ts";
import { DomainError } from "../schemas/errors.ts";
import { addressFaults, type EgressRules } from "./egress-guard.ts";
import { type Fault, schemaFaults } from "./json-schema.ts";

/** A table item holds 400 kB, and an audit entry holds what was beside what is. */
const LARGEST_CONFIG = 100_000;
/** A stored secret holds 64 kB, sealed and encoded. */
const LARGEST_SECRET = 32_000;
/** More than anybody reads at once. */
const FAULTS_SHOWN = 50;

/**
 * Throws `CONFIG_INVALID` with the faults of an endpoint's or sink's config, addresses that lead
 * inside among them.
 */
export function checkConfig(
  connector: Connector,
  config: Record<string, unknown>,
  rules: EgressRules,
): void {
  const tooLarge = sizeFaults(config, "config", LARGEST_CONFIG);

  throwFaults(
    `The config does not fit ${connector.name} ${connector.version}`,
    tooLarge.length > 0
      ? tooLarge
      : [
          ...schemaFaults(connector.configSchema, config, "config"),
          ...addressFaults(connector.configSchema, config, rules),
        ],
  );
}

/**
 * What is larger than can be kept, and nothing else of it; or else the faults that its schema
 * finds.
 */
export function valueFaults(
  schema: Record<string, unknown>,
  value: unknown,
  path: string,
  most = LARGEST_CONFIG,
): Fault[] {
  const tooLarge = sizeFaults(value, path, most);
  return tooLarge.length > 0 ? tooLarge : schemaFaults(schema, value, path);
}

/** What is larger than can be kept. */
export function sizeFaults(value: unknown, path: string, most: number): Fault[] {
  const message = `is larger than ${most / 1000} kB. Send less`;
  return new TextEncoder().encode(JSON.stringify(value)).length > most ? [{ path, message }] : [];
}

/** Throws `CONFIG_INVALID`; never repeats a value of the secret. */
export function checkCredentials(connector: Connector, { authType, secret }: Credentials): void {
  if (!connector.authTypes.includes(authType)) {
    const none = "none: this connector takes no credentials";
    const message = `must be one of ${connector.authTypes.join(", ") || none}`;
    throwFaults(`${connector.name} does not know this auth type`, [
      { path: "credentials.authType", message },
    ]);
  }
  const schema = connector.secretSchema[authType] ?? {};
  throwFaults(
    `The credentials do not fit ${connector.name}`,
    valueFaults(schema, secret, "credentials.secret", LARGEST_SECRET),
  );
}

export function throwFaults(what: string, found: readonly Fault[]): void {
  if (found.length === 0) return;
  const faults = found
    .slice(0, FAULTS_SHOWN)
    .map(({ path, message }) => ({ path: path.slice(0, 200), message }));
  const said = faults
    .slice(0, 3)
    .map(({ path, message }) => `${path} ${message}`)
    .join("; ");
  throw new DomainError("CONFIG_INVALID", `${what}: ${said}. Correct it and send it again.`, {
    errors: faults,
  });
}
