/** Forms and their records. */
import { type Answer, json } from "../site/answer.ts";
import { badRequest } from "../site/api-error.ts";
import { fault, noSuchForm } from "./refusals.ts";
import {
  addRecord,
  type Call,
  type Fields,
  type Form,
  type PeopleRecord,
  type Route,
} from "./state.ts";

const MOST_RECORDS = 200;

export const recordRoutes: Route[] = [
  { method: "GET", path: "/forms", answer: listForms },
  { method: "GET", path: "/forms/{form}/getRecords", answer: listRecords },
  { method: "GET", path: "/forms/{form}/getRecordByID", answer: readRecord },
  { method: "POST", path: "/forms/json/{form}/insertRecord", answer: insert },
  { method: "POST", path: "/forms/json/{form}/updateRecord", answer: update },
];

function listForms({ sandbox }: Call): Answer {
  const forms = [...sandbox.forms.values()].map(({ linkName, displayName }, at) => ({
    componentId: 35_743 + at,
    iscustom: false,
    displayName,
    formLinkName: linkName,
    PermissionDetails: { Add: 3, Edit: 3, View: 3 },
    isVisible: true,
  }));
  return result(forms, "Data fetched successfully");
}

function listRecords(call: Call): Answer {
  const { query } = call;
  const form = formOf(call);
  if (form === undefined) return noSuchForm();
  const [index, limit] = [whole(query.get("sIndex"), 1), whole(query.get("limit"), MOST_RECORDS)];
  if (limit > MOST_RECORDS) return fault(7021, "The maximum number of records is 200");

  const since = Number(query.get("modifiedtime") ?? 0);
  const label = { EMPLOYEEID: "EmployeeID", EMPLOYEEMAILALIAS: "EmailID" }[
    query.get("SearchColumn") ?? ""
  ];
  const found = [...form.records.values()].filter(
    ({ fields, modifiedMs }) =>
      modifiedMs >= since && (label === undefined || fields[label] === query.get("SearchValue")),
  );
  const page = found.slice(index - 1, index - 1 + limit);
  if (page.length === 0) return fault(7024, "No records found");
  return resultText(page.map((record) => `{"${record.id}":[${shown(record)}]}`));
}

function readRecord(call: Call): Answer {
  const form = formOf(call);
  if (form === undefined) return noSuchForm();
  const record = form.records.get(call.query.get("recordId") ?? "");
  if (record === undefined) return fault(7049, "Record is not available for the given record id");

  const details = { [`${form.displayName} Details`]: record.fields };
  return result([{ ...details, ApprovalStatus: "Approval Not Enabled" }], "Data fetched");
}

function insert(call: Call): Answer {
  const form = formOf(call);
  if (form === undefined) return noSuchForm();
  const fields = inputOf(call);
  const missing = form.mandatory.filter((label) => fields[label] === undefined);
  if (missing.length > 0)
    return fault(7052, `Missing mandatory field values: ${missing.join(", ")}`);
  const taken = [...form.records.values()].some(
    (record) => fields.EmployeeID !== undefined && record.fields.EmployeeID === fields.EmployeeID,
  );
  if (taken) return fault(7051, "Value already exists");

  const { id } = addRecord(call.sandbox, form.linkName, fields, call.sandbox.now());
  return result({ pkId: id, message: "Successfully Added" }, "Data added successfully");
}

function update(call: Call): Answer {
  const form = formOf(call);
  if (form === undefined) return noSuchForm();
  const { recordId } = call.body as { recordId?: string };
  const record = form.records.get(recordId ?? "");
  if (record === undefined) return fault(7049, "Record is not available for the given record id");

  record.fields = { ...record.fields, ...inputOf(call) };
  record.modifiedMs = call.sandbox.now();
  return result({ pkId: record.id, message: "Successfully Updated" }, "Data updated successfully");
}

function formOf({ sandbox, path }: Call): Form | undefined {
  const name = path.form ?? "";
  return sandbox.faults.hidden() === name ? undefined : sandbox.forms.get(name);
}

function inputOf({ body }: Call): Fields {
  const { inputData } = body as { inputData?: string };
  try {
    return JSON.parse(inputData ?? "") as Fields;
  } catch {
    throw badRequest("Input data is invalid");
  }
}

/** The id stands in the record as a number that no double holds. */
export function shown({ id, fields, modifiedMs }: PeopleRecord): string {
  const text = JSON.stringify({ ...fields, ModifiedTime: String(modifiedMs) });
  return `{"Zoho_ID":${id},${text.slice(1)}`;
}

export function whole(text: string | null, fallback: number): number {
  const value = Number(text ?? fallback);
  if (!Number.isInteger(value) || value < 0) throw badRequest("Parameter value is invalid");
  return value;
}

function result(value: unknown, message: string): Answer {
  return json({ response: { result: value, message, status: 0 } });
}

function resultText(records: readonly string[]): Answer {
  const rest = `"message":"Data fetched successfully","status":0`;
  const text = `{"response":{"result":[${records.join()}],${rest}}}`;
  return { status: 200, body: Buffer.from(text) };
}
