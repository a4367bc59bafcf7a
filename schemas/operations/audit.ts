import * as z from "zod";
import { operation, PageQuery, pageOf } from "../operation.ts";
import { Instant } from "../scalars.ts";
import { AuditLine } from "./answers.ts";

export const ListAudit = operation({
  id: "listAudit",
  method: "GET",
  path: "/audit",
  area: "administration",
  role: "admin",
  summary:
    "Lists changes, newest first: who changed what, with the values before and after. " +
    "Contains no secrets.",
  query: PageQuery.extend({
    subject: z
      .string()
      .max(300)
      .optional()
      .describe("Prefix of the subject: `endpoint/ep_1`, `unit/ep_1/`, `run/`."),
    action: z
      .string()
      .max(100)
      .optional()
      .describe("Prefix of the action: `checkpoint.`, `run.start`."),
    from: Instant.max(40).optional().describe("Earliest time. Default: 30 days before `to`."),
    to: Instant.max(40).optional().describe("Latest time. Default: now."),
  }),
  answers: { 200: pageOf(AuditLine) },
  errors: ["CURSOR_INVALID"],
});
