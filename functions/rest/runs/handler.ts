import { readCursorKey } from "../../../adapters/secrets/cursor-key.ts";
import * as operations from "../../../schemas/operations/runs.ts";
import { bucketReader, tenantDeps } from "../../runtime/deps.ts";
import { readEnv } from "../../runtime/env.ts";
import { once } from "../../runtime/once.ts";
import { sealedCursors } from "../../runtime/page-cursor.ts";
import { restHandler, route } from "../../runtime/rest.ts";
import { admitRequest } from "../../runtime/tenant-limits.ts";
import { cancelRun } from "./cancel-run.ts";
import { downloadArtifact } from "./download-artifact.ts";
import { getArtifact } from "./get-artifact.ts";
import { getRun } from "./get-run.ts";
import { getRunLog } from "./get-run-log.ts";
import { listRunArtifacts } from "./list-run-artifacts.ts";
import { listRuns } from "./list-runs.ts";
import { replayRun } from "./replay-run.ts";
import { startRun } from "./start-run.ts";

const deps = once(async () => {
  const { lakeBucket, stagingBucket, cursorSecret } = readEnv(
    "lakeBucket",
    "stagingBucket",
    "cursorSecret",
  );
  const { tables, defaultQuotas } = tenantDeps();
  const cursors = sealedCursors(await readCursorKey(cursorSecret));
  const buckets = {
    lake: bucketReader(lakeBucket, tables),
    staging: bucketReader(stagingBucket, tables),
  };
  return { tables, defaultQuotas, cursors, ...buckets };
});

export const handler = restHandler(
  [
    route(operations.StartRun, startRun),
    route(operations.ListRuns, listRuns),
    route(operations.GetRun, getRun),
    route(operations.GetRunLog, getRunLog),
    route(operations.CancelRun, cancelRun),
    route(operations.ReplayRun, replayRun),
    route(operations.ListRunArtifacts, listRunArtifacts),
    route(operations.GetArtifact, getArtifact),
    route(operations.DownloadArtifact, downloadArtifact),
  ],
  deps,
  admitRequest,
);
