/** What is hidden, deleted, shown again, or named for the first time. */
import type { Story } from "./evidence.ts";
import type { Given } from "./odd-gateway.ts";
import { aSinkOfFiles } from "./own-sink.ts";
import { ALWAYS_COMPARED, configure, run, type Scene, truthOf } from "./scene.ts";

const [SMALL, OTHER] = ["DAEMON", "ALOY"] as const;
const NAMED = { config: { projectKeys: [SMALL, OTHER] } };
const ONLY_SMALL = { config: { projectKeys: [SMALL] } };
/** More than the 5 % and the hundred that a run deletes unasked. */
const MANY = 150;
const SHOWN = 100;

/** A listing of people that shows the first of them, and nobody after those. */
const fewer = ({ asked, body, status }: Given) => {
  if (status !== 200) return undefined;
  const shown = asked.includes("startAt=0&") ? SHOWN : 0;
  return { body: JSON.stringify((JSON.parse(body) as unknown[]).slice(0, shown)) };
};

async function landed(scene: Scene, policy: Record<string, unknown> = {}): Promise<void> {
  await configure(scene, "issues", { policy: { ...ALWAYS_COMPARED, ...policy } });
  await run(scene, "issues");
}

async function deleteOf({ site }: Scene, count: number, project: string): Promise<void> {
  const keys = (await truthOf(site, "issues", project)).slice(0, count).map(({ key }) => key);
  await site.control("delete", { keys });
}

const hide = ({ site }: Scene, projectKey: string, mode = "omit") =>
  site.control("hide", { projectKey, mode });

export const presenceStories: readonly Story[] = [
  {
    name: "deleted",
    ...ONLY_SMALL,
    says: ["CENSUS_OK", "CENSUS_GONE"],
    act: async (scene) => {
      await landed(scene);
      await deleteOf(scene, 3, SMALL);
      await landed(scene);
    },
  },
  {
    name: "deleted_many",
    ...ONLY_SMALL,
    says: ["DELETES_HELD"],
    act: async (scene) => {
      await landed(scene, { deletes: "soft" });
      await deleteOf(scene, MANY, SMALL);
      await landed(scene, { deletes: "soft" });
    },
  },
  {
    name: "last_change_gone",
    ...ONLY_SMALL,
    says: ["CENSUS_NEEDED"],
    act: async (scene) => {
      await landed(scene);
      const changed = { count: 1, projectKey: SMALL };
      const { keys } = await scene.site.control<{ keys: string[] }>("touch", changed);
      await run(scene, "issues");
      await scene.site.control("delete", { keys });
      await run(scene, "issues");
    },
  },
  {
    name: "project_closed",
    ...NAMED,
    says: ["PROJECT_FORBIDDEN"],
    act: async (scene) => {
      await landed(scene);
      await hide(scene, SMALL, "reject");
      await run(scene, "issues");
    },
  },
  {
    name: "project_hidden",
    says: ["INVISIBLE", "REREAD_OWED"],
    act: async (scene) => {
      await landed(scene);
      await scene.site.control("touch", { count: 5, projectKey: SMALL });
      await hide(scene, SMALL);
      await scene.site.control("touch", { count: 1, projectKey: OTHER });
      await run(scene, "issues");
      await scene.site.control("unhide", { projectKey: SMALL });
      await run(scene, "issues");
    },
  },
  {
    name: "all_hidden",
    ...ONLY_SMALL,
    says: ["SUSPICIOUS_EMPTY"],
    act: async (scene) => {
      await configure(scene, "issues", { mode: "FULL", policy: {} });
      await run(scene, "issues");
      await hide(scene, SMALL);
      await run(scene, "issues");
    },
  },
  {
    name: "listed_less",
    says: ["LISTED_LESS"],
    act: async (scene) => {
      await configure(scene, "users", { policy: { deletes: "ignore" } });
      await run(scene, "users");
      scene.gateway.odd("/users/search", fewer);
      await run(scene, "users");
    },
  },
  {
    name: "snapshot_less",
    says: ["SNAPSHOT_HELD"],
    act: async (scene) => {
      const { sinkId } = await aSinkOfFiles(scene.api, scene.stack, "odd_snapshot_files");
      await configure(scene, "users", { sinkId, policy: {} });
      await run(scene, "users");
      scene.gateway.odd("/users/search", fewer);
      await run(scene, "users");
    },
  },
  {
    name: "renamed",
    says: ["CENSUS_OWED"],
    act: async (scene) => {
      await landed(scene);
      scene.gateway.odd("/project/search", ({ body }) => ({
        body: body.replaceAll(`"${SMALL}"`, '"RENAMED"'),
      }));
      await landed(scene);
    },
  },
  {
    name: "many_issues",
    says: ["CENSUS_UNCOMPARED"],
    act: async (scene) => {
      await configure(scene, "comments", { policy: ALWAYS_COMPARED });
      await run(scene, "comments");
      await run(scene, "comments");
    },
  },
];
