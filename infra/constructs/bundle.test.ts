import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { bundle } from "./bundle.ts";

const AREAS = [
  "registry",
  "endpoints",
  "sinks",
  "runs",
  "operations",
  "knowledge",
  "methods",
  "agents",
].map((area) => `rest/${area}/handler`);
const ALONE = [
  "audit-export/handler",
  "credential-broker/handler",
  "credential-sweep/handler",
  "freshness-sweep/handler",
  "graphql/handler",
  "authorizer/handler",
  "knowledge-projector/handler",
  "knowledge-projector/reconcile",
];

/** A cold start reads, parses and runs all of it (docs/design/quality.md). */
const LARGEST_BYTES = 680_000;

it.each([...AREAS, ...ALONE])("%s stays small", (entry) => {
  const folder = bundle(`sizes/${entry.replaceAll("/", "-")}`, `functions/${entry}.ts`);
  expect(statSync(join(folder, "index.js")).size).toBeLessThan(LARGEST_BYTES);
});
