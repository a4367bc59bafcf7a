/** Fields that become known late, hold what does not fit, or change their type. */
import { RefillUnit } from "../../schemas/operations/units.ts";
import type { Story } from "./evidence.ts";
import type { OddGateway } from "./odd-gateway.ts";
import { collected, configure, ended, pathOf, run, type Scene } from "./scene.ts";

const SMALL = "DAEMON";
const FIELD = "customfield_30001";

/** The field in the catalogue, from now on; what it returns takes it out again. */
function known(gateway: OddGateway, type: string): () => void {
  const field = { id: FIELD, name: "Size", custom: true, schema: { type } };
  return gateway.odd("/field", ({ body }) => ({
    body: JSON.stringify([...(JSON.parse(body) as unknown[]), field]),
  }));
}

/** Every issue holds this in the field, from now on. */
function holding(gateway: OddGateway, value: unknown): () => void {
  return gateway.odd("/search/jql", ({ asked, body, status }) => {
    if (status !== 200 || !asked.includes("*all")) return undefined;
    const page = JSON.parse(body) as { issues: { fields: object }[] };
    for (const issue of page.issues) Object.assign(issue.fields, { [FIELD]: value });
    return { body: JSON.stringify(page) };
  });
}

async function touchedAndRun(scene: Scene): Promise<void> {
  await scene.site.control("touch", { count: 2, projectKey: SMALL });
  await run(scene, "issues");
}

async function landed(scene: Scene): Promise<void> {
  await configure(scene, "issues", {});
  await run(scene, "issues");
}

export const fieldStories: readonly Story[] = [
  {
    name: "known_late",
    config: { projectKeys: [SMALL] },
    says: ["ROWS_BEHIND_SCHEMA", "REFILLED"],
    act: async (scene) => {
      holding(scene.gateway, "large");
      await landed(scene);
      known(scene.gateway, "string");
      await collected(scene);
      await touchedAndRun(scene);
      const path = pathOf(scene, "issues");
      await ended(scene, await scene.api.call(RefillUnit, { path }));
    },
  },
  {
    name: "unfit",
    config: { projectKeys: [SMALL] },
    says: ["VALUES_UNFIT"],
    prepare: (gateway) => void known(gateway, "number"),
    act: async (scene) => {
      holding(scene.gateway, "13 points");
      await landed(scene);
    },
  },
  {
    name: "retyped",
    config: { projectKeys: [SMALL] },
    says: ["COLUMN_RETYPED"],
    act: async (scene) => {
      const forget = known(scene.gateway, "number");
      await collected(scene);
      const before = holding(scene.gateway, 3);
      await landed(scene);
      forget();
      before();
      known(scene.gateway, "string");
      holding(scene.gateway, "large");
      await collected(scene);
      await touchedAndRun(scene);
    },
  },
];
