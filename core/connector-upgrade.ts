/** What an endpoint gets from another version of its connector, and what it loses. */
import type { Connector, UnitDescriptor } from "../schemas/connector.ts";
import type { Endpoint } from "../schemas/endpoint.ts";
import type { EndpointUpgrade } from "../schemas/endpoint-upgrade.ts";
import { DomainError } from "../schemas/errors.ts";
import type { UnitConfig } from "../schemas/unit-config.ts";
import { canonicalJson } from "./canonical-json.ts";
import { checkConfig, throwFaults } from "./config-faults.ts";
import type { EgressRules } from "./egress-guard.ts";
import { schemaFaults } from "./json-schema.ts";
import { majorOf, newestFirst } from "./version-order.ts";

type Config = Record<string, unknown>;
type Diff = Pick<EndpointUpgrade, "config" | "units" | "policies">;

/**
 * The version to go to: the named one, or the newest active one that is not older than the pinned
 * one. Throws `CONFIG_INVALID` for a version that nobody published, `CONFLICT` for one of a lower
 * major.
 */
export function upgradeTarget(
  published: readonly Connector[],
  pinned: string,
  wanted: string | undefined,
): Connector {
  const sorted = [...published].sort((a, b) => newestFirst(a.version, b.version));
  const newest = sorted.find(
    (one) => one.status === "active" && newestFirst(one.version, pinned) < 0,
  );
  const target = sorted.find(({ version }) => version === (wanted ?? newest?.version ?? pinned));

  if (!target) throw unknownVersion(sorted);
  if (majorOf(target.version) >= majorOf(pinned)) return target;

  const remedy = `Choose a version from ${majorOf(pinned)}.0.0 on.`;
  throw new DomainError(
    "CONFLICT",
    `Version ${target.version} has a lower major than ${pinned}. ${remedy}`,
  );
}

function unknownVersion(published: readonly Connector[]): DomainError {
  const known = published.map(({ version }) => version).join(", ");
  const errors = [{ path: "version", message: `must be one of ${known}` }];
  return new DomainError(
    "CONFIG_INVALID",
    `This version was not published. Choose one of ${known}.`,
    {
      errors,
    },
  );
}

/**
 * The endpoint's config for the other version, and all that differs. Throws `CONFIG_INVALID` when
 * no default makes the config fit, or when the version does not take the endpoint's kind of
 * credentials.
 */
export function planUpgrade(
  from: Connector,
  to: Connector,
  { config, authType }: Pick<Endpoint, "config" | "authType">,
  unitConfigs: readonly UnitConfig[],
  rules: EgressRules,
): Diff & { readonly next: Config } {
  const moved = moveConfig(from.configSchema, to.configSchema, config);
  checkConfig(to, moved.next, rules);

  if (authType !== null && !to.authTypes.includes(authType)) {
    const remedy = "Register an endpoint with such credentials";
    const message = `must be one of ${to.authTypes.join(", ")}. ${remedy}`;
    throwFaults(`${to.name} ${to.version} does not take these credentials`, [
      { path: "authType", message },
    ]);
  }

  return {
    next: moved.next,
    config: { added: moved.added, removed: moved.removed },
    units: { added: unitsBeyond(to, from), removed: unitsBeyond(from, to) },
    policies: changedPolicies(from, to, unitConfigs),
  };
}

/**
 * Adds the defaults of keys that are new or needed now; drops keys that were known and are refused
 * now.
 */
function moveConfig(
  from: Config,
  to: Config,
  config: Config,
): { next: Config; added: Config; removed: string[] } {
  const [before, after] = [propertiesOf(from), propertiesOf(to)];
  const required = new Set((to.required ?? []) as string[]);

  const added = Object.entries(after)
    .filter(
      ([name]) =>
        !Object.hasOwn(config, name) && (!Object.hasOwn(before, name) || required.has(name)),
    )
    .flatMap(([name, schema]) => (hasDefault(schema) ? [[name, schema.default] as const] : []));
  const removed = Object.keys(config).filter(
    (name) => Object.hasOwn(before, name) && isRefused(to, name),
  );
  const kept = Object.entries(config).filter(([name]) => !removed.includes(name));

  return {
    next: Object.fromEntries([...kept, ...added]),
    added: Object.fromEntries(added),
    removed,
  };
}

const propertiesOf = (schema: Config) => (schema.properties ?? {}) as Config;

function hasDefault(schema: unknown): schema is { default: unknown } {
  return typeof schema === "object" && schema !== null && Object.hasOwn(schema, "default");
}

function isRefused(schema: Config, name: string): boolean {
  const patterns = Object.keys((schema.patternProperties ?? {}) as Config);
  const known =
    Object.hasOwn(propertiesOf(schema), name) ||
    patterns.some((one) => new RegExp(one, "u").test(name));
  return schema.additionalProperties === false && !known;
}

function unitsBeyond(a: Connector, b: Connector): string[] {
  const others = new Set(b.units.map(({ unitId }) => unitId));
  return a.units.map(({ unitId }) => unitId).filter((unitId) => !others.has(unitId));
}

function changedPolicies(
  from: Connector,
  to: Connector,
  configs: readonly UnitConfig[],
): Diff["policies"] {
  const differs = (unit: UnitDescriptor) => {
    const before = from.units.find(({ unitId }) => unitId === unit.unitId);
    return (
      before !== undefined &&
      canonicalJson(before.policySchema) !== canonicalJson(unit.policySchema)
    );
  };

  return to.units.filter(differs).map(({ unitId, policySchema }) => {
    const config = configs.find((one) => one.unitId === unitId);
    return { unitId, errors: config ? schemaFaults(policySchema, config.policy, "policy") : [] };
  });
}
