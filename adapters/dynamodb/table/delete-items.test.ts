import type { BatchWriteItemInput } from "@aws-sdk/client-dynamodb";
import { BatchWriteCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { testTables } from "../../../tests/stage/emulator.ts";
import { openTables, type Tables } from "../client.ts";
import { deleteItems } from "./delete-items.ts";
import { walk } from "./walk.ts";

const PK = "T#acme#E#ep_1";
const items = Array.from({ length: 60 }, (_, n) => ({ pk: PK, sk: `DATASET#${n}` }));

let whole: Tables;
beforeAll(async () => {
  whole = await testTables();
});

/** The same table, which does only so much of each batch, and says what it left. */
function doing(some: (requests: number, call: number) => number) {
  const { control, events, hot } = whole;
  const tables = openTables({ control, events, hot });
  const sizes: number[] = [];
  tables.client.middlewareStack.add(
    (next) => async (args) => {
      const { RequestItems = {} } = args.input as BatchWriteItemInput;
      const requests = RequestItems[tables.control] ?? [];
      const done = some(requests.length, sizes.push(requests.length));
      const input = { RequestItems: { [tables.control]: requests.slice(0, done) } };
      const left = requests.slice(done);
      const output = done > 0 ? (await next({ ...args, input })).output : {};
      const UnprocessedItems = left.length > 0 ? { [tables.control]: left } : {};
      return { response: {}, output: { ...output, UnprocessedItems } as never };
    },
    { step: "initialize", priority: "low" },
  );
  return { tables, sizes };
}

async function fill(): Promise<void> {
  for (let at = 0; at < items.length; at += 25) {
    const some = items.slice(at, at + 25).map((Item) => ({ PutRequest: { Item } }));
    await whole.client.send(new BatchWriteCommand({ RequestItems: { [whole.control]: some } }));
  }
}

async function left(): Promise<number> {
  let count = 0;
  for await (const _ of walk(whole, { pk: PK })) count++;
  return count;
}

describe("deleting many items", () => {
  it("repeats what DynamoDB left undone, until nothing is", async () => {
    await fill();
    const { tables, sizes } = doing((requests, call) => (call % 2 ? 5 : requests));
    await deleteItems(tables, tables.control, items);
    expect(sizes).toEqual([25, 20, 25, 20, 10, 5]);
    expect(await left()).toBe(0);
  });

  it("waits longer each time that nothing gets done, and gives up in the end", async () => {
    await fill();
    const waits: number[] = [];
    const real = setTimeout;
    const spy = vi.spyOn(globalThis, "setTimeout").mockImplementation(((
      act: () => void,
      ms = 0,
    ) => {
      waits.push(ms);
      return real(act, 0);
    }) as typeof setTimeout);
    const jitter = vi.spyOn(Math, "random").mockReturnValue(0.5);
    try {
      const { tables, sizes } = doing(() => 0);
      await expect(deleteItems(tables, tables.control, items)).rejects.toThrow("25 requests");
      expect(sizes).toHaveLength(8);
      expect(waits.filter((ms) => ms >= 25)).toEqual([25, 50, 100, 200, 400, 800, 1600]);
    } finally {
      spy.mockRestore();
      jitter.mockRestore();
    }
    expect(await left()).toBe(items.length);
  });
});
