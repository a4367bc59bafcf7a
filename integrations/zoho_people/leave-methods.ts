/** Methods about leave: https://www.zoho.com/people/api/get-records-v2.html and add-leave.html */
import type { Params, PluginMethod, VendorAnswer } from "../plugin.ts";
import {
  free,
  integer,
  list,
  oneOf,
  pageSchema,
  paramsOf,
  text,
} from "../requests/param-schemas.ts";
import { leavesOf, writtenId } from "./people-answer.ts";
import { peopleGet, peoplePost } from "./people-request.ts";

const PAGE = 200;
/** Said with every call, since the organisation's own format is anybody's guess. */
const DATE_FORMAT = "yyyy-MM-dd";
const ID = text("An id.", { maxLength: 40, examples: ["413124000068132003"] });

const listLeave: PluginMethod = {
  method: {
    name: "listLeave",
    title: "List leave",
    description:
      "Lists leave (holidays, absences, time off) between two days: who is away, when, and " +
      "whether it was approved.",
    resource: "leave",
    paramSchema: paramsOf({
      from: day("The first day."),
      to: day("The last day."),
      "whose?": oneOf("Whose. Default: `ALL` that the account may see.", [
        "ALL",
        "MINE",
        "SUBS",
        "DIRSUBS",
      ]),
      "employees?": list("Record ids of the employees.", ID, 100),
      "leaveTypes?": list("Ids of the types of leave.", ID, 30),
      "approval?": list(
        "Only with these states.",
        oneOf("A state.", ["APPROVED", "PENDING", "CANCELLED", "REJECTED"]),
        4,
      ),
      "index?": integer("Place of the first one, from 0, from `nextPage`.", 0, 10_000_000),
      "limit?": integer("Records a page.", 1, PAGE, { default: PAGE }),
    }),
    responseSchema: pageSchema("Leave: `recordId`, `Employee`, `Leavetype`, `From`, `To`, `Days`."),
    safe: true,
    idempotent: true,
    scopes: ["ZOHOPEOPLE.leave.READ"],
  },
  request: (params, { config }) =>
    peopleGet(config, "/v2/leavetracker/leaves/records", {}, leaveQuery(params)),
  data: leavePage,
};

const addLeave: PluginMethod = {
  method: {
    name: "addLeave",
    title: "Add leave",
    description: "Applies for leave (holiday, sick leave, time off) of an employee.",
    resource: "leave",
    paramSchema: paramsOf({
      employeeId: { ...ID, description: "Record id of the employee." },
      leaveTypeId: { ...ID, description: "Id of the type of leave." },
      from: day("The first day."),
      to: day("The last day."),
      "days?": {
        type: "object",
        minProperties: 1,
        maxProperties: 366,
        patternProperties: { "^\\d{4}-\\d\\d-\\d\\d$": { type: "object", maxProperties: 10 } },
        additionalProperties: false,
        description:
          "Parts of days by date, as the vendor takes them: `{LeaveCount: 0.5, Session: 1}`. " +
          "Default: whole days.",
      },
      "reason?": text("Why.", { maxLength: 1000 }),
    }),
    responseSchema: free("`recordId` of the application."),
    safe: false,
    idempotent: false,
    scopes: ["ZOHOPEOPLE.forms.CREATE"],
  },
  request: ({ employeeId, leaveTypeId, from, to, days, reason }, { config }) =>
    peoplePost(
      config,
      "/forms/json/leave/insertRecord",
      {},
      {
        inputData: JSON.stringify({
          Employee_ID: employeeId,
          Leavetype: leaveTypeId,
          From: from,
          To: to,
          days,
          Reasonforleave: reason,
        }),
        dateFormat: DATE_FORMAT,
      },
    ),
  data: writtenId,
};

export function day(description: string) {
  return { type: "string", format: "date", description, examples: ["2026-12-24"] };
}

function leaveQuery(params: Params) {
  const { from, to, whose = "ALL", employees, leaveTypes, approval } = params;
  const listed = (values: unknown) =>
    Array.isArray(values) && values.length > 0 ? JSON.stringify(values) : undefined;

  return {
    from: String(from),
    to: String(to),
    dateFormat: DATE_FORMAT,
    dataSelect: String(whose),
    employee: listed(employees),
    leavetype: listed(leaveTypes),
    approvalStatus: listed(approval),
    startIndex: (params.index as number) ?? 0,
    limit: (params.limit as number) ?? PAGE,
  };
}

function leavePage(answer: VendorAnswer, _: unknown, params: Params) {
  const items = leavesOf(answer);
  const next = Number(params.index ?? 0) + items.length;
  return { items, nextPage: items.length < Number(params.limit ?? PAGE) ? null : { index: next } };
}

export const leaveMethods: readonly PluginMethod[] = [listLeave, addLeave];
