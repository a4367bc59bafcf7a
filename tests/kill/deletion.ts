/**
 * An endpoint is deleted while its units run, and both workers are killed half-way: nothing of it
 * may be left anywhere.
 */
import { setTimeout as pause } from "node:timers/promises";
import { keys } from "../../adapters/dynamodb/keys.ts";
import type { Remains } from "../stage/remains.ts";
import { anEndpointToDelete, type EndpointToDelete } from "../stage/stack/endpoint-to-delete.ts";
import { admin } from "../stage/stack/people.ts";
import { remainsInStack, untilDeleted } from "../stage/stack/remains.ts";
import type { Site } from "../stage/stack/site.ts";
import { kill } from "./attack.ts";
import type { Outcome } from "./outcome.ts";
import type { Scenario } from "./scenarios.ts";
import { controlItem } from "./watch-run.ts";

const UNITS = ["jira.issues", "jira.comments", "jira.worklogs"];
const LOOK_EVERY_MILLIS = 10;
const HALF_WAY_SECONDS = 90;
/** Both workers come back, what they held is missed after 30 s, and asked again. */
const DELETED_WITHIN_SECONDS = 420;

/**
 * Half-way: while the runs are stopped, and while things are removed, of which the runs' items are
 * among the last.
 */
const HALF_WAYS = {
  "runs stopping": async ({ endpointId }: EndpointToDelete) =>
    (await controlItem(keys.endpointDeletion("demo", endpointId)))?.pendingPk === "DELETING",
  "things going": async ({ runIds }: EndpointToDelete) =>
    (await Promise.all(runIds.map((runId) => controlItem(keys.run("demo", runId))))).includes(
      undefined,
    ),
} as const;

export const DELETIONS: readonly Scenario[] = Object.entries(HALF_WAYS).map(
  ([when, isHalfWay]) => ({
    name: `DELETE, both killed, ${when}`,
    attack: (site) => deleteAndKill(site, isHalfWay),
  }),
);

async function deleteAndKill(
  site: Site,
  isHalfWay: (target: EndpointToDelete) => Promise<boolean>,
): Promise<Outcome> {
  const target = await anEndpointToDelete(site, admin(), { tenantId: "demo", unitIds: UNITS });
  const { endpointId, runIds } = target;
  const before = await remainsInStack(endpointId, ...runIds);
  const faults = faultsIf(before, (found) => found.length === 0, "nothing was found before in");

  const { status } = await admin().send("DELETE", `/endpoints/${endpointId}`, undefined, {
    "if-match": "*",
  });
  if (status !== 204) throw new Error(`DELETE answered ${status}.`);

  await reached(() => isHalfWay(target));
  await Promise.all([kill("pythonWorker"), kill("typescriptWorker")]);
  if (!(await controlItem(keys.endpointDeletion("demo", endpointId))))
    faults.push("was done before it was attacked");

  await untilDeleted(endpointId, admin(), DELETED_WITHIN_SECONDS);
  const after = await remainsInStack(endpointId, ...runIds);
  faults.push(...faultsIf(after, (found) => found.length > 0, "left in"));
  return { status: "DELETED", rows: 0, commits: 0, staged: after.objects.length, faults };
}

async function reached(isHalfWay: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + HALF_WAY_SECONDS * 1000;
  while (!(await isHalfWay())) {
    if (Date.now() > end)
      throw new Error(`The deletion was not half-way within ${HALF_WAY_SECONDS} s.`);
    await pause(LOOK_EVERY_MILLIS);
  }
}

const faultsIf = (
  remains: Remains,
  isFault: (found: readonly string[]) => boolean,
  what: string,
): string[] =>
  Object.entries(remains).flatMap(([place, found]) =>
    isFault(found) ? [`${what} ${place} ${found.join(", ")}`] : [],
  );
