/**
 * Methods about attendance: https://www.zoho.com/people/api/userreport.html and
 * attendance-checkin-checkout.html
 */
import type { MethodContext, Params, PluginMethod, VendorAnswer } from "../plugin.ts";
import { isObject } from "../requests/json-messages.ts";
import { free, integer, pageSchema, paramsOf, text } from "../requests/param-schemas.ts";
import { unfit } from "../requests/vendor-url.ts";
import { day } from "./leave-methods.ts";
import { bareOf } from "./people-answer.ts";
import { peopleGet, peoplePost } from "./people-request.ts";

/** Employees in one answer: the vendor takes no other number. */
const PAGE = 100;
/** The only one that this call takes. */
const DATE_FORMAT = "dd/MM/yyyy HH:mm:ss";
const WHO = {
  "employeeId?": text("The employee's id, as people know it.", { maxLength: 100 }),
  "email?": text("The employee's mail address.", { maxLength: 320, examples: ["ada@example.com"] }),
};
const AT = text("When, in the organisation's own time, without a zone.", {
  maxLength: 19,
  pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d$",
  examples: ["2026-11-30T09:00:00"],
});

const getAttendance: PluginMethod = {
  method: {
    name: "getAttendance",
    title: "Get attendance",
    description:
      "Reads working hours between two days: first check-in, last check-out, total and status " +
      "of each day, of one employee or of all, a hundred a page.",
    resource: "attendance",
    paramSchema: paramsOf({
      from: day("The first day."),
      to: day("The last day."),
      ...WHO,
      "index?": integer("Place of the first employee, from 0, from `nextPage`.", 0, 10_000_000),
    }),
    responseSchema: pageSchema("One employee each: `employee`, and `days` by date."),
    safe: true,
    idempotent: true,
    scopes: ["ZOHOPEOPLE.attendance.ALL"],
  },
  request: (params, { config }) =>
    peopleGet(config, "/attendance/getUserReport", {}, reportQuery(params)),
  data: reportPage,
};

const checkIn = attendanceMethod("checkIn", "Check in", "Records that an employee begins to work.");
const checkOut = attendanceMethod("checkOut", "Check out", "Records that an employee stops work.");

function attendanceMethod(name: "checkIn" | "checkOut", title: string, does: string): PluginMethod {
  return {
    method: {
      name,
      title,
      description: `${does} An entry of attendance, as a terminal makes it.`,
      resource: "attendance",
      paramSchema: paramsOf({ ...WHO, at: AT }),
      responseSchema: free("What the vendor answers."),
      safe: false,
      idempotent: false,
      scopes: ["ZOHOPEOPLE.attendance.ALL"],
    },
    request: (params, context) => entryRequest(name, params, context),
    data: bareOf,
  };
}

function entryRequest(name: "checkIn" | "checkOut", params: Params, { config }: MethodContext) {
  const { employeeId, email } = params;
  if ((employeeId === undefined) === (email === undefined))
    throw unfit("employeeId", "or `email` is required, and not both");

  return peoplePost(
    config,
    "/attendance",
    {},
    {
      dateFormat: DATE_FORMAT,
      [name]: vendorTime(params.at),
      empId: employeeId,
      emailId: email,
    },
  );
}

/** `2026-11-30T09:00:00` as `30/11/2026 09:00:00`. */
function vendorTime(value: unknown): string {
  const parts = /^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d:\d\d)$/.exec(String(value));
  if (parts === null) throw unfit("at", "must look like 2026-11-30T09:00:00");
  const [, year, month, day, time] = parts;
  return `${day}/${month}/${year} ${time}`;
}

function reportQuery({ from, to, employeeId, email, index }: Params) {
  const isOne = employeeId !== undefined || email !== undefined;
  return {
    sdate: String(from),
    edate: String(to),
    dateFormat: "yyyy-MM-dd",
    empId: employeeId as string,
    emailId: email as string,
    startIndex: isOne ? undefined : ((index as number) ?? 0),
  };
}

/** Of one employee, the days alone; of all, a list of both. */
function reportPage(answer: VendorAnswer, _: unknown, params: Params) {
  const value = bareOf(answer);
  const result = isObject(value) && Array.isArray(value.result) ? value.result : value;
  if (!Array.isArray(result)) return { items: [{ employee: null, days: result }], nextPage: null };

  const items = result.filter(isObject).map(({ employeeDetails, attendanceDetails }) => ({
    employee: employeeDetails ?? null,
    days: attendanceDetails ?? null,
  }));
  const next = Number(params.index ?? 0) + PAGE;
  return { items, nextPage: result.length < PAGE ? null : { index: next } };
}

export const attendanceMethods: readonly PluginMethod[] = [getAttendance, checkIn, checkOut];
