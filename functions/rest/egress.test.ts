import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { publishManifest } from "../../adapters/dynamodb/registry/connectors.ts";
import { EGRESS_FAULT, EGRESS_HOST_FAULT } from "../../schemas/address-ranges.ts";
import { Manifest } from "../../schemas/connector.ts";
import { caller, startControlPlane } from "../../tests/stage/control-plane.ts";
import { handler as endpoints } from "./endpoints/handler.ts";
import { handler as sinks } from "./sinks/handler.ts";

const schemas = join(import.meta.dirname, "../../schemas");
const vectors = JSON.parse(readFileSync(join(schemas, "examples/egress/addresses.json"), "utf8"));
const manifest = Manifest.parse(
  JSON.parse(readFileSync(join(schemas, "json/manifest.json"), "utf8")),
);

/** One spelling of each kind; all of them are the unit test's (`core/egress-guard.test.ts`). */
const kinds: Record<string, string[]> = { ...vectors.refused, ...vectors.local };
const refused = Object.values(kinds).map(([first = ""]) => first);
const hosts = JSON.parse(readFileSync(join(schemas, "examples/egress/hosts.json"), "utf8"));
const fields = manifest.connectors.flatMap(
  ({ name, kind, authTypes, configSchema, sampleConfig }) =>
    Object.entries(configSchema.properties as Record<string, Record<string, unknown>>)
      .filter(([, schema]) => "x-address" in schema)
      .map(([field, schema]) => {
        const isHost = schema["x-address"] === "host";
        // An empty config of a sink in AWS is the environment's own lake.
        const config = authTypes.includes("aws_role") ? {} : sampleConfig;
        return { name, kind, field, sampleConfig, isHost, config };
      }),
);

beforeAll(async () => {
  // Above the versions that other tests' connectors of these names have.
  const connectors = manifest.connectors.map((connector) => ({ ...connector, version: "9.0.0" }));
  await publishManifest(await startControlPlane(), { ...manifest, connectors });
  process.env.INLET_ENVIRONMENT = "dev";
});

describe("addresses that lead inside", () => {
  it("are looked for in sources and sinks", () => {
    expect(new Set(fields.map(({ kind }) => kind))).toEqual(new Set(["source", "sink"]));
  });

  it.each(fields)(
    "are refused by every door, in the same words, as $field of $name",
    async (one) => {
      const { name, kind, field, sampleConfig, isHost, config } = one;
      const call = caller(kind === "sink" ? sinks : endpoints);
      const path = kind === "sink" ? "/sinks" : "/endpoints";
      const body = { name: `${name} ${field}`, [kind === "sink" ? "type" : "connector"]: name };

      const made = await call("POST", path, { body: { ...body, config } });
      expect(made.status).toBe(201);

      const said = new Set<string>();
      for (const url of isHost ? [...hosts.refused, ...hosts.local] : refused) {
        const config = { ...sampleConfig, [field]: url };
        const posted = await call("POST", path, { body: { ...body, name: "Inside", config } });
        const one = `${path}/${made.body.endpointId ?? made.body.sinkId}`;
        const patched = await call("PATCH", one, {
          body: { config },
          headers: { "if-match": "*" },
        });
        for (const { status, body } of [posted, patched]) {
          said.add(
            JSON.stringify({ status, code: body.code, detail: body.detail, errors: body.errors }),
          );
        }
      }

      const errors = [
        { path: `config.${field}`, message: isHost ? EGRESS_HOST_FAULT : EGRESS_FAULT },
      ];
      expect([...said].map((text) => JSON.parse(text))).toMatchObject([
        { status: 400, code: "CONFIG_INVALID", errors },
      ]);
      const listed = await call("GET", path);
      expect(listed.body.items.map((item: { name: string }) => item.name)).not.toContain("Inside");
    },
  );
});
