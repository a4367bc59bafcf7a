/** Which credentials a sink needs, and whose they may be (decision 28). */
import type { Connector } from "../schemas/connector.ts";
import type { Credentials } from "../schemas/endpoint.ts";
import { checkCredentials, throwFaults } from "./config-faults.ts";
import type { Fault } from "./json-schema.ts";
import type { Platform } from "./sink-trust.ts";

type Config = Record<string, unknown>;

/**
 * Throws `CONFIG_INVALID` for credentials that are off their schema or not of the kind that the
 * config needs. `undefined` stands for none.
 */
export function checkSinkCredentials(
  type: Connector,
  config: Config,
  credentials: Credentials | undefined,
  platform: Platform,
): void {
  if (credentials && !isOurLake(config)) checkCredentials(type, credentials);
  const faults = credentials
    ? givenFaults(type, config, credentials, platform)
    : missingFaults(type, config, platform);
  throwFaults("The credentials do not fit the sink", faults);
}

/** An empty config is the tenant's part of the environment's own lake. */
export const isOurLake = (config: Config): boolean => Object.keys(config).length === 0;

/** The role that the credentials name; null for keys. */
export function roleOf({ authType, secret }: Credentials): string | null {
  return authType === "aws_role" ? (secret.roleArn ?? null) : null;
}

/**
 * Whether the places of a sink type are S3's, or of what speaks like it. Which credentials any
 * other place needs, the sink says when it is tested.
 */
const isInAws = ({ authTypes }: Connector) => authTypes.includes("aws_role");

/** The auth type that a place of the tenant's own in AWS needs. */
const authTypeOf = (config: Config) => ("endpointUrl" in config ? "aws_keys" : "aws_role");

function missingFaults(type: Connector, config: Config, { environment }: Platform): Fault[] {
  if (isOurLake(config) || environment === "local" || !isInAws(type)) return [];
  const message = `are required, with the auth type ${authTypeOf(config)}: the sink is your own`;
  return [{ path: "credentials", message }];
}

function givenFaults(
  type: Connector,
  config: Config,
  credentials: Credentials,
  platform: Platform,
): Fault[] {
  if (isOurLake(config)) {
    return [
      {
        path: "credentials",
        message: "must be left out: the environment's own lake takes no credentials",
      },
    ];
  }

  if (!isInAws(type)) return [];

  const needed = authTypeOf(config);
  if (credentials.authType !== needed) {
    const why = needed === "aws_keys" ? "for an S3 at an endpointUrl" : "for AWS's own S3 and Glue";
    return [{ path: "credentials.authType", message: `must be ${needed} ${why}` }];
  }

  const ours =
    roleOf(credentials)?.split(":")[4] === platform.account && platform.environment !== "local";
  return ours
    ? [{ path: "credentials.secret.roleArn", message: "must be a role of an account of yours" }]
    : [];
}
