/**
 * Puts a worker's manifest into the registry of an environment: `node deploy/publish-manifest.ts
 * manifest.json`.
 */
import { readFileSync } from "node:fs";
import { openTables } from "../adapters/dynamodb/client.ts";
import { publishManifest } from "../adapters/dynamodb/registry/connectors.ts";
import { Manifest } from "../schemas/connector.ts";
import { ENV } from "../schemas/names.ts";

function required(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`Set ${name}: it is an output of the environment's data stack.`);
}

const [file] = process.argv.slice(2);
if (!file) throw new Error("Name the file that `python -m inlet_worker manifest` printed.");
const tables = openTables({
  control: required(ENV.controlTable),
  events: required(ENV.eventsTable),
  hot: required(ENV.hotTable),
});
await publishManifest(tables, Manifest.parse(JSON.parse(readFileSync(file, "utf8"))));
