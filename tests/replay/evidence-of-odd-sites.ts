/** Answers that leave something out, and records that make no sense. */
import { DiscardQuarantine, RedriveQuarantine } from "../../schemas/operations/units.ts";
import type { Story } from "./evidence.ts";
import type { Given } from "./odd-gateway.ts";
import { ALWAYS_COMPARED, configure, ended, pathOf, run, type Scene, truthOf } from "./scene.ts";

const SMALL = "DAEMON";
const ONLY_SMALL = { config: { projectKeys: [SMALL] } };
const SEARCH = "/search/jql";
const SOFT = { ...ALWAYS_COMPARED, deletes: "soft" };
const ELSE = { id: "99999", key: "ELSE" };
const NOBODYS = "01JZZZZZZZZZZZZZZZZZZZZZZZ";

interface Issue {
  readonly id: string;
  readonly fields?: Record<string, unknown> | null;
}
interface Page {
  readonly issues: readonly Issue[];
}

const asksIds = ({ asked }: Given) => /"fields":\s*\["id"\]/.test(asked);
const asksAll = ({ asked }: Given) => asked.includes("*all");
const pageOf = ({ body }: Given) => JSON.parse(body) as Page;
const pageWith = (given: Given, change: (issues: readonly Issue[]) => readonly Issue[]) => {
  const page = pageOf(given);
  return { body: JSON.stringify({ ...page, issues: change(page.issues) }) };
};

async function landed(scene: Scene): Promise<void> {
  await configure(scene, "issues", { policy: ALWAYS_COMPARED });
  await run(scene, "issues");
}

const firstOf = async ({ site }: Scene) => (await truthOf(site, "issues", SMALL))[0]?.id ?? "";

/** Touches one issue, whose record is odd from then on. */
async function touchedOddly(
  scene: Scene,
  odd: (issue: Issue) => Issue,
): Promise<{ undo: () => void }> {
  const asked = { count: 1, projectKey: SMALL };
  const { ids } = await scene.site.control<{ ids: string[] }>("touch", asked);
  const undo = scene.gateway.odd(SEARCH, (given) =>
    asksAll(given) && given.status === 200
      ? pageWith(given, (issues) => issues.map((i) => (i.id === ids[0] ? odd(i) : i)))
      : undefined,
  );
  return { undo };
}

export const oddSiteStories: readonly Story[] = [
  {
    name: "search_warns",
    ...ONLY_SMALL,
    says: ["UNEXPECTED_RESPONSE"],
    act: async (scene) => {
      scene.gateway.odd(SEARCH, (given) => ({
        status: given.status,
        body: `${given.body.trimEnd().slice(0, -1)},"warnings":["Some were left out."]}`,
      }));
      await landed(scene);
    },
  },
  {
    name: "census_refused",
    ...ONLY_SMALL,
    says: ["CENSUS_UNFINISHED"],
    act: async (scene) => {
      scene.gateway.odd(SEARCH, (given) =>
        asksIds(given) && given.asked.includes("id > ") ? { status: 403, body: "{}" } : undefined,
      );
      await landed(scene);
    },
  },
  {
    name: "never_listed",
    ...ONLY_SMALL,
    says: ["CENSUS_MISMATCH"],
    act: async (scene) => {
      const left = await firstOf(scene);
      scene.gateway.odd(SEARCH, (given) =>
        asksAll(given) && given.status === 200
          ? pageWith(given, (issues) => issues.filter(({ id }) => id !== left))
          : undefined,
      );
      await landed(scene);
    },
  },
  {
    name: "moved_away",
    ...ONLY_SMALL,
    says: ["NOT_SHOWN"],
    act: async (scene) => {
      await configure(scene, "issues", { policy: SOFT });
      await run(scene, "issues");
      const left = await firstOf(scene);
      scene.gateway.odd(SEARCH, (given) =>
        given.status === 200
          ? pageWith(given, (issues) => issues.filter(({ id }) => id !== left))
          : undefined,
      );
      scene.gateway.odd("/search/approximate-count", ({ body }) => {
        const { count } = JSON.parse(body) as { count: number };
        return { body: JSON.stringify({ count: count - 1 }) };
      });
      scene.gateway.odd("/issue/bulkfetch", (given) =>
        pageWith(given, (issues) =>
          issues.map((i) => (i.id === left ? { ...i, fields: { ...i.fields, project: ELSE } } : i)),
        ),
      );
      await run(scene, "issues");
    },
  },
  {
    name: "unverified",
    ...ONLY_SMALL,
    says: ["SOURCE_UNVERIFIED"],
    act: async (scene) => {
      await landed(scene);
      scene.gateway.odd("/serverInfo", () => ({ status: 403, body: "{}" }));
      await run(scene, "issues");
    },
  },
  {
    name: "unreadable",
    ...ONLY_SMALL,
    says: ["RECORD_INVALID", "QUARANTINED", "REDRIVEN", "NOT_FOUND", "DISCARDED"],
    act: async (scene) => {
      await landed(scene);
      const { undo } = await touchedOddly(scene, (issue) => ({ ...issue, fields: null }));
      await run(scene, "issues");
      const redrive = (body: object) =>
        scene.api.call(RedriveQuarantine, { path: pathOf(scene, "issues"), body });
      await ended(scene, await redrive({ recordIds: [NOBODYS] }));
      const path = pathOf(scene, "issues");
      await ended(scene, await scene.api.call(DiscardQuarantine, { path, body: {} }));
      undo();
      await ended(scene, await redrive({}));
    },
  },
];
