import { openCredentials } from "../../../adapters/secrets/credential-store.ts";
import { readCursorKey } from "../../../adapters/secrets/cursor-key.ts";
import * as datasets from "../../../schemas/operations/datasets.ts";
import * as endpoints from "../../../schemas/operations/endpoints.ts";
import * as units from "../../../schemas/operations/units.ts";
import { bucketReader, PROBE_PATIENCE_MS, tenantDeps } from "../../runtime/deps.ts";
import { readEnv } from "../../runtime/env.ts";
import { once } from "../../runtime/once.ts";
import { sealedCursors } from "../../runtime/page-cursor.ts";
import { restHandler, route } from "../../runtime/rest.ts";
import { admitRequest } from "../../runtime/tenant-limits.ts";
import { collectEndpoint } from "./collect-endpoint.ts";
import { deleteEndpoint } from "./delete-endpoint.ts";
import { discardQuarantine } from "./discard-quarantine.ts";
import { getCheckpoint } from "./get-checkpoint.ts";
import { getCollection } from "./get-collection.ts";
import { getDataset } from "./get-dataset.ts";
import { getEndpoint } from "./get-endpoint.ts";
import { getEndpointBudget } from "./get-endpoint-budget.ts";
import { getEndpointHealth } from "./get-endpoint-health.ts";
import { getProbe } from "./get-probe.ts";
import { getUnitConfig } from "./get-unit-config.ts";
import { getUnitStatus } from "./get-unit-status.ts";
import { listDatasetEntries, listDatasetFields } from "./list-dataset-parts.ts";
import { listDatasets } from "./list-datasets.ts";
import { listEndpoints } from "./list-endpoints.ts";
import { listFieldChanges } from "./list-field-changes.ts";
import { listQuarantine } from "./list-quarantine.ts";
import { listResources } from "./list-resources.ts";
import { listSourceSystems } from "./list-source-systems.ts";
import { listUnits } from "./list-units.ts";
import { patchEndpoint } from "./patch-endpoint.ts";
import { pauseUnit } from "./pause-unit.ts";
import { planUnitConfig } from "./plan-unit-config.ts";
import { postEndpoint } from "./post-endpoint.ts";
import { previewDataset } from "./preview-dataset.ts";
import { putEndpointCredentials } from "./put-endpoint-credentials.ts";
import { putUnitConfig } from "./put-unit-config.ts";
import { redriveQuarantine } from "./redrive-quarantine.ts";
import { refillUnit } from "./refill-unit.ts";
import { resetUnit } from "./reset-unit.ts";
import { resumeUnit } from "./resume-unit.ts";
import { rollbackCheckpoint } from "./rollback-checkpoint.ts";
import { testEndpoint } from "./test-endpoint.ts";
import { upgradeEndpoint } from "./upgrade-endpoint.ts";

const deps = once(async () => {
  const env = readEnv(
    "environment",
    "keyId",
    "cursorSecret",
    "stagingBucket",
    "minimumIntervalMinutes",
    "rateLimit",
    "allowPrivateNetworks",
  );
  const { environment, keyId, minimumIntervalMinutes, rateLimit, allowPrivateNetworks } = env;
  const { tables, defaultQuotas } = tenantDeps();

  return {
    tables,
    defaultQuotas,
    credentials: openCredentials({ keyId, environment }),
    cursors: sealedCursors(await readCursorKey(env.cursorSecret)),
    staging: bucketReader(env.stagingBucket, tables),
    minimumIntervalMinutes,
    rateLimit,
    allowPrivateNetworks,
    probePatienceMs: PROBE_PATIENCE_MS,
  };
});

export const handler = restHandler(
  [
    route(endpoints.PostEndpoint, postEndpoint),
    route(endpoints.ListEndpoints, listEndpoints),
    route(endpoints.ListSourceSystems, listSourceSystems),
    route(endpoints.GetEndpoint, getEndpoint),
    route(endpoints.PatchEndpoint, patchEndpoint),
    route(endpoints.DeleteEndpoint, deleteEndpoint),
    route(endpoints.PutEndpointCredentials, putEndpointCredentials),
    route(endpoints.TestEndpoint, testEndpoint),
    route(endpoints.UpgradeEndpoint, upgradeEndpoint),
    route(endpoints.CollectEndpoint, collectEndpoint),
    route(endpoints.GetCollection, getCollection),
    route(endpoints.ListFieldChanges, listFieldChanges),
    route(endpoints.ListResources, listResources),
    route(endpoints.GetEndpointHealth, getEndpointHealth),
    route(endpoints.GetEndpointBudget, getEndpointBudget),
    route(endpoints.GetProbe, getProbe),
    route(datasets.ListDatasets, listDatasets),
    route(datasets.GetDataset, getDataset),
    route(datasets.ListDatasetFields, listDatasetFields),
    route(datasets.ListDatasetEntries, listDatasetEntries),
    route(datasets.PreviewDataset, previewDataset),
    route(units.ListUnits, listUnits),
    route(units.GetUnitConfig, getUnitConfig),
    route(units.PutUnitConfig, putUnitConfig),
    route(units.PlanUnitConfig, planUnitConfig),
    route(units.GetUnitStatus, getUnitStatus),
    route(units.GetCheckpoint, getCheckpoint),
    route(units.RollbackCheckpoint, rollbackCheckpoint),
    route(units.ListQuarantine, listQuarantine),
    route(units.RedriveQuarantine, redriveQuarantine),
    route(units.DiscardQuarantine, discardQuarantine),
    route(units.RefillUnit, refillUnit),
    route(units.PauseUnit, pauseUnit),
    route(units.ResumeUnit, resumeUnit),
    route(units.ResetUnit, resetUnit),
  ],
  deps,
  admitRequest,
);
