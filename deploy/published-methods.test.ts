import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { publishManifest } from "../adapters/dynamodb/registry/connectors.ts";
import { findMethod } from "../adapters/dynamodb/registry/methods.ts";
import { withMethods } from "../integrations/publish-methods.ts";
import { PLUGINS } from "../integrations/registry.ts";
import { Manifest } from "../schemas/connector.ts";
import { testTables } from "../tests/stage/emulator.ts";

const root = join(import.meta.dirname, "..");

test("every method of every plugin is found in the registry after publication", async () => {
  const { stdout } = spawnSync(join(root, ".venv/bin/python"), ["-m", "inlet_worker", "manifest"], {
    env: { ...process.env, PYTHONPATH: join(root, "python-worker/src") },
    encoding: "utf8",
  });
  const manifest = withMethods(Manifest.parse(JSON.parse(stdout)), PLUGINS);
  const tables = await testTables();
  await publishManifest(tables, manifest);

  for (const { name, methods } of PLUGINS) {
    const version = manifest.connectors.find((connector) => connector.name === name)?.version ?? "";
    for (const { method } of methods) {
      const found = await findMethod(tables, "tenant", name, version, method.name);
      expect(found?.method).toMatchObject({ name: method.name, safe: method.safe });
    }
  }
});
