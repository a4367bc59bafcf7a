/**
 * Which values of a config are addresses. A connector's schema says so with the keyword
 * `x-address`: our workers connect to what stands there, so it passes the egress guard, and a
 * stored credential is meant for it alone.
 */
type Schema = Record<string, unknown>;

export interface ConfigAddress {
  readonly path: string;
  /** A string, unless the config is off its schema. */
  readonly value: unknown;
  readonly kind: "url" | "host";
}

/** Kinds of address. `url`: scheme, host and path. `host`: of a server that is no URL. */
export const ADDRESS_KINDS: readonly unknown[] = ["url", "host"];

const BRANCHES = ["allOf", "anyOf", "oneOf"];
const CONDITIONS = ["if", "then", "else"];

/**
 * Every address of a config, with the schema's default where one is left out; a path comes once.
 */
export function configAddresses(schema: Schema, config: unknown, path = ""): ConfigAddress[] {
  const found = new Map<string, ConfigAddress>();
  for (const address of addressesAt(schema, config, path, schema)) found.set(address.path, address);
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * A value is an address when any branch says so: a branch that does not apply costs a refusal, a
 * missed one a leak.
 */
function* addressesAt(
  schema: unknown,
  value: unknown,
  path: string,
  root: Schema,
): Generator<ConfigAddress> {
  if (!isObject(schema)) return;
  const kind = schema["x-address"];
  if (kind !== undefined) yield { path, value, kind: kind === "host" ? "host" : "url" };

  if (typeof schema.$ref === "string")
    yield* addressesAt(referred(root, schema.$ref), value, path, root);
  const branches = BRANCHES.flatMap((name) => (schema[name] ?? []) as unknown[]);
  for (const branch of [...branches, ...CONDITIONS.map((name) => schema[name])]) {
    yield* addressesAt(branch, value, path, root);
  }

  if (Array.isArray(value)) {
    for (const [at, item] of value.entries())
      yield* addressesAt(schema.items, item, `${path}[${at}]`, root);
  }
  if (isObject(value)) yield* memberAddresses(schema, value, path, root);
}

function* memberAddresses(
  schema: Schema,
  value: Schema,
  path: string,
  root: Schema,
): Generator<ConfigAddress> {
  const properties = (schema.properties ?? {}) as Schema;
  const patterns = Object.entries((schema.patternProperties ?? {}) as Schema);
  const at = (name: string) => (path === "" ? name : `${path}.${name}`);

  for (const [name, item] of Object.entries(value)) {
    const fitting = patterns
      .filter(([pattern]) => new RegExp(pattern, "u").test(name))
      .map(([, inner]) => inner);
    if (Object.hasOwn(properties, name)) fitting.push(properties[name]);
    if (fitting.length === 0) fitting.push(schema.additionalProperties);
    for (const inner of fitting) yield* addressesAt(inner, item, at(name), root);
  }

  for (const [name, inner] of Object.entries(properties)) {
    const given = Object.hasOwn(value, name) || !isObject(inner) || !("default" in inner);
    if (!given) yield* addressesAt(inner, (inner as Schema).default, at(name), root);
  }
}

function referred(root: Schema, ref: string): unknown {
  const names = ref.split("/").slice(1);
  return names.reduce<unknown>(
    (found, name) =>
      isObject(found) ? found[name.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined,
    root,
  );
}

const isObject = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);
