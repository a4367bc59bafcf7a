/** A method call that is answered later, or may be asked for again (document 004). */
import * as z from "zod";
import { IntegrationResult } from "./integration-result.ts";
import { MethodName } from "./method.ts";
import { Id, Instant, Json } from "./scalars.ts";

const CALL_STATUS = ["QUEUED", "RUNNING", "COMPLETE", "FAILED"] as const;

export const MethodCall = z
  .strictObject({
    callId: Id,
    endpointId: Id,
    method: MethodName,
    status: z.enum(CALL_STATUS).describe("FAILED: `result.status` is `ERROR`."),
    result: IntegrationResult.nullable().describe("Null until the call has ended, or see below."),
    resultUrl: z
      .string()
      .nullable()
      .describe(
        "Link to a result that is too large to be answered, as JSON. Made anew with each " +
          "request, valid for five minutes.",
      ),
    queuedAt: Instant,
    startedAt: Instant.nullable(),
    finishedAt: Instant.nullable(),
  })
  .meta({ id: "MethodCall", description: "Kept for a day." });
export type MethodCall = z.infer<typeof MethodCall>;

/** What the workflow of a call is told: a reference, and nothing of what is asked. */
export interface MethodCallAddress {
  tenantId: string;
  endpointId: string;
  callId: string;
}

export const MethodCallInput = z
  .strictObject({
    params: Json.optional().describe("What the method's `paramSchema` wants. Left out: `{}`."),
    agent: z
      .literal(true)
      .optional()
      .describe(
        "An agent asks: of methods that change something, only those that the endpoint's " +
          "`agentMethods` list are called.",
      ),
  })
  .meta({ id: "MethodCallInput" });
export type MethodCallInput = z.infer<typeof MethodCallInput>;
