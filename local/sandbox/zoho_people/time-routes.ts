/** Leave and attendance. */
import { type Answer, json } from "../site/answer.ts";
import { whole } from "./record-routes.ts";
import { fault } from "./refusals.ts";
import type { Call, Entry, PeopleRecord, Route } from "./state.ts";

const MOST_LEAVE = 200;
const EMPLOYEES_PAGE = 100;

export const timeRoutes: Route[] = [
  { method: "GET", path: "/v2/leavetracker/leaves/records", answer: listLeave },
  { method: "GET", path: "/attendance/getUserReport", answer: report },
  { method: "POST", path: "/attendance", answer: enter },
];

function listLeave({ sandbox, query }: Call): Answer {
  const [from, to] = [query.get("from") ?? "", query.get("to") ?? ""];
  if (query.get("dateFormat") !== "yyyy-MM-dd" || from === "" || to === "")
    return json({ error: { code: 8002, message: "Invalid date format" } }, 400);

  const employees = JSON.parse(query.get("employee") ?? "[]") as string[];
  const found = [...(sandbox.forms.get("leave")?.records.values() ?? [])].filter(
    ({ fields }) =>
      String(fields.From) <= to &&
      String(fields.To) >= from &&
      (employees.length === 0 || employees.includes(String(fields.Employee_ID))),
  );
  const index = whole(query.get("startIndex"), 0);
  const page = found.slice(index, index + whole(query.get("limit"), MOST_LEAVE));
  const records = page.map(({ id, fields }) => `"${id}":${JSON.stringify(fields)}`);
  return { status: 200, body: Buffer.from(`{"records":{${records.join()}}}`) };
}

/** Of one employee the days; of all, a page of both. */
function report(call: Call): Answer {
  const { query, sandbox } = call;
  const employees = [...(sandbox.forms.get("employee")?.records.values() ?? [])];
  const { empId, emailId } = Object.fromEntries(query);
  if (empId !== undefined || emailId !== undefined) {
    const one = employeeOf(employees, empId, emailId);
    return one ? json(daysOf(sandbox.entries, one)) : fault(7048, "Invalid user");
  }

  const index = whole(query.get("startIndex"), 0);
  const result = employees.slice(index, index + EMPLOYEES_PAGE).map((one) => ({
    employeeDetails: { id: one.fields.EmployeeID, "mail id": one.fields.EmailID },
    attendanceDetails: daysOf(sandbox.entries, one),
  }));
  return json({ result });
}

function enter({ sandbox, body }: Call): Answer {
  const { dateFormat, empId, emailId, checkIn, checkOut } = body as Record<string, string>;
  const employees = [...(sandbox.forms.get("employee")?.records.values() ?? [])];
  const employee = employeeOf(employees, empId, emailId);
  const at = checkIn ?? checkOut ?? "";
  if (employee === undefined) return json([{ response: "failure", msg: "Invalid employee" }]);
  if (dateFormat !== "dd/MM/yyyy HH:mm:ss" || !/^\d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d$/.test(at))
    return json([{ response: "failure", msg: "Invalid date format" }]);

  const kind = checkIn === undefined ? "checkOut" : "checkIn";
  sandbox.entries.push({ employeeId: String(employee.fields.EmployeeID), kind, at });
  return json([{ response: "success", [checkIn === undefined ? "punchOut" : "punchIn"]: at }]);
}

function employeeOf(employees: readonly PeopleRecord[], empId?: string, emailId?: string) {
  return employees.find(
    ({ fields }) => fields.EmployeeID === empId || fields.EmailID === (emailId ?? null),
  );
}

function daysOf(entries: readonly Entry[], { fields }: PeopleRecord) {
  const mine = entries.filter(({ employeeId }) => employeeId === fields.EmployeeID);
  const days = mine.map(({ at }) => {
    const [day, month, year] = at.slice(0, 10).split("/");
    const of = (kind: Entry["kind"]) =>
      mine.find((entry) => entry.kind === kind && entry.at.startsWith(at.slice(0, 10)))?.at ?? "-";
    const seen = { FirstIn: of("checkIn"), LastOut: of("checkOut"), Status: "Present" };
    return [`${year}-${month}-${day}`, seen] as const;
  });
  return Object.fromEntries(days);
}
