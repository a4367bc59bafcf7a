/** What a tenant may write into a sink's config (DESIGN decision 28). The data plane checks the same: `sinks/sink_config.py`. */
import type { Connector } from "../schemas/connector.ts";
import { sizeFaults, throwFaults } from "./config-faults.ts";
import { type Fault, schemaFaults } from "./json-schema.ts";
import { PLACE_MESSAGES, placeFault, type Surroundings } from "./sink-places.ts";

/** Lists of sinks and the audit hold configs whole. */
const LARGEST_SINK_CONFIG = 8_000;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
const CONTROL = /[\u0000-\u001f\u007f\ud800-\udfff]/u;

/** Throws `CONFIG_INVALID` with the faults of a sink's config: off its schema, or a place where it may not be. */
export function checkSinkConfig(type: Connector, config: Record<string, unknown>, around: Surroundings): void {
  throwFaults(`The config does not fit ${type.name} ${type.version}`, sinkConfigFaults(type, config, around));
}

export function sinkConfigFaults(type: Connector, config: Record<string, unknown>, around: Surroundings): Fault[] {
  const tooLarge = sizeFaults(config, "config", LARGEST_SINK_CONFIG);
  if (tooLarge.length > 0) return tooLarge;
  return [
    ...controlFaults(config),
    ...schemaFaults(type.configSchema, config, "config"),
    ...marked(type, config, around),
  ];
}

function controlFaults(config: Record<string, unknown>): Fault[] {
  const message = "must not hold control characters";
  return Object.entries(config).flatMap(([name, value]) =>
    typeof value === "string" && CONTROL.test(value) ? [{ path: `config.${name}`, message }] : [],
  );
}

/** What the schema marks: `x-place`, a key that says where the sink is; `x-local`, one for the local environment. */
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
