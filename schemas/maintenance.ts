/** Upkeep of the tables that have landed: what its workflow and its activities say to each other. */
import * as z from "zod";
import { SinkRef } from "./references.ts";
import { Count, Id } from "./scalars.ts";

/** A table that a unit lands in. */
export const MaintainTableInput = z
  .strictObject({
    tenantId: Id,
    endpointId: Id,
    unitId: z.string(),
    slug: z.string().describe("The endpoint's, by which the table's namespace is named."),
    dataset: z.string(),
    sink: SinkRef,
  })
  .meta({ id: "MaintainTableInput" });
export type MaintainTableInput = z.infer<typeof MaintainTableInput>;

export const MaintenanceFigures = z
  .strictObject({
    filesCompacted: Count,
    filesWritten: Count,
    bytesWritten: Count,
    snapshotsExpired: Count,
    filesDeleted: Count,
    lostRaces: Count.describe("Work that was given up since a run had committed meanwhile."),
  })
  .meta({ id: "MaintenanceFigures" });
export type MaintenanceFigures = z.infer<typeof MaintenanceFigures>;

/** `done`: nothing is left that could be done now. */
export const MaintainTableResult = z
  .strictObject({ done: z.boolean(), figures: MaintenanceFigures })
  .meta({ id: "MaintainTableResult" });
export type MaintainTableResult = z.infer<typeof MaintainTableResult>;

/** Where the list of units goes on; the key of the last one that was listed. */
export interface LandedUnitsPosition {
  readonly part: "FREE" | "LEASED";
  readonly after: Record<string, unknown> | null;
}

export interface TableListing {
  tables: MaintainTableInput[];
  /** Null: all were listed. */
  next: LandedUnitsPosition | null;
}

/** A table that could not be maintained, and why. */
export interface FailedTable {
  tenantId: string;
  endpointId: string;
  unitId: string;
  code: string;
}

/** Of all tables so far. `failed` counts them all, `failures` names the first of them. */
export interface MaintenanceSums extends MaintenanceFigures {
  tables: number;
  failed: number;
  failures: FailedTable[];
}

/** `resume` is set by continue-as-new only. */
export interface TableMaintenanceInput {
  resume: { position: LandedUnitsPosition; sums: MaintenanceSums } | null;
}
