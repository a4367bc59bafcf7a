import { type Client, WorkflowNotFoundError } from "@temporalio/client";
import type { WindowClosing } from "../../schemas/merge-window.ts";
import { SIGNAL } from "../../schemas/names.ts";

/** Has a run land before its time; one whose workflow is gone needs no asking. */
export async function closeWindow(
  client: Client,
  workflowId: string,
  closing: WindowClosing,
): Promise<void> {
  try {
    await client.workflow.getHandle(workflowId).signal(SIGNAL.closeWindow, closing);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}
