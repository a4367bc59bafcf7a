/** Reads a document that is too large for a request, and publishes the connector that it is. */
import { CancellationScope } from "@temporalio/workflow";
import type { ConnectorRegistrationInput } from "../../schemas/connector-registration.ts";
import { controlActivities, documentActivities, priorityOf } from "./activities.ts";
import { failureOf } from "./failures.ts";

export async function connectorRegistrationWorkflow(
  input: ConnectorRegistrationInput,
): Promise<void> {
  const priority = priorityOf("MANUAL", input.tenantId);
  try {
    await documentActivities(priority).readConnectorDocument(input);
  } catch (caught) {
    const { code, message } = failureOf(caught);
    const { failConnectorRegistration } = controlActivities(priority);
    await CancellationScope.nonCancellable(() =>
      failConnectorRegistration({ ...input, error: { code, message } }),
    );
  }
}
