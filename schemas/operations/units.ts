import * as z from "zod";
import { Checkpoint, CheckpointVersion, ResetInput, RollbackInput } from "../checkpoint.ts";
import { operation, PageQuery, pageOf } from "../operation.ts";
import { QuarantinedRecord, RedriveInput } from "../quarantine.ts";
import { Run } from "../run.ts";
import { UnitEstimate } from "../run-estimate.ts";
import { Id } from "../scalars.ts";
import { UnitConfig, UnitConfigInput } from "../unit-config.ts";
import { UnitStatus } from "../unit-state.ts";
import { UnitOverview } from "./answers.ts";
import { RUN_REFUSED } from "./errors.ts";
import { EndpointPath, UnitPath } from "./paths.ts";

export const ListUnits = operation({
  id: "listUnits",
  method: "GET",
  path: "/endpoints/{endpointId}/units",
  area: "endpoints",
  role: "viewer",
  summary: "Lists the units of the catalogue, each with its config and status.",
  pathParams: EndpointPath,
  query: PageQuery,
  answers: { 200: pageOf(UnitOverview) },
  errors: ["NOT_FOUND", "CURSOR_INVALID"],
});

export const GetUnitConfig = operation({
  id: "getUnitConfig",
  method: "GET",
  path: "/endpoints/{endpointId}/units/{unitId}/config",
  area: "endpoints",
  role: "viewer",
  summary: "Returns the unit's config.",
  pathParams: UnitPath,
  answers: { 200: UnitConfig },
  errors: ["NOT_FOUND", "UNIT_UNKNOWN", "NOT_COLLECTED"],
});

export const PutUnitConfig = operation({
  id: "putUnitConfig",
  method: "PUT",
  path: "/endpoints/{endpointId}/units/{unitId}/config",
  area: "endpoints",
  role: "operator",
  summary:
    "Configures the unit. A field that is left out keeps its value; in a first config it " +
    "takes the unit's default.",
  pathParams: UnitPath,
  body: UnitConfigInput,
  ifMatch: "required",
  answers: { 200: UnitConfig, 201: UnitConfig },
  errors: ["NOT_FOUND", "UNIT_UNKNOWN", "NOT_COLLECTED", "CONFIG_INVALID", "QUOTA_EXCEEDED"],
});

export const PlanUnitConfig = operation({
  id: "planUnitConfig",
  method: "POST",
  path: "/endpoints/{endpointId}/units/{unitId}/config/plan",
  area: "endpoints",
  role: "viewer",
  summary:
    "Estimates what saving this config would mean: faults, and the calls and time of the next " +
    "runs. Saves nothing.",
  pathParams: UnitPath,
  body: UnitConfigInput,
  answers: { 200: UnitEstimate },
  errors: ["NOT_FOUND", "UNIT_UNKNOWN", "NOT_COLLECTED"],
});

export const GetUnitStatus = operation({
  id: "getUnitStatus",
  method: "GET",
  path: "/endpoints/{endpointId}/units/{unitId}/status",
  area: "endpoints",
  role: "viewer",
  summary: "Returns the unit's status: last run, next run, figures.",
  pathParams: UnitPath,
  answers: { 200: UnitStatus },
  errors: ["NOT_FOUND", "UNIT_UNKNOWN", "NOT_COLLECTED"],
});

const CheckpointHistory = z.strictObject({
  checkpoint: Checkpoint.nullable().describe("Null before the first landing, and after a reset."),
  history: z.array(CheckpointVersion),
});

export const GetCheckpoint = operation({
  id: "getCheckpoint",
  method: "GET",
  path: "/endpoints/{endpointId}/units/{unitId}/checkpoint",
  area: "endpoints",
  role: "viewer",
  summary:
    "Returns the unit's checkpoint and its latest versions, newest first, each with what it " +
    "changed.",
  pathParams: UnitPath,
  answers: { 200: CheckpointHistory },
  errors: ["NOT_FOUND", "UNIT_UNKNOWN", "NOT_COLLECTED"],
});

