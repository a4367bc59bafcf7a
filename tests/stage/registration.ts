import type { StoredRegistration } from "../../adapters/dynamodb/registry/registrations.ts";
import type { ConnectorRegistration } from "../../schemas/connector-registration.ts";

/** Of `desk` 1.0.0, a connector of the tenant's own. */
export function aRegistration(
  tenantId: string,
  shown: Partial<ConnectorRegistration> = {},
): StoredRegistration {
  const uploadId = "upl_01JDESK0000000000000000000";
  return {
    owner: tenantId,
    tenantId,
    actor: "anna",
    claim: "01JDESK0000000000000000001",
    input: { name: "desk", version: "1.0.0", uploadId },
    shown: {
      name: "desk",
      version: "1.0.0",
      status: "READING",
      operationsRead: 0,
      operations: 0,
      methods: 0,
      refused: 0,
      refusedByReason: {},
      refusedOperations: [],
      error: null,
      createdAt: "2026-11-21T10:00:00.000Z",
      finishedAt: null,
      ...shown,
    },
  };
}
