import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { getRun } from "../../adapters/dynamodb/runs/store.ts";
import { createCodec } from "../../adapters/temporal/codec.ts";
import { readKeyRing } from "../../adapters/temporal/key-ring.ts";
import { fromDocument, type History, toDocument } from "../../tests/histories/history-json.ts";
import { play } from "../../tests/histories/scenarios.ts";
import { openStage, type Stage } from "../../tests/histories/stage.ts";

const ring = await readKeyRing(
  JSON.stringify({ current: "k1", keys: { k1: Buffer.alloc(32, 7).toString("base64") } }),
);
/** Of the endpoint's config, of a row's location, and of a failure's message. */
const CANARIES = ["example.atlassian.net", "s3://lake", "The token is refused"];

/** Which canaries a history shows to whoever reads it at Temporal, base64 or not. */
function shownBy(history: History): string[] {
  const text = JSON.stringify(toDocument(history));
  const decoded = text.replaceAll(/"([A-Za-z0-9+/]{16,}={0,2})"/g, (_, data) =>
    Buffer.from(data, "base64").toString(),
  );
  return CANARIES.filter((canary) => decoded.includes(canary));
}

describe("what Temporal gets to see of a failed run", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(createCodec(ring));
  });
  afterAll(() => stage.close());

  it("is neither its config, nor its artifacts, nor the message of its failure", async () => {
    const handle = await play(stage, "failed");
    expect(shownBy(await handle.fetchHistory())).toEqual([]);
    expect(await getRun(stage.tables, "failed", "run_1")).toMatchObject({
      status: "FAILED",
      stats: { landed: 10 },
    });
  });

  it("would be all of that without the codec, as the recorded histories are", () => {
    const recorded = new URL("../../tests/histories/recorded/failed.json", import.meta.url);
    expect(shownBy(fromDocument(JSON.parse(readFileSync(recorded, "utf8")).history))).toEqual(
      CANARIES,
    );
  });
});
