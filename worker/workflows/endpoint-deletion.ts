/**
 * Removes what hung on an endpoint: first what works on it stops, then everything goes, part by
 * part. Killed anywhere, it goes on.
 */
import { continueAsNew, log, sleep, workflowInfo } from "@temporalio/workflow";
import type { TypescriptActivities } from "../../schemas/activities.ts";
import { ENDPOINT_PARTS, type EndpointDeletionInput } from "../../schemas/deletion.ts";
import { deletionActivities } from "./activities.ts";
import { sleepUntil } from "./sleep-until.ts";

const LOOK_EVERY = "2 seconds";
/**
 * A run that is asked to stop does so within seconds, or when its dead worker's heartbeat is
 * missed; then it is not asked.
 */
const PATIENT_LOOKS = 60;
/** What was stopped without asking learns of it with its next heartbeat. */
const LET_GO = "30 seconds";

export async function endpointDeletionWorkflow(input: EndpointDeletionInput): Promise<void> {
  const { tenantId, endpointId, resume } = input;
  const of = { tenantId, endpointId };
  const activities = deletionActivities(tenantId);

  if (!resume) {
    const begun = await activities.beginEndpointDeletion(of);
    if (!begun) return;
    await stopAll(activities, of);
    // Whoever had found the endpoint before may have started something until now.
    await sleepUntil(begun.quietAt);
    await stopAll(activities, of);
  }

  for (const part of ENDPOINT_PARTS.slice(resume ? ENDPOINT_PARTS.indexOf(resume.part) : 0)) {
    let after = resume?.part === part ? resume.after : null;
    do {
      if (workflowInfo().continueAsNewSuggested) {
        await continueAsNew<typeof endpointDeletionWorkflow>({ ...of, resume: { part, after } });
      }
      after = (await activities.removeEndpointPart({ ...of, part, after })).next;
    } while (after !== null);
  }

  await activities.finishEndpointDeletion(of);
}

async function stopAll(
  { stopEndpoint }: Pick<TypescriptActivities, "stopEndpoint">,
  of: { tenantId: string; endpointId: string },
): Promise<void> {
  for (let look = 0; ; look++) {
    const force = look >= PATIENT_LOOKS;
    const { open } = await stopEndpoint({ ...of, force });
    if (open === 0) return;
    if (force) log.warn("Stopped without asking what did not stop when asked.", { open });
    await sleep(force ? LET_GO : LOOK_EVERY);
  }
}
