import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  createEndpoint,
  getEndpoint,
  updateEndpoint,
} from "../../adapters/dynamodb/endpoints/store.ts";
import { keys, PENDING_PK } from "../../adapters/dynamodb/keys.ts";
import { listMarked } from "../../adapters/dynamodb/pending/marks.ts";
import { listUnitConfigs, saveUnitConfig } from "../../adapters/dynamodb/units/config-store.ts";
import { anEndpoint, aUnitConfig, ENDPOINT } from "../../tests/histories/nouns.ts";
import { openServer } from "../../tests/histories/stage.ts";
import { testTables } from "../../tests/stage/emulator.ts";
import { inTens } from "../runtime/in-tens.ts";
import type { BridgeDeps } from "./deps.ts";
import { passOn } from "./pass-on.ts";

/** More than a transaction takes. */
const UNITS = Array.from({ length: 101 }, (_, nth) => `jira.unit_${nth}`).sort();
const TENANT = "many";
const LATER = "2998-01-01T00:00:00.000Z";

let env: TestWorkflowEnvironment;
let deps: BridgeDeps;
beforeAll(async () => {
  env = await openServer();
  deps = {
    tables: await testTables(),
    temporal: env.client,
    now: () => new Date(LATER),
    credentials: { secrets: new SecretsManagerClient({}), environment: "test" },
  };
});
afterAll(() => env.teardown());

it("a disabled endpoint of very many units has all their schedules looked at", async () => {
  const { tables } = deps;
  await createEndpoint(tables, anEndpoint(TENANT), "anna");
  const by = { actor: "anna", action: "config.create" };
  await inTens(UNITS, (unitId) =>
    saveUnitConfig(
      tables,
      TENANT,
      { ...aUnitConfig(), unitId, scheduleState: "APPLIED" },
      undefined,
      by,
    ),
  );
  const configs = await listUnitConfigs(tables, TENANT, ENDPOINT);
  const seen = await getEndpoint(tables, TENANT, ENDPOINT);
  const disabled = { ...seen, enabled: false, version: seen.version + 1, updatedAt: LATER };
  await updateEndpoint(tables, disabled, seen, "anna", { configs });
  await passOn(deps, keys.endpoint(TENANT, ENDPOINT));
  const marked: string[] = [];
  for await (const { pendingAt, unitId } of listMarked(tables, PENDING_PK, new Date(LATER))) {
    if (pendingAt === LATER) marked.push(String(unitId));
  }

  expect(marked.sort()).toEqual(UNITS);
});
