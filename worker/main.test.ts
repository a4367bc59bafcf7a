import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createCodec } from "../adapters/temporal/codec.ts";
import { readKeyRing } from "../adapters/temporal/key-ring.ts";
import { startCollectionWorkflow } from "../adapters/temporal/start-workflows.ts";
import { workflowId } from "../adapters/temporal/workflow-ids.ts";
import { ENV } from "../schemas/names.ts";
import { aCollection } from "../tests/histories/nouns.ts";
import { openServer } from "../tests/histories/stage.ts";
import { testBucket, testTables } from "../tests/stage/emulator.ts";
import { OPERATIONS, QUOTAS, RATE_LIMIT } from "../tests/stage/quotas.ts";

const keys = JSON.stringify({
  current: "k1",
  keys: { k1: Buffer.alloc(32, 9).toString("base64") },
});

let server: TestWorkflowEnvironment;
beforeAll(async () => {
  server = await openServer([createCodec(await readKeyRing(keys))]);
});
afterAll(() => server.teardown());

async function aSecret(Name: string, value: object | string): Promise<string> {
  const SecretString = typeof value === "string" ? value : JSON.stringify(value);
  await new SecretsManagerClient({}).send(new CreateSecretCommand({ Name, SecretString }));
  return Name;
}

it("works through its queue as a process, says nothing secret, and leaves when told", async () => {
  const tables = await testTables();
  const worker = spawn(process.execPath, [join(import.meta.dirname, "main.ts")], {
    env: {
      ...process.env,
      [ENV.environment]: "test",
      [ENV.controlTable]: tables.control,
      [ENV.eventsTable]: tables.events,
      [ENV.hotTable]: tables.hot,
      [ENV.stagingBucket]: await testBucket(),
      [ENV.temporalSecret]: await aSecret("temporal", {
        address: server.address,
        namespace: "default",
      }),
      [ENV.payloadKey]: await aSecret("payload-key", keys),
      [ENV.grantSecret]: await aSecret("grant-secret", "g".repeat(64)),
      [ENV.defaultQuotas]: JSON.stringify(QUOTAS),
      [ENV.brokerFunction]: "inlet-test-credential-broker",
      [ENV.rateLimit]: JSON.stringify(RATE_LIMIT),
      [ENV.operations]: JSON.stringify(OPERATIONS),
      [ENV.allowPrivateNetworks]: "false",
    },
  });
  let output = "";
  for (const stream of [worker.stdout, worker.stderr])
    stream.on("data", (chunk) => (output += chunk));
  const exited = once(worker, "exit");

  try {
    await startCollectionWorkflow(server.client, aCollection("nobody"));
    const id = workflowId.collection("nobody", "col_1");
    const ended = server.client.workflow.getHandle(id).result();
    await Promise.race([
      ended,
      exited.then(() => Promise.reject(new Error(`The worker left early: ${output}`))),
    ]);
    worker.kill("SIGTERM");
    expect(await exited).toEqual([0, null]);
  } finally {
    worker.kill("SIGKILL");
  }
  expect(output).not.toContain(JSON.parse(keys).keys.k1);
});
