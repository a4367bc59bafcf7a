/**
 * What a tenant may write into a sink's config (decision 28). The data plane checks the
 * same: `sinks/sink_config.py`.
 */
import type { Connector } from "../schemas/connector.ts";
import { configAddresses } from "./config-addresses.ts";
import { sizeFaults, throwFaults } from "./config-faults.ts";
import { addressFaults } from "./egress-guard.ts";
import { type Fault, schemaFaults } from "./json-schema.ts";
import { PLACE_MESSAGES, placeFault, type Surroundings } from "./sink-places.ts";

/** Lists of sinks and the audit hold configs whole. */
const LARGEST_SINK_CONFIG = 8_000;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
const CONTROL = /[\u0000-\u001f\u007f\ud800-\udfff]/u;

/**
 * Throws `CONFIG_INVALID` with the faults of a sink's config: off its schema, or a place where it
 * may not be.
 */
export function checkSinkConfig(
  type: Connector,
  config: Record<string, unknown>,
  around: Surroundings,
): void {
  throwFaults(
    `The config does not fit ${type.name} ${type.version}`,
    sinkConfigFaults(type, config, around),
  );
}

export function sinkConfigFaults(
  type: Connector,
  config: Record<string, unknown>,
  around: Surroundings,
): Fault[] {
  const tooLarge = sizeFaults(config, "config", LARGEST_SINK_CONFIG);
  if (tooLarge.length > 0) return tooLarge;
  return [
    ...controlFaults(type, config),
    ...schemaFaults(type.configSchema, config, "config"),
    ...addressFaults(type.configSchema, config, { allowPrivateNetworks: around.local }),
    ...marked(type, config, around),
  ];
}

/** But in addresses, which are refused in the same words whatever is wrong with them. */
function controlFaults(type: Connector, config: Record<string, unknown>): Fault[] {
  const message = "must not hold control characters";
  const addresses = new Set(configAddresses(type.configSchema, config).map(({ path }) => path));
  const keys = (type.configSchema.properties ?? {}) as Record<string, Record<string, unknown>>;
  const seen = (name: string, value: string) =>
    Object.hasOwn(keys, name) && keys[name]?.["x-lines"] ? value.replaceAll("\n", "") : value;
  return Object.entries(config)
    .filter(
      ([name, value]) =>
        typeof value === "string" && CONTROL.test(seen(name, value)) && !addresses.has(name),
    )
    .map(([name]) => ({ path: `config.${name}`, message }));
}

/**
 * What the schema marks: `x-place`, a key that says where the sink is; `x-local`, one for the local
 * environment.
 */
function marked(type: Connector, config: Record<string, unknown>, around: Surroundings): Fault[] {
  const keys = (type.configSchema.properties ?? {}) as Record<string, Record<string, unknown>>;
  return Object.entries(keys).flatMap(([name, described]) => {
    const value = config[name];
    if (typeof value !== "string") return [];
    const path = `config.${name}`;
    if (described["x-local"] && !around.local) {
      return [{ path, message: "is for the local environment. Leave it out" }];
    }
    const fault = described["x-place"] ? placeFault(value, around) : undefined;
    return fault ? [{ path, message: PLACE_MESSAGES[fault] }] : [];
  });
}
