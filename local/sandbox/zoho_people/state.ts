/** What the sandbox's Zoho People is made of: forms with their records, leave, and attendance. */
import type * as site from "../site/answer.ts";
import { createRandom } from "../site/random.ts";

export type Fields = Record<string, unknown>;
export type PeopleRecord = { id: string; fields: Fields; modifiedMs: number };
export type Form = {
  linkName: string;
  displayName: string;
  /** Label names that a record must have. */
  mandatory: string[];
  /** By id; ids are longer than a double can hold. */
  records: Map<string, PeopleRecord>;
};
export type Entry = { employeeId: string; kind: "checkIn" | "checkOut"; at: string };

export type PeopleState = { forms: Map<string, Form>; entries: Entry[]; nextId: bigint };
export type Sandbox = site.Sandbox<PeopleState>;
export type Call = site.Call<PeopleState>;
export type Route = site.Route<PeopleState>;

export type PeopleRecipe = { seed: number; employees: number };

const FIRST_ID = 413124000068132003n;
const FIRST_MS = Date.UTC(2026, 0, 5);
const DAY_MS = 86_400_000;

/** The same recipe gives the same organisation. */
export function createState({ seed, employees }: PeopleRecipe): PeopleState {
  const random = createRandom(seed);
  const state: PeopleState = { forms: new Map(), entries: [], nextId: FIRST_ID };
  const form = (linkName: string, displayName: string, mandatory: string[]) =>
    state.forms.set(linkName, { linkName, displayName, mandatory, records: new Map() });

  form("employee", "Employee", ["EmployeeID", "FirstName", "LastName", "EmailID"]);
  form("department", "Department", ["Department"]);
  form("leave", "Leave", ["Employee_ID", "Leavetype", "From", "To"]);
  form("asset", "Asset", []);
  for (let number = 1; number <= employees; number++) {
    const fields = {
      EmployeeID: `HRM${number}`,
      FirstName: random.pick(["Ada", "Jörg", "美咲", "Zoë"]),
      LastName: random.pick(["Berg", "O'Neil", "Şahin"]),
      EmailID: `person-${number}@example.com`,
    };
    addRecord(state, "employee", fields, FIRST_MS + number * DAY_MS);
  }
  return state;
}

/** Throws when the site has no such form: for callers that found it. */
export function addRecord(
  state: PeopleState,
  linkName: string,
  fields: Fields,
  atMs: number,
): PeopleRecord {
  const form = state.forms.get(linkName);
  if (form === undefined) throw new Error(`No form ${linkName} on this site.`);

  const record = { id: String(state.nextId), fields, modifiedMs: atMs };
  state.nextId += 2n;
  form.records.set(record.id, record);
  return record;
}
