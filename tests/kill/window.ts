/**
 * A process killed while a run waits for the next reading of its window: what is staged lands with
 * what is read after it, once.
 */

import { PauseUnit } from "../../schemas/operations/units.ts";
import { admin } from "../stage/stack/people.ts";
import type { Site } from "../stage/stack/site.ts";
import { aLandedUnit, openWindows, unitOf, untilResting } from "../stage/stack/windowed-unit.ts";
import { kill, type Victim } from "./attack.ts";
import { endOf, type Outcome, outcomeOf } from "./outcome.ts";

/** Of the first run by hand, and of the window. */
const COMMITS = 2;

export const WINDOWS = (["pythonWorker", "typescriptWorker", "temporal"] as const).map(
  (victim) => ({
    name: `SIGKILL ${victim} in a window`,
    attack: (site: Site) => killInWindow(site, victim),
  }),
);

async function killInWindow(site: Site, victim: Victim): Promise<Outcome> {
  await site.control("faults", { latencyMs: 0 });
  const endpoint = await aLandedUnit(site, "window");
  const staged = await site.control("touch", { count: 40 });
  await openWindows(endpoint);
  const run = await untilResting(endpoint);

  const attackedAt = Date.now();
  await kill(victim);
  const later = await site.control("touch", { count: 60 });
  await endOf(run);
  await admin().call(PauseUnit, { path: unitOf(endpoint.endpointId) });

  const landed = new Set([...staged.keys, ...later.keys]).size;
  return outcomeOf(run, endpoint, site, attackedAt, { landed, commits: COMMITS });
}
