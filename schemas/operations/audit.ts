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
    "Who changed what, newest first: each change with what was before and what is after, without secrets.",
  query: PageQuery.extend({
    subject: z
      .string()
      .max(300)
      .optional()
      .describe("Start of the subject: `endpoint/ep_1`, `unit/ep_1/`, `run/`."),
    action: z
      .string()
      .max(100)
      .optional()
      .describe("Start of the action: `checkpoint.`, `run.start`."),
    from: Instant.max(40).optional().describe("Not before; 30 days before `to` when left out."),
    to: Instant.max(40).optional().describe("Not after; now when left out."),
  }),
  answers: { 200: pageOf(AuditLine) },
  errors: ["CURSOR_INVALID"],
});
