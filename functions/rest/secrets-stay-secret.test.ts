import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, expect, it, vi } from "vitest";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { getEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { secretId } from "../../adapters/secrets/credential-store.ts";
import { caller, gatewayEvent, startControlPlane } from "../../tests/stage/control-plane.ts";
import { finishNextProbe } from "../../tests/stage/probe-answers.ts";
import type { Handler } from "../runtime/rest.ts";

const CANARY = "canary-7f3a91-password";
const config = { baseUrl: "https://shop.example" };
const credentials = { authType: "basic", secret: { user: "anna", password: CANARY } };

let tables: Tables;
beforeAll(async () => {
  tables = await startControlPlane();
});

/**
 * Everything that outlives a request: the items of all tables, and the endpoint's stored secret.
 */
async function kept(endpointId: string): Promise<string> {
  const names = [tables.control, tables.events, tables.hot];
  const scans = await Promise.all(
    names.map((TableName) => tables.client.send(new ScanCommand({ TableName }))),
  );
  const { credentialVersion: versionId } = await getEndpoint(tables, "acme", endpointId);
  const address = { tenantId: "acme", ownerId: endpointId, versionId: versionId ?? "" };
  const stored = new GetSecretValueCommand({ SecretId: secretId("local", address) });
  const { SecretString } = await new SecretsManagerClient({}).send(stored);
  return JSON.stringify([scans.map(({ Items }) => Items), SecretString]);
}

/** In any of the spellings in which it could have got somewhere. */
function leaks(text: string): boolean {
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.from("x".repeat(shift) + CANARY)
      .toString("base64")
      .slice(shift + 2, -4),
  );
  return [CANARY, Buffer.from(CANARY).toString("hex"), encodeURIComponent(CANARY), ...base64].some(
    (one) => text.includes(one),
  );
}

/** The handler with its logs let out, and what it logs. */
async function loud(): Promise<{ handler: Handler; logged: string[] }> {
  vi.resetModules();
  vi.stubEnv("POWERTOOLS_LOG_LEVEL", "DEBUG");
  vi.stubEnv("INLET_METRICS", "");
  vi.stubEnv("POWERTOOLS_DEV", "true");
  const logged: string[] = [];
  for (const level of ["info", "error", "log", "warn", "debug"] as const) {
    vi.spyOn(console, level).mockImplementation(
      (...texts) => void logged.push(JSON.stringify(texts)),
    );
  }
  vi.spyOn(process.stdout, "write").mockImplementation((text) => logged.push(String(text)) > 0);
  const { handler } = await import("./endpoints/handler.ts");
  return { handler, logged };
}

it("a credential is in no answer, no log, no item and no stored secret in the clear", async () => {
  const { handler, logged } = await loud();
  const call = caller(handler);
  const made = await call("POST", "/endpoints", {
    body: { name: "Safe", connector: "shop", config, credentials },
  });
  const path = `/endpoints/${made.body.endpointId}`;
  const taken = finishNextProbe(tables, { summary: {}, key: null, error: null });
  const answers = [
    made,
    await call("PUT", `${path}/credentials`, { body: credentials }),
    await call("PUT", `${path}/credentials`, {
      body: { ...credentials, authType: CANARY.slice(0, 3) },
    }),
    await call("PUT", `${path}/credentials`, {
      body: { authType: "basic", secret: { user: "x", password: CANARY, extra: CANARY } },
    }),
    await call("PUT", `${path}/credentials`, {
      body: { authType: "basic", secret: { password: [CANARY] } },
    }),
    await call("POST", "/endpoints", {
      body: { name: "Typo", connector: "shop", config, credential: credentials },
    }),
    await call("GET", path),
    await handler(
      gatewayEvent("PUT", `${path}/credentials`, { body: `{"secret": {"password": "${CANARY}"` }),
    ),
  ];
  await taken;

  expect(made.status).toBe(201);
  expect(logged.length).toBeGreaterThan(answers.length);
  expect(leaks(JSON.stringify(answers))).toBe(false);
  expect(leaks(logged.join("\n"))).toBe(false);
  expect(leaks(await kept(made.body.endpointId))).toBe(false);
});

it("and the search for it finds one that is planted", async () => {
  const { handler, logged } = await loud();
  const body = { name: CANARY, connector: "shop", config, credentials };
  const made = await caller(handler)("POST", "/endpoints", { body });
  expect(leaks(await kept(made.body.endpointId))).toBe(true);
  // biome-ignore lint/suspicious/noConsole: plants what must be found in the log.
  console.info({ planted: Buffer.from(`--${CANARY}--`).toString("base64") });
  expect(leaks(logged.join("\n"))).toBe(true);
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});
