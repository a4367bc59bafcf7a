/** Every workflow, under the name that `schemas/names.ts` gives it. */
export { connectorRegistrationWorkflow } from "./connector-registration.ts";
export { endpointDeletionWorkflow } from "./endpoint-deletion.ts";
export { ingestionRunWorkflow } from "./ingestion-run.ts";
export { metadataCollectionWorkflow } from "./metadata-collection.ts";
export { methodCallWorkflow } from "./method-call.ts";
export { probeWorkflow } from "./probe.ts";
export { tableMaintenanceWorkflow } from "./table-maintenance.ts";
export { tenantDeletionWorkflow } from "./tenant-deletion.ts";
