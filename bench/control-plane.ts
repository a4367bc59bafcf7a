/**
 * Size and import time of each Lambda as it is deployed, and what the middleware chain costs a
 * request.
 */
import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "../infra/constructs/bundle.ts";

const root = join(import.meta.dirname, "..");
const ENTRIES = {
  "audit-export": "functions/audit-export/handler.ts",
  authorizer: "functions/authorizer/handler.ts",
  endpoints: "functions/rest/endpoints/handler.ts",
  "event-publisher": "functions/event-publisher/handler.ts",
  "freshness-sweep": "functions/freshness-sweep/handler.ts",
  graphql: "functions/graphql/handler.ts",
  "knowledge-projector": "functions/knowledge-projector/handler.ts",
  "kb-reconciler": "functions/knowledge-projector/reconcile.ts",
  knowledge: "functions/rest/knowledge/handler.ts",
  operations: "functions/rest/operations/handler.ts",
  registry: "functions/rest/registry/handler.ts",
  reconciler: "functions/temporal-bridge/reconcile.ts",
  runs: "functions/rest/runs/handler.ts",
  sinks: "functions/rest/sinks/handler.ts",
  "temporal-bridge": "functions/temporal-bridge/handler.ts",
};
const IMPORTS = 5;
const REQUESTS = 2_000;

export interface Lambda {
  readonly name: string;
  readonly kilobytes: number;
  readonly importMillis: number;
}

export function benchLambdas(): Lambda[] {
  return Object.entries(ENTRIES).map(([name, entry]) => {
    const file = join(bundle(name, entry), "index.js");
    const times = Array.from({ length: IMPORTS }, () => importMillis(file)).sort((a, b) => a - b);
    return {
      name,
      kilobytes: Math.round(statSync(file).size / 1000),
      importMillis: times[IMPORTS >> 1] ?? 0,
    };
  });
}

function importMillis(file: string): number {
  const script = `
    const started = performance.now();
    require(${JSON.stringify(file)});
    console.log(performance.now() - started);
    process.exit();`;
  const { stdout } = spawnSync(join(root, "node_modules/.bin/node"), ["-e", script], {
    encoding: "utf8",
  });
  return Math.round(Number(stdout.trim().split("\n").at(-1)));
}

/**
 * Milliseconds of one `GET /health` through the whole chain, without a network: the overhead every
 * operation pays.
 */
export function benchOverhead(): { p50: number; p99: number } {
  const file = join(root, "dist/functions/operations/index.js");
  const script = `
    process.stdout.write = () => true;
    const { handler } = require(${JSON.stringify(file)});
    const path = "/health";
    const http = { method: "GET", path, sourceIp: "127.0.0.1" };
    const requestContext = { http, requestId: "bench", stage: "$default" };
    const asked = { rawPath: path, rawQueryString: "", headers: {}, requestContext };
    const event = { version: "2.0", routeKey: "GET /health", ...asked };
    const context = { awsRequestId: "bench", getRemainingTimeInMillis: () => 29000 };
    (async () => {
      const times = [];
      for (let n = 0; n < ${REQUESTS} + 200; n++) {
        const started = performance.now();
        const answer = await handler(event, context);
        if (answer.statusCode !== 200) throw new Error(JSON.stringify(answer));
        if (n >= 200) times.push(performance.now() - started);
      }
      times.sort((a, b) => a - b);
      const at = (share) => times[Math.floor(times.length * share)];
      console.error(JSON.stringify({ p50: at(0.5), p99: at(0.99) }));
      process.exit();
    })();`;
  const env = { ...process.env, INLET_ENVIRONMENT: "local", AWS_LAMBDA_FUNCTION_NAME: "bench" };
  const run = spawnSync(join(root, "node_modules/.bin/node"), ["-e", script], {
    encoding: "utf8",
    env,
  });
  const line = run.stderr.trim().split("\n").at(-1) ?? "";
  if (!line.startsWith('{"p50"'))
    throw new Error(`The handler did not answer:\n${run.stderr.slice(-2000)}`);
  return JSON.parse(line) as { p50: number; p99: number };
}
