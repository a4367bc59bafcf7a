/**
 * `npm run test:openapi`: GitHub's whole OpenAPI document (npm `@octokit/openapi`), which is
 * installed apart. Tells how many operations became methods and the rest by reason, and calls ten
 * of them against a simulator made from the document. Ends with `N passed, N failed`.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { schemaFaults } from "../../core/json-schema.ts";
import { unknownKeywords } from "../../core/schema-keywords.ts";
import { readDocument } from "../../integrations/http/openapi/read-document.ts";
import { connectorOf } from "../../integrations/http/registering/connector-of.ts";
import { pluginOf } from "../../integrations/registry.ts";
import { sendToVendor } from "../../integrations/vendor-http/send.ts";
import { CALLS } from "./calls.ts";
import { startSimulator } from "./simulator.ts";

const PACKAGE = "@octokit/openapi@23.0.2";
const folder = join(import.meta.dirname, "../../.local/openapi");
const TOKEN = "simulated-token";
const tally = { passed: 0, failed: 0 };

function installed(file: string): Record<string, unknown> {
  const path = join(folder, "node_modules/@octokit/openapi/generated", file);
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    const args = ["install", "--prefix", folder, "--no-save", "--ignore-scripts", PACKAGE];
    execFileSync("npm", args, { stdio: "inherit" });
  }
  return JSON.parse(readFileSync(path, "utf8"));
}

function check(what: string, isSo: boolean, detail: unknown = ""): void {
  tally[isSo ? "passed" : "failed"]++;
  console.log(`${isSo ? "ok  " : "FAIL"} ${what} ${isSo ? "" : JSON.stringify(detail)}`);
}

function figures(file: string) {
  const document = installed(file);
  const began = performance.now();
  const read = readDocument(document, {
    rules: { allowPrivateNetworks: true },
    auth: [{ type: "bearer" }],
  });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);

  const reasons = Map.groupBy(read.refused, ({ reason, detail }) => `${reason}: ${detail}`);
  console.log(
    `${file}: ${read.methods.length} methods, ${read.refused.length} refused, ${seconds} s`,
  );
  for (const [reason, refused] of reasons) console.log(`  ${refused.length} ${reason}`);

  const unknown = read.methods.flatMap(({ method }) => unknownKeywords(method.paramSchema));
  check(`${file}: every schema says only what is checked`, unknown.length === 0, unknown);
  const names = new Set(read.methods.map(({ method }) => method.name));
  check(`${file}: every name is one method's`, names.size === read.methods.length);
  check(`${file}: more than a thousand became methods`, read.methods.length > 1000);
  return { document, read };
}

async function call(
  { read }: ReturnType<typeof figures>,
  baseUrl: string,
  { method: name, params, token = TOKEN }: (typeof CALLS)[number],
) {
  const registered = read.methods.find(({ method }) => method.name === name);
  if (!registered) return { refused: "no such method" };
  const faults = schemaFaults(registered.method.paramSchema, params);
  if (faults.length > 0) return { faults };

  const connector = connectorOf({ name: "github_api", version: "1.0.0" }, read);
  const plugin = pluginOf(connector, [registered]);
  const [method] = plugin?.methods ?? [];
  const request = method?.request(params, { config: { baseUrl } });
  if (!plugin || !method || !request) return { refused: "no plugin" };

  const credential = { authType: "bearer", secret: { token }, version: "1" };
  const authorized = await plugin.authorize(
    request,
    { ...credential, expiresAt: null, scopes: null },
    { baseUrl },
  );
  const answer = await sendToVendor(authorized, {
    rules: { allowPrivateNetworks: true },
    timeoutMs: 10_000,
    maxBytes: 5_000_000,
  });
  return { refusal: plugin.refusal(answer), data: method.data(answer, { config: {} }, params) };
}

const whole = figures("api.github.com.json");
figures("api.github.com.deref.json");

const simulator = await startSimulator(whole.document, TOKEN);
try {
  for (const one of CALLS) {
    const before = simulator.served.length;
    const answered = await call(whole, simulator.url, one);
    const found = simulator.served.slice(before)[0] ?? null;
    const isRight = "data" in answered && one.fits(answered) && found === one.served;
    check(`${one.method} ${one.what}`, isRight, { found, ...("refusal" in answered && answered) });
  }
} finally {
  await simulator.stop();
}

console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed > 0 ? 1 : 0);
