/**
 * A process of the bridge or the reconciler that is killed in the middle: node handler-process.ts
 * '{…HandlerCall}'. It ends itself with SIGKILL at the `killAt`th moment; each call to DynamoDB or
 * Temporal has two, before it is sent and after it was answered, so that what it asked for is not
 * done, or done and unknown.
 */
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { Connection } from "@temporalio/client";
import { openTables, type Tables } from "../../adapters/dynamodb/client.ts";
import type { Key } from "../../adapters/dynamodb/keys.ts";
import { bridge } from "../../functions/temporal-bridge/handler.ts";
import { reconcile } from "../../functions/temporal-bridge/reconcile.ts";
import { clientOver } from "./client-over.ts";
import { streamEvent } from "./stream.ts";

export interface HandlerCall {
  readonly tables: { readonly control: string; readonly events: string; readonly hot: string };
  readonly address: string;
  /** How far the handler's clock is ahead. */
  readonly aheadMs: number;
  /** Records of the stream, or nothing for the reconciler. */
  readonly records: readonly Key[] | null;
  readonly killAt: number;
}

const call: HandlerCall = JSON.parse(process.argv[2] ?? "");
let moments = 0;

function moment(): void {
  if (++moments !== call.killAt) return;
  process.kill(process.pid, "SIGKILL");
  for (;;);
}

async function dying<T>(call: () => Promise<T>): Promise<T> {
  moment();
  const answer = await call();
  moment();
  return answer;
}

function openDyingTables(): Tables {
  const tables = openTables(call.tables);
  const { client } = tables;
  const reallySend = client.send.bind(client) as (command: unknown) => Promise<unknown>;
  const send = (command: unknown) => dying(() => reallySend(command));
  return {
    ...tables,
    client: new Proxy(client, {
      get: (_, name) => (name === "send" ? send : Reflect.get(client, name)),
    }),
  };
}

const now = () => new Date(Date.now() + call.aheadMs);
const deps = {
  tables: openDyingTables(),
  temporal: clientOver(Connection.lazy({ address: call.address }), dying),
  now,
  credentials: { secrets: new SecretsManagerClient({}), environment: "test" },
};
await (call.records
  ? bridge(streamEvent(call.records), deps)
  : reconcile(deps).catch(() => undefined));
process.exit(0);
