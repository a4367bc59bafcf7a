/**
 * An edit that must not pass: old executions would not find their commands where the history has
 * them.
 */
import { sleep } from "@temporalio/workflow";
import type { CollectionInput } from "../../schemas/collect-metadata.ts";
import type { EndpointDeletionInput, TenantDeletionInput } from "../../schemas/deletion.ts";
import type { TableMaintenanceInput } from "../../schemas/maintenance.ts";
import type { MethodCallAddress } from "../../schemas/method-call.ts";
import type { IngestionRunInput } from "../../schemas/run-plan.ts";
import type { ProbeInput } from "../../schemas/run-probe.ts";
import * as current from "../../worker/workflows/index.ts";

export async function ingestionRunWorkflow(input: IngestionRunInput) {
  await sleep(1);
  return current.ingestionRunWorkflow(input);
}

export async function metadataCollectionWorkflow(input: CollectionInput) {
  await sleep(1);
  return current.metadataCollectionWorkflow(input);
}

export async function probeWorkflow(input: ProbeInput) {
  await sleep(1);
  return current.probeWorkflow(input);
}

export async function endpointDeletionWorkflow(input: EndpointDeletionInput) {
  await sleep(1);
  return current.endpointDeletionWorkflow(input);
}

export async function tenantDeletionWorkflow(input: TenantDeletionInput) {
  await sleep(1);
  return current.tenantDeletionWorkflow(input);
}

export async function tableMaintenanceWorkflow(input: TableMaintenanceInput) {
  await sleep(1);
  return current.tableMaintenanceWorkflow(input);
}

export async function methodCallWorkflow(input: MethodCallAddress) {
  await sleep(1);
  return current.methodCallWorkflow(input);
}
