/** Reads an endpoint's catalogue, because somebody asked or the clock did: Python asks the vendor, we keep what it found. */
import { CancellationScope } from "@temporalio/workflow";
import type { CollectionInput } from "../../schemas/activities.ts";
import { TASK_QUEUE } from "../../schemas/names.ts";
import { controlActivities, dataActivities, priorityOf } from "./activities.ts";
import { failed, failureOf } from "./failures.ts";

export async function metadataCollectionWorkflow(input: CollectionInput): Promise<void> {
  const priority = priorityOf(input.collectionId === null ? "SCHEDULE" : "MANUAL", input.tenantId);
  const { startCollection, saveCatalog, failCollection } = controlActivities(priority);
  const { collectMetadata } = dataActivities(priority, TASK_QUEUE.pythonProbes);
  try {
    const work = await startCollection(input);
    if (!work) return;
    const { collectionId } = work;
    await saveCatalog({ ...input, collectionId, result: await collectMetadata(work) });
  } catch (caught) {
    const error = failureOf(caught);
    await CancellationScope.nonCancellable(() => failCollection({ ...input, error }));
    throw failed(error);
  }
}
