import { Artifact } from "../artifact.ts";
import { operation, PageQuery, pageOf } from "../operation.ts";
import { Run, RunStatuses, StartRunInput } from "../run.ts";
import { RunLogEntry } from "../run-log.ts";
import { Id, Instant, LONGEST_INSTANT } from "../scalars.ts";
import { ArtifactDownload } from "./answers.ts";
import { RUN_REFUSED } from "./errors.ts";
import { ArtifactPath, RunPath } from "./paths.ts";

export const StartRun = operation({
  id: "startRun",
  method: "POST",
  path: "/runs",
  area: "runs",
  role: "operator",
  summary:
    "Queues a run of a unit, and answers at once. A scheduled run that waits to land what it has " +
    "staged (`policy.mergeEveryMinutes`) is the answer instead: it reads now, and lands.",
  body: StartRunInput,
  idempotencyKey: true,
  answers: { 202: Run },
  errors: RUN_REFUSED,
});

export const ListRuns = operation({
  id: "listRuns",
  method: "GET",
  path: "/runs",
  area: "runs",
  role: "viewer",
  summary: "Lists runs, newest first.",
  query: PageQuery.extend({
    endpointId: Id.optional(),
    unitId: Id.optional(),
    status: RunStatuses.optional(),
    since: Instant.max(LONGEST_INSTANT)
      .optional()
      .describe("Only runs that were queued at this time or later."),
  }),
  answers: { 200: pageOf(Run) },
  errors: ["CURSOR_INVALID"],
});

export const GetRun = operation({
  id: "getRun",
  method: "GET",
  path: "/runs/{runId}",
  area: "runs",
  role: "viewer",
  summary: "Returns a run: status, progress, statistics and evidence.",
  pathParams: RunPath,
  answers: { 200: Run },
  errors: ["NOT_FOUND"],
});

export const CancelRun = operation({
  id: "cancelRun",
  method: "POST",
  path: "/runs/{runId}/cancel",
  area: "runs",
  role: "operator",
  summary: "Asks an active run to stop. What it has committed is kept.",
  pathParams: RunPath,
  answers: { 202: Run },
  errors: ["NOT_FOUND", "CONFLICT"],
});

export const ReplayRun = operation({
  id: "replayRun",
  method: "POST",
  path: "/runs/{runId}/replay",
  area: "runs",
  role: "operator",
  summary:
    "Starts a new run that lands the staging of an ended run again. It does not read the " +
    "source and moves no checkpoint.",
  pathParams: RunPath,
  idempotencyKey: true,
  answers: { 202: Run },
  errors: [...RUN_REFUSED, "STAGING_GONE"],
});

export const GetRunLog = operation({
  id: "getRunLog",
  method: "GET",
  path: "/runs/{runId}/log",
  area: "runs",
  role: "viewer",
  summary:
    "Lists what happened to the run, oldest first: queued, started, committed, waiting, " +
    "evidence, error, ended.",
  pathParams: RunPath,
  query: PageQuery,
  answers: { 200: pageOf(RunLogEntry) },
  errors: ["NOT_FOUND", "CURSOR_INVALID"],
});

export const ListRunArtifacts = operation({
  id: "listRunArtifacts",
  method: "GET",
  path: "/runs/{runId}/artifacts",
  area: "runs",
  role: "viewer",
  summary: "Lists the artifacts that the run landed.",
  pathParams: RunPath,
  query: PageQuery,
  answers: { 200: pageOf(Artifact) },
  errors: ["NOT_FOUND", "CURSOR_INVALID"],
});

export const GetArtifact = operation({
  id: "getArtifact",
  method: "GET",
  path: "/artifacts/{artifactId}",
  area: "runs",
  role: "viewer",
  summary: "Returns an artifact.",
  pathParams: ArtifactPath,
  answers: { 200: Artifact },
  errors: ["NOT_FOUND"],
});

export const DownloadArtifact = operation({
  id: "downloadArtifact",
  method: "GET",
  path: "/artifacts/{artifactId}/download",
  area: "runs",
  role: "operator",
  summary:
    "Returns links to the artifact's files, valid for 15 minutes, a page at a time. Files that " +
    "were compacted or expired since are gone (410).",
  pathParams: ArtifactPath,
  query: PageQuery,
  answers: { 200: ArtifactDownload },
  errors: ["NOT_FOUND", "CONFLICT", "ARTIFACT_GONE", "CURSOR_INVALID"],
});