export const RollbackCheckpoint = operation({
  id: "rollbackCheckpoint",
  method: "POST",
  path: "/endpoints/{endpointId}/units/{unitId}/checkpoint/rollback",
  area: "endpoints",
  role: "operator",
  summary:
    "Restores an earlier version of the checkpoint as a new version. The next run continues " +
    "from there.",
  pathParams: UnitPath,
  body: RollbackInput,
  answers: { 200: CheckpointHistory },
  errors: ["NOT_FOUND", "UNIT_UNKNOWN", "NOT_COLLECTED", "RUN_ACTIVE"],
});

export const ListQuarantine = operation({
  id: "listQuarantine",
  method: "GET",
  path: "/endpoints/{endpointId}/units/{unitId}/quarantine",
  area: "endpoints",
  role: "operator",
  summary:
    "Lists records of the unit that could not be landed, oldest run first, as the source sent " +
    "them. They are kept for 30 days.",
  pathParams: UnitPath,
  query: PageQuery.extend({
    runId: Id.optional().describe("Only records that this run set aside."),
  }),
  answers: { 200: pageOf(QuarantinedRecord) },
  errors: ["NOT_FOUND", "UNIT_UNKNOWN", "NOT_COLLECTED", "CURSOR_INVALID"],
});

export const RedriveQuarantine = operation({
  id: "redriveQuarantine",
  method: "POST",
  path: "/endpoints/{endpointId}/units/{unitId}/quarantine/redrive",
  area: "endpoints",
  role: "operator",
  summary:
    "Starts a run that tries quarantined records again with the unit's current config. " +
    "Records that fit are landed; the others stay in quarantine.",
  pathParams: UnitPath,
  body: RedriveInput,
  idempotencyKey: true,
  answers: { 202: Run },
  errors: RUN_REFUSED,
});

export const DiscardQuarantine = operation({
  id: "discardQuarantine",
  method: "POST",
  path: "/endpoints/{endpointId}/units/{unitId}/quarantine/discard",
  area: "endpoints",
  role: "operator",
  summary:
    "Starts a run that discards quarantined records: they no longer keep the unit's runs from " +
    "being `COMPLETE`, unless the source shows other content of them. Nothing is landed.",
  pathParams: UnitPath,
  body: RedriveInput,
  idempotencyKey: true,
  answers: { 202: Run },
  errors: RUN_REFUSED,
});

export const RefillUnit = operation({
  id: "refillUnit",
  method: "POST",
  path: "/endpoints/{endpointId}/units/{unitId}/refill",
  area: "endpoints",
  role: "operator",
  summary:
    "Starts a run that fills columns which became known after rows had landed. It makes these " +
    "rows again from their `_raw`, and asks the source for none.",
  pathParams: UnitPath,
  idempotencyKey: true,
  answers: { 202: Run },
  errors: RUN_REFUSED,
});

const unitAction = (action: "pause" | "resume", summary: string) =>
  operation({
    id: `${action}Unit`,
    method: "POST",
    path: `/endpoints/{endpointId}/units/{unitId}/${action}`,
    area: "endpoints",
    role: "operator",
    summary,
    pathParams: UnitPath,
    answers: { 200: UnitStatus },
    errors: ["NOT_FOUND", "UNIT_UNKNOWN", "NOT_COLLECTED", "STALE_VERSION"],
  });

export const PauseUnit = unitAction("pause", "Pauses the unit's schedule. Its checkpoint is kept.");
export const ResumeUnit = unitAction("resume", "Resumes the unit's schedule.");
export const ResetUnit = operation({
  id: "resetUnit",
  method: "POST",
  path: "/endpoints/{endpointId}/units/{unitId}/reset",
  area: "endpoints",
  role: "operator",
  summary:
    "Resets the unit's checkpoint: the next run reads from the start. With `replace`, it also " +
    "accepts another source system than the rows are of, and replaces them.",
  pathParams: UnitPath,
  body: ResetInput.optional(),
  answers: { 200: UnitStatus },
  errors: ["NOT_FOUND", "UNIT_UNKNOWN", "NOT_COLLECTED", "RUN_ACTIVE", "STALE_CHECKPOINT"],
});
