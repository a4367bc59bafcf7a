import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Connection } from "@temporalio/client";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Key } from "../../adapters/dynamodb/keys.ts";
import { deleteEndpointSchedules } from "../../adapters/temporal/schedules.ts";
import type { BridgeDeps } from "../../functions/temporal-bridge/deps.ts";
import { bridge } from "../../functions/temporal-bridge/handler.ts";
import { reconcile } from "../../functions/temporal-bridge/reconcile.ts";
import { ENDPOINT } from "../histories/nouns.ts";
import { openServer } from "../histories/stage.ts";
import { testTables } from "../stage/emulator.ts";
import { compare, fingerprint, untilListedAsMade } from "./agreement.ts";
import { clientOver } from "./client-over.ts";
import type { HandlerCall } from "./handler-process.ts";
import { streamEvent } from "./stream.ts";
import { aWorld, type Deed, perform, UNITS, type World } from "./world.ts";

/** `npm run test:kill` asks for more of them, from a seed that it prints. */
const SCENARIOS = Number(process.env.INLET_WALKS ?? 4);
const SEED = Number(process.env.INLET_SEED ?? 20261121);
const SCENARIO_SECONDS = 30;
const MINUTE_MS = 60_000;
const HANDLER = join(import.meta.dirname, "handler-process.ts");

let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await openServer();
});
afterAll(() => env.teardown());

/** Where a process ends, or where Temporal does not answer: at the nth call, for so many calls. */
interface Blow {
  readonly kind: "kill" | "outage";
  readonly at: number;
  readonly calls: number;
}
type Step =
  | { readonly is: "deed"; readonly deed: Deed }
  /**
   * Records that were written so far, by their number: any of them, in any order, as often as it
   * comes.
   */
  | { readonly is: "delivery"; readonly records: readonly number[]; readonly blow: Blow | null }
  | { readonly is: "reconciliation"; readonly afterMs: number; readonly blow: Blow | null };

const unitId = fc.constantFrom(...UNITS);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("configure" as const),
      unitId,
      enabled: fc.boolean(),
      paused: fc.boolean(),
      minutes: fc.constantFrom(null, 5, 15),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("endpoint" as const),
      enabled: fc.boolean(),
      collectEveryHours: fc.constantFrom(null, 1, 24),
    }),
  },
  fc.record({
    do: fc.constant("tenant" as const),
    status: fc.constantFrom("ACTIVE" as const, "SUSPENDED" as const),
  }),
  { weight: 3, arbitrary: fc.record({ do: fc.constant("run" as const), unitId }) },
  fc.record({ do: fc.constant("cancel" as const) }),
);
const kind = fc.constantFrom("kill" as const, "outage" as const);
const blow = fc.option(
  fc.record({ kind, at: fc.integer({ min: 1, max: 24 }), calls: fc.integer({ min: 1, max: 6 }) }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ is: fc.constant("deed" as const), deed }) },
  {
    weight: 3,
    arbitrary: fc.record({
      is: fc.constant("delivery" as const),
      records: fc.array(fc.nat(30), { minLength: 1, maxLength: 6 }),
      blow,
    }),
  },
  fc.record({
    is: fc.constant("reconciliation" as const),
    afterMs: fc.constantFrom(0, MINUTE_MS, 3 * MINUTE_MS),
    blow,
  }),
);

describe("the bridge and the reconciler, killed, and fed twice, out of order or not at all", () => {
  it(
    "leave schedules that are what the configs say within two minutes, and no run lost or doubled",
    { timeout: SCENARIOS * SCENARIO_SECONDS * 1000 },
    () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 4, maxLength: 14 }),
          blow,
          async (steps, lastBlow) => {
            const scenario = await aScenario();
            try {
              for (const one of steps) await scenario.play(one);
              await scenario.settle(lastBlow);
              const { wanted, found } = await compare(scenario.world, env.client);
              expect(found).toEqual(wanted);
              await scenario.deliverAllAgain();
            } finally {
              await scenario.clear();
            }
          },
        ),
        { numRuns: SCENARIOS, seed: SEED, endOnFailure: true },
      ),
  );
});

let scenarios = 0;
async function aScenario() {
  const tables = await testTables();
  const world: World = await aWorld(tables, `w${++scenarios}`);
  const written: Key[] = [];
  let aheadMs = 0;
  const deps: BridgeDeps = {
    tables,
    temporal: env.client,
    now: () => new Date(Date.now() + aheadMs),
    credentials: { secrets: new SecretsManagerClient({}), environment: "test" },
  };

  async function play(one: Step): Promise<void> {
    if (one.is === "deed") written.push(...(await perform(world, one.deed)));
    if (one.is === "delivery" && written.length > 0) {
      await handle(
        one.records.map((at) => written[at % written.length] as Key),
        one.blow,
      );
    }
    if (one.is === "reconciliation") {
      aheadMs += one.afterMs;
      await handle(null, one.blow);
    }
  }

  /** The handler on records, or the reconciler, in this process or in one that dies. */
  async function handle(records: readonly Key[] | null, struck: Blow | null): Promise<void> {
    if (struck?.kind === "kill") return killed({ ...plain(), records, killAt: struck.at });
    const own = struck ? { ...deps, temporal: failing(env.client, struck) } : deps;
    // What fails comes again: with the stream's next delivery, or the reconciler's next minute.
    await (records ? bridge(streamEvent(records), own) : reconcile(own).catch(() => undefined));
  }

  function plain(): Omit<HandlerCall, "records" | "killAt"> {
    const { control, events, hot } = tables;
    return { tables: { control, events, hot }, address: env.address, aheadMs };
  }

  return {
    world,
    play,
    /**
     * The last record was written this moment: two reconciliations are within two minutes, and one
     * of them may die.
     */
    async settle(struck: Blow | null): Promise<void> {
      for (const last of [struck, null]) {
        await untilListedAsMade(world, env.client);
        await play({ is: "reconciliation", afterMs: MINUTE_MS, blow: last });
      }
    },
    async deliverAllAgain(): Promise<void> {
      const before = await fingerprint(world, env.client);
      expect(await bridge(streamEvent(written.toReversed()), deps)).toEqual({
        batchItemFailures: [],
      });
      expect(await fingerprint(world, env.client)).toEqual(before);
    },
    clear: () =>
      deleteEndpointSchedules(env.client, {
        tenantId: world.tenantId,
        endpointId: ENDPOINT,
        unitIds: [...UNITS],
      }),
  };
}

async function killed(call: HandlerCall): Promise<void> {
  const child = spawn(process.execPath, [HANDLER, JSON.stringify(call)], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code, signal] = await once(child, "exit");
  if (code !== 0 && signal !== "SIGKILL")
    throw new Error(`The handler's process ended with ${code ?? signal}.`);
}

/** A client whose server does not answer from the nth call on, for so many calls. */
function failing(client: BridgeDeps["temporal"], { at, calls }: Blow): BridgeDeps["temporal"] {
  let made = 0;
  return clientOver(client.connection as Connection, async (call) => {
    made++;
    if (made < at || made >= at + calls) return call();
    throw Object.assign(new Error("14 UNAVAILABLE: the server is gone"), { code: 14 });
  });
}
