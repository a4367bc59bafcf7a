import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EGRESS_FAULT, EGRESS_HOST_FAULT } from "../schemas/address-ranges.ts";
import manifest from "../schemas/json/manifest.json" with { type: "json" };
import { addressFaults, mayConnect, mayConnectIp, mayConnectTo } from "./egress-guard.ts";

interface Vectors {
  readonly refused: Readonly<Record<string, string[]>>;
  readonly local: Readonly<Record<string, string[]>>;
  readonly legal: string[];
  readonly resolved: { readonly inside: string[]; readonly public: string[] };
}

// Read and not imported: lone surrogates are beyond the bundler's JSON.
const examples = join(import.meta.dirname, "../schemas/examples/egress");
const vectors: Vectors = JSON.parse(readFileSync(join(examples, "addresses.json"), "utf8"));

const hosts: Record<"legal" | "local" | "refused", string[]> = JSON.parse(
  readFileSync(join(examples, "hosts.json"), "utf8"),
);
const isHost = (schema: object) => "x-address" in schema && schema["x-address"] === "host";

const IN_AWS = { allowPrivateNetworks: false };
const LOCALLY = { allowPrivateNetworks: true };
const refused = Object.values(vectors.refused).flat();
const local = Object.values(vectors.local).flat();

describe("the guard of addresses", () => {
  it("knows 600 spellings of what is not public, and 50 of what is", () => {
    expect(refused.length + local.length).toBeGreaterThanOrEqual(600);
    expect(vectors.legal.length).toBeGreaterThanOrEqual(50);
  });

  it.each(Object.entries(vectors.refused))("refuses %s in every environment", (_, urls) => {
    expect(urls.filter((url) => mayConnect(url, IN_AWS) || mayConnect(url, LOCALLY))).toEqual([]);
  });

  it.each(Object.entries(vectors.local))("opens %s on one machine and nowhere else", (_, urls) => {
    expect(urls.filter((url) => mayConnect(url, IN_AWS))).toEqual([]);
    expect(urls.filter((url) => !mayConnect(url, LOCALLY))).toEqual([]);
  });

  it.each(vectors.legal)("takes %s", (url) => {
    expect(mayConnect(url, IN_AWS)).toBe(true);
    expect(mayConnect(url, LOCALLY)).toBe(true);
  });

  it.each([
    ["legal", true, true],
    ["local", false, true],
    ["refused", false, false],
  ] as const)("judges hosts by themselves: %s", (kind, inAws, locally) => {
    expect(hosts[kind].filter((host) => mayConnectTo(host, IN_AWS) !== inAws)).toEqual([]);
    expect(hosts[kind].filter((host) => mayConnectTo(host, LOCALLY) !== locally)).toEqual([]);
  });

  it("takes only what every other parser reads in the same way", () => {
    const one = fc.constantFrom(...vectors.legal, ...refused, ...local);
    const odd = fc.constantFrom(..."0x.:/[]%@?#\\- \t\n\u0000\u3002\uff11\u2460a1");
    const changed = fc.tuple(one, fc.nat(40), fc.nat(2), odd).map(([url, at, cut, added]) => {
      return url.slice(0, at) + added + url.slice(at + cut);
    });
    fc.assert(
      fc.property(changed, (url) => {
        // An A-label that decodes to nothing is a name like others to DNS, and none to a browser.
        if (!mayConnect(url, IN_AWS) || /xn--/i.test(url)) return;
        const { protocol, username, password, port, search, hash } = new URL(url);
        expect([protocol, username, password, port, search, hash]).toEqual([
          "https:",
          "",
          "",
          "",
          "",
          "",
        ]);
        expect(mayConnect(new URL(url).href, IN_AWS)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it("judges what a resolver answers", () => {
    expect(vectors.resolved.inside.filter((ip) => mayConnectIp(ip, IN_AWS))).toEqual([]);
    expect(vectors.resolved.public.filter((ip) => !mayConnectIp(ip, IN_AWS))).toEqual([]);
  });

  it("judges the longest nonsense at once", () => {
    const started = performance.now();
    for (const text of ["a.", "[", "1:", "a-", "%"])
      mayConnect(`https://${text.repeat(500_000)}`, IN_AWS);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

describe("addresses of a config", () => {
  const fields = manifest.connectors.flatMap(({ name, configSchema }) =>
    Object.entries(configSchema.properties)
      .filter(([, schema]) => "x-address" in schema)
      .map(([field, schema]) => ({ name, field, configSchema, isHost: isHost(schema) })),
  );

  it.each(fields)(
    "are refused in the same words as $field of $name, whatever is wrong",
    ({ field, configSchema, isHost }) => {
      const [inside, legal, fault] = isHost
        ? [[...hosts.refused, ...hosts.local], hosts.legal, EGRESS_HOST_FAULT]
        : [[...refused, ...local], vectors.legal, EGRESS_FAULT];
      const faultsOf = (url: string) =>
        JSON.stringify(addressFaults(configSchema, { [field]: url }, IN_AWS));
      const expected = JSON.stringify([{ path: `config.${field}`, message: fault }]);
      expect(new Set(inside.map(faultsOf))).toEqual(new Set([expected]));
      expect(new Set(legal.map(faultsOf))).toEqual(new Set(["[]"]));
    },
  );

  it.each(fields)(
    "are judged by the guard alone: $field of $name has no rule beside",
    ({ field, configSchema }) => {
      const properties: Record<string, Record<string, unknown>> = configSchema.properties;
      const rules = Object.keys(properties[field] ?? {}).filter(
        (keyword) => !["title", "description", "default", "examples"].includes(keyword),
      );
      expect(rules.sort()).toEqual(["type", "x-address"]);
    },
  );
});
