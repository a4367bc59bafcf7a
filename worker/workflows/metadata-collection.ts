/**
 * Reads an endpoint's catalogue, because somebody asked or the clock did: Python asks the vendor,
 * we keep what it found.
 */
import { CancellationScope, patched } from "@temporalio/workflow";
import { MOST_ATTEMPTS, MOST_ATTEMPTS_WATCHED } from "../../core/attempts.ts";
import type { Setback } from "../../schemas/activities.ts";
import type {
  CollectInput,
  CollectionInput,
  CollectResult,
} from "../../schemas/collect-metadata.ts";
import { TASK_QUEUE } from "../../schemas/names.ts";
import { attemptActivities, controlActivities, dataActivities, priorityOf } from "./activities.ts";
import { persist } from "./attempts.ts";
import { failed, failureOf } from "./failures.ts";

/**
 * Executions that began before it have their attempts counted by Temporal, which shows none of
 * them.
 */
const OUR_ATTEMPTS = "attempts-are-shown";

export async function metadataCollectionWorkflow(input: CollectionInput): Promise<void> {
  const priority = priorityOf(input.collectionId === null ? "SCHEDULE" : "MANUAL", input.tenantId);
  const { startCollection, saveCatalog, failCollection } = controlActivities(priority);
  try {
    const work = await startCollection(input);
    if (!work) return;
    const { collectionId } = work;
    await saveCatalog({ ...input, collectionId, result: await collect(input, work) });
  } catch (caught) {
    const error = failureOf(caught);
    await CancellationScope.nonCancellable(() => failCollection({ ...input, error }));
    throw failed(error);
  }
}

function collect(input: CollectionInput, work: CollectInput): Promise<CollectResult> {
  const isWatched = input.collectionId !== null;
  const priority = priorityOf(isWatched ? "MANUAL" : "SCHEDULE", input.tenantId);
  if (!patched(OUR_ATTEMPTS))
    return dataActivities(priority, TASK_QUEUE.pythonProbes).collectMetadata(work);

  const { showCollectionSetback } = controlActivities(priority);
  const show = (setback: Setback | null) => showCollectionSetback({ ...input, setback });
  const { collectMetadata } = attemptActivities(priority, TASK_QUEUE.pythonProbes);
  return persist(() => collectMetadata(work), {
    mostAttempts: isWatched ? MOST_ATTEMPTS_WATCHED : MOST_ATTEMPTS,
    show,
    goOn: show,
    clear: () => show(null),
  });
}
