import { beforeEach, expect, it, vi } from "vitest";
import { PreviewDataset } from "../schemas/operations/datasets.ts";
import { CollectEndpoint, GetEndpoint, TestEndpoint } from "../schemas/operations/endpoints.ts";
import { CancelRun, StartRun } from "../schemas/operations/runs.ts";
import { ListUnits } from "../schemas/operations/units.ts";
import type { Run } from "../schemas/run.ts";
import { apiClient } from "./api-client.ts";
import { RefusedError, UnreachableError } from "./errors.ts";
import { follow, tellsOfWork, workIn } from "./follow.ts";

const fetched = vi.fn<(url: string) => Promise<Response>>();
vi.stubGlobal("fetch", fetched);
beforeEach(() => {
  fetched.mockReset();
});

const api = apiClient({ baseUrl: "https://api", token: () => null });
const aRun = (status: Run["status"], finishedAt: string | null = null) =>
  ({ runId: "run_1", status, finishedAt }) as Run;
const [QUEUED, RUNNING, DONE] = [
  aRun("QUEUED"),
  aRun("RUNNING"),
  aRun("COMPLETE", "2026-11-21T06:00:00Z"),
];
const started = { kind: "run", item: QUEUED } as const;
const refusal = (status: number) => Response.json({ message: "no" }, { status });

it("which operations start work is said by their answers", () => {
  expect([StartRun, CancelRun, CollectEndpoint, TestEndpoint].every(tellsOfWork)).toBe(true);
  expect([GetEndpoint, ListUnits].some(tellsOfWork)).toBe(false);
  expect(workIn(PreviewDataset, 202, { probeId: "p" })).toEqual({
    kind: "probe",
    item: { probeId: "p" },
  });
  expect(workIn(PreviewDataset, 200, { rows: [] })).toBeUndefined();
});

it.each([
  [started, "https://api/runs/run_1"],
  [
    { kind: "collection", item: { endpointId: "ep_1", collectionId: "c", finishedAt: null } },
    "https://api/endpoints/ep_1/collections/c",
  ],
  [{ kind: "probe", item: { probeId: "p", finishedAt: null } }, "https://api/probes/p"],
])("a %j is read where it is", async (work, url) => {
  fetched.mockResolvedValueOnce(Response.json(DONE));
  await follow(api, work as typeof started, { slowestMillis: 1 });
  expect(fetched.mock.calls.map(([asked]) => asked)).toEqual([url]);
});

it("each state that was read is told of, the last one once", async () => {
  for (const state of [RUNNING, DONE]) fetched.mockResolvedValueOnce(Response.json(state));
  const seen: string[] = [];
  const ended = await follow(api, started, {
    onChange: ({ item }) => seen.push(item.status),
    slowestMillis: 1,
  });
  expect(seen).toEqual(["QUEUED", "RUNNING", "COMPLETE"]);
  expect(ended.item).toEqual(DONE);
});

it("a failure that can pass is borne, and counted from the last answer", async () => {
  fetched
    .mockRejectedValueOnce(new TypeError())
    .mockResolvedValueOnce(refusal(503))
    .mockResolvedValueOnce(Response.json(RUNNING))
    .mockResolvedValueOnce(refusal(429))
    .mockResolvedValueOnce(Response.json(DONE));
  const ended = await follow(api, started, { slowestMillis: 1, failuresBorne: 2 });
  expect(ended.item.status).toBe("COMPLETE");
});

it.each([
  ["one more than are borne", () => Promise.reject(new TypeError()), UnreachableError],
  ["one that cannot pass", () => Promise.resolve(refusal(403)), RefusedError],
])("%s ends it", async (_, answer, kind) => {
  fetched.mockImplementation(answer);
  const following = follow(api, started, { slowestMillis: 1, failuresBorne: 0 });
  await expect(following).rejects.toBeInstanceOf(kind);
  expect(fetched).toHaveBeenCalledTimes(1);
});
