/**
 * Removes a tenant: its endpoints, each by a workflow of its own, then all else. Killed anywhere,
 * it goes on.
 */
import { continueAsNew, sleep, workflowInfo } from "@temporalio/workflow";
import { TENANT_PARTS, type TenantDeletionInput } from "../../schemas/deletion.ts";
import { deletionActivities } from "./activities.ts";
import { sleepUntil } from "./sleep-until.ts";

const LOOK_EVERY = "5 seconds";

export async function tenantDeletionWorkflow({
  tenantId,
  resume,
}: TenantDeletionInput): Promise<void> {
  const activities = deletionActivities(tenantId);

  if (!resume) {
    const begun = await activities.beginTenantDeletion({ tenantId });
    if (!begun) return;
    // A request that was let in before may still register an endpoint.
    await sleepUntil(begun.quietAt);
    while ((await activities.deleteTenantEndpoints({ tenantId })).left > 0) {
      if (workflowInfo().continueAsNewSuggested) {
        await continueAsNew<typeof tenantDeletionWorkflow>({ tenantId, resume: null });
      }
      await sleep(LOOK_EVERY);
    }
  }

  for (const part of TENANT_PARTS.slice(resume ? TENANT_PARTS.indexOf(resume.part) : 0)) {
    let after = resume?.part === part ? resume.after : null;
    do {
      if (workflowInfo().continueAsNewSuggested) {
        await continueAsNew<typeof tenantDeletionWorkflow>({ tenantId, resume: { part, after } });
      }
      after = (await activities.removeTenantPart({ tenantId, part, after })).next;
    } while (after !== null);
  }

  await activities.finishTenantDeletion({ tenantId });
}
