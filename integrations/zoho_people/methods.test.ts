import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startSandbox } from "../../local/sandbox/zoho_people/start-sandbox.ts";
import { call, dataOf, itemsOf, type VendorSubject } from "../vendor-under-test.ts";
import { zohoPeople } from "./plugin.ts";

let running: Awaited<ReturnType<typeof startSandbox>>;
let subject: VendorSubject;

beforeAll(async () => {
  running = await startSandbox(["--employees", "450", "--seed", "9"]);
  const secret = { accessToken: "sandbox-token" };
  subject = {
    plugin: zohoPeople,
    config: { dataCenter: "eu", baseUrl: running.url },
    credential: { authType: "oauth2", secret, version: "1", expiresAt: null, scopes: null },
  };
});
afterAll(() => running.stop());
beforeEach(() => control("reset"));

async function control(action: string, body: unknown = {}): Promise<void> {
  const init = { method: "POST", body: JSON.stringify(body) };
  expect((await fetch(`${running.url}/__control/${action}`, init)).status).toBe(200);
}

const recordsOf = (form: string) => [...(running.sandbox.forms.get(form)?.records.values() ?? [])];
const firstEmployee = () => recordsOf("employee")[0]?.id as string;
const anEmployee = {
  EmployeeID: "NEW1",
  FirstName: "Grace & Sons",
  LastName: "Höpper 🚀",
  EmailID: "grace@example.com",
};

describe("forms", () => {
  test("are listed with the names that records are read by", async () => {
    const forms = await itemsOf<{ formLinkName: string }>(subject, "listForms", {});
    expect(forms.map(({ formLinkName }) => formLinkName)).toContain("employee");
  });

  test.each([200, 150, 7])("all records come once, by pages of %d", async (limit) => {
    const found = await itemsOf<{ recordId: string }>(subject, "getRecords", {
      form: "employee",
      limit,
    });
    const ids = recordsOf("employee").map(({ id }) => id);
    expect(found.map(({ recordId }) => recordId)).toEqual(ids);
  });

  test("ids keep all their digits", async () => {
    const [first] = await itemsOf(subject, "getRecords", { form: "employee" });
    expect(first).toMatchObject({ recordId: firstEmployee(), Zoho_ID: firstEmployee() });
  });

  test("an employee is found by mail address", async () => {
    const by = { searchBy: "EMPLOYEEMAILALIAS", searchValue: "person-7@example.com" };
    const found = await itemsOf(subject, "getRecords", { form: "employee", ...by });
    expect(found).toMatchObject([{ EmployeeID: "HRM7" }]);
  });

  test("a form without records has none, and is no error", async () => {
    expect(await itemsOf(subject, "getRecords", { form: "asset" })).toEqual([]);
  });

  test("a record is added, read and changed", async () => {
    const { recordId } = await dataOf<{ recordId: string }>(subject, "addRecord", {
      form: "employee",
      fields: anEmployee,
    });
    const change = { form: "employee", recordId, fields: { LastName: "Hopper" } };
    expect(await dataOf(subject, "updateRecord", change)).toEqual({ recordId });

    const record = await dataOf(subject, "getRecord", { form: "employee", recordId });
    expect(record["Employee Details"]).toEqual({ ...anEmployee, LastName: "Hopper" });
  });
});

describe("leave", () => {
  test("is applied for and listed by day and person", async () => {
    const employeeId = firstEmployee();
    const { recordId } = await dataOf<{ recordId: string }>(subject, "addLeave", {
      employeeId,
      leaveTypeId: "413124000000000001",
      from: "2026-12-21",
      to: "2026-12-23",
      reason: "Snow",
    });

    const asked = { from: "2026-12-23", to: "2026-12-31", employees: [employeeId] };
    expect(await itemsOf(subject, "listLeave", asked)).toEqual([
      expect.objectContaining({ recordId, From: "2026-12-21", Reasonforleave: "Snow" }),
    ]);
    const later = { ...asked, from: "2026-12-24" };
    expect(await itemsOf(subject, "listLeave", later)).toEqual([]);
  });
});

describe("attendance", () => {
  test("is entered and read, of one and of all", async () => {
    const employeeId = "HRM3";
    await dataOf(subject, "checkIn", { employeeId, at: "2026-11-30T09:00:00" });
    await dataOf(subject, "checkOut", {
      email: "person-3@example.com",
      at: "2026-11-30T17:30:00",
    });

    const days = { from: "2026-11-30", to: "2026-11-30" };
    const seen = { "2026-11-30": expect.objectContaining({ LastOut: "30/11/2026 17:30:00" }) };
    expect(await itemsOf(subject, "getAttendance", { ...days, employeeId })).toEqual([
      { employee: null, days: seen },
    ]);
    const all = await itemsOf(subject, "getAttendance", days);
    expect(all.length).toBe(450);
    expect(all[2]).toMatchObject({ employee: { id: "HRM3" }, days: seen });
  });
});

describe("refusals, which come with status 200", () => {
  test.each([
    ["an unknown form", "getRecords", { form: "nosuch" }, "NOT_FOUND"],
    ["an unknown record", "getRecord", { form: "employee", recordId: "1" }, "NOT_FOUND"],
    ["missing fields", "addRecord", { form: "employee", fields: { FirstName: "A" } }, "INVALID"],
    ["an unknown employee", "checkIn", { employeeId: "x", at: "2026-11-30T09:00:00" }, "INVALID"],
  ])("%s", async (_, name, params, kind) => {
    const outcome = await call(subject, name, params);
    expect(outcome).toMatchObject({ attempts: 1, refusal: { kind, notDone: true } });
    expect(outcome.refusal?.vendorMessage).toBeTypeOf("string");
  });

  const answer = (status: number, body: unknown) => ({
    status,
    headers: {},
    body: Buffer.from(JSON.stringify(body)),
  });

  test.each([
    ["too many calls", answer(429, { response: { errors: { code: 2955, message: "x" } } }), "RATE"],
    ["too many tokens", answer(200, { error: "Access Denied" }), "RATE"],
    ["a bad token", answer(200, { response: { errors: { code: 7202, message: "x" } } }), "AUTH"],
    ["no permission", answer(200, { error: { code: "7040", message: "x" } }), "FORBIDDEN"],
  ])("%s is told from the rest", (_, said, kind) => {
    expect(zohoPeople.refusal(said)).toMatchObject({ kind, notDone: true });
  });

  test("the lock is waited for as long as it holds", async () => {
    await control("faults", { rate: 0.001 });
    await call(subject, "listForms");
    const { refusal } = await call(subject, "listForms");
    expect(refusal).toMatchObject({ kind: "RATE", retryAfterSeconds: 300 });
  });
});

describe("a write whose answer is lost", () => {
  test.each(["hang", "lost"])("is done once and asked for once (%s)", async (mode) => {
    await control("faults", { mode, times: 1 });
    const asked = { form: "employee", fields: anEmployee };
    const outcome = await call(subject, "addRecord", asked);

    expect(outcome).toMatchObject({ attempts: 1, ended: "UNKNOWN" });
    expect(recordsOf("employee").length).toBe(451);
  });

  test.each(["hang", "lost"])("is repeated where twice is once (%s)", async (mode) => {
    await control("faults", { mode, times: 1 });
    const recordId = firstEmployee();
    const change = { form: "employee", recordId, fields: { LastName: "Twice" } };

    expect(await call(subject, "updateRecord", change)).toEqual({
      attempts: 2,
      data: { recordId },
    });
    expect(recordsOf("employee")[0]?.fields.LastName).toBe("Twice");
  });
});
