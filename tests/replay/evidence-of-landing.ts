/** Where rows land, and what they landed from. */
import { setTimeout as pause } from "node:timers/promises";
import { ListRuns, ReplayRun } from "../../schemas/operations/runs.ts";
import type { Story } from "./evidence.ts";
import { askLake } from "./lake.ts";
import { ALWAYS_COMPARED, configure, ended, note, pathOf, run } from "./scene.ts";

const ONLY_SMALL = { config: { projectKeys: ["DAEMON"] } };
const SLOW = { latencyMs: 2500 };
const AT_ONCE = { latencyMs: 0 };
const TICKS_WITHIN_SECONDS = 180;

export const landingStories: readonly Story[] = [
  {
    name: "replayed",
    ...ONLY_SMALL,
    says: ["REPLAYED"],
    act: async (scene) => {
      await configure(scene, "issues", { policy: { retainStagingDays: 1 } });
      const { runId } = await run(scene, "issues");
      await ended(scene, await scene.api.call(ReplayRun, { path: { runId } }));
    },
  },
  {
    name: "widened",
    says: ["SCOPE_WIDENED"],
    act: async (scene) => {
      await configure(scene, "issues", { policy: { filters: { projectKeys: ["DAEMON"] } } });
      await run(scene, "issues");
      await configure(scene, "issues", { policy: {} });
      await run(scene, "issues");
    },
  },
  {
    name: "dropped",
    ...ONLY_SMALL,
    says: ["TARGET_GONE"],
    act: async (scene) => {
      await configure(scene, "issues", {});
      await run(scene, "issues");
      await askLake("tests/stage/stack/edit_table.py", {
        lake: scene.stack.lake,
        table: [scene.endpoint.slug, "issues"],
      });
      await run(scene, "issues");
    },
  },
  {
    name: "known",
    ...ONLY_SMALL,
    says: ["ENRICHED"],
    act: async (scene) => {
      await configure(scene, "projects", { sinkId: "kb" });
      await run(scene, "projects");
    },
  },
  {
    name: "ticking",
    says: ["OVERLAP"],
    act: async (scene) => {
      await configure(scene, "issues", {
        mode: "FULL",
        scheduleKind: "INTERVAL",
        scheduleIntervalMinutes: 1,
        policy: ALWAYS_COMPARED,
      });
      await scene.site.control("faults", SLOW);
      const until = Date.now() + TICKS_WITHIN_SECONDS * 1000;
      const { endpointId, unitId } = pathOf(scene, "issues");
      while (!scene.said.has("OVERLAP") && Date.now() < until) {
        await pause(2000);
        const query = { endpointId, unitId, limit: 20 };
        for (const one of (await scene.api.call(ListRuns, { query })).items)
          if (one.status === "SKIPPED") note(scene, one);
      }
      await scene.site.control("faults", AT_ONCE);
      await configure(scene, "issues", { scheduleKind: "MANUAL", scheduleIntervalMinutes: null });
    },
  },
];
