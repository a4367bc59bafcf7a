import { type Client, WorkflowNotFoundError } from "@temporalio/client";
import { cancelWorkflow, isWorkflowOpen } from "./start-workflows.ts";

/**
 * Ids of open workflows that begin with the prefix; one that was started this moment may be
 * missing.
 */
export async function listOpenWorkflows(client: Client, prefix: string): Promise<string[]> {
  const ids: string[] = [];
  const query = `ExecutionStatus = "Running" AND WorkflowId STARTS_WITH "${prefix}"`;
  for await (const { workflowId } of client.workflow.list({ query })) ids.push(workflowId);
  return ids;
}

/** Asks those that are open to stop, or stops them without asking; answers how many were open. */
export async function stopWorkflows(
  client: Client,
  ids: readonly string[],
  how: "cancel" | "terminate",
): Promise<number> {
  let open = 0;
  for (const id of ids) {
    if (!(await isWorkflowOpen(client, id))) continue;
    open++;
    await (how === "cancel" ? cancelWorkflow(client, id) : terminateWorkflow(client, id));
  }
  return open;
}

async function terminateWorkflow(client: Client, id: string): Promise<void> {
  try {
    await client.workflow.getHandle(id).terminate("What it works on is being deleted.");
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}
