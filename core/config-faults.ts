import type { Connector } from "../schemas/connector.ts";
import type { Credentials } from "../schemas/endpoint.ts";
import { DomainError } from "../schemas/errors.ts";
import { type Fault, schemaFaults } from "./json-schema.ts";

/** Throws `CONFIG_INVALID` with every fault of an endpoint's or sink's config. */
export function checkConfig(connector: Connector, config: Record<string, unknown>): void {
  throwFaults(
    `The config does not fit ${connector.name} ${connector.version}`,
    schemaFaults(connector.configSchema, config, "config"),
  );
}

/** Throws `CONFIG_INVALID`; never repeats a value of the secret. */
export function checkCredentials(connector: Connector, { authType, secret }: Credentials): void {
  if (!connector.authTypes.includes(authType)) {
    const message = `must be one of ${connector.authTypes.join(", ") || "none: this connector takes no credentials"}`;
    throwFaults(`${connector.name} does not know this auth type`, [{ path: "credentials.authType", message }]);
  }
  const schema = connector.secretSchema[authType] ?? {};
  throwFaults(`The credentials do not fit ${connector.name}`, schemaFaults(schema, secret, "credentials.secret"));
}

export function throwFaults(what: string, faults: readonly Fault[]): void {
  if (faults.length === 0) return;
  const said = faults
    .slice(0, 3)
    .map(({ path, message }) => `${path} ${message}`)
    .join("; ");
  throw new DomainError("CONFIG_INVALID", `${what}: ${said}. Correct it and send it again.`, { errors: faults });
}
