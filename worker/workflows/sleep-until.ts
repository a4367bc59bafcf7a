import { sleep } from "@temporalio/workflow";

/** A durable timer; none for an instant that has passed. */
export async function sleepUntil(instant: string): Promise<void> {
  const left = Date.parse(instant) - Date.now();
  if (left > 0) await sleep(left);
}
