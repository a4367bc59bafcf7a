import type { Random } from "../site/random.ts";
import type { Person } from "./site.ts";

const GIVEN = `Robin Ana Kwame Mei Lars Priya Tomás Aoife Yusuf
  Ingrid Chidi Noor Søren Zoë Ивана 健 Amara Oluwaseun`.split(/\s+/);
const FAMILY = `Weaver Ito O'Neill Nkemelu Díaz Lindqvist Rao
  Haddad Brown Kowalska van-Dijk Sørensen Müller Achterberg`.split(/\s+/);
const ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"];
const PEOPLE = 116;

/**
 * The first person is the account that asks. Names repeat on purpose: only accountId tells people
 * apart.
 */
export function generatePeople(random: Random, email: string, timeZone: string): Person[] {
  const account = { ...person(0, "Sandbox Account"), emailAddress: email, timeZone };
  const people = Array.from({ length: PEOPLE }, (_, index) => generatePerson(random, index + 1));
  return [account, ...people, ...apps()];
}

function generatePerson(random: Random, index: number): Person {
  const base = person(index, `${random.pick(GIVEN)} ${random.pick(FAMILY)}`);
  if (index % 17 === 0)
    return { ...base, displayName: "Robin Weaver", timeZone: random.pick(ZONES) };
  // A closed account: nothing is left but the id.
  if (index % 23 === 0) return { ...base, displayName: "Former user", active: false };
  if (index % 11 === 0) return { ...base, active: false, timeZone: random.pick(ZONES) };
  if (index === 5) return { ...base, displayName: "\u202eDrow\u200b Ssap\u0007" };
  const visible = random.chance(0.3) ? { emailAddress: `person-${index}@example.com` } : {};
  return { ...base, ...visible, timeZone: random.pick(ZONES) };
}

function person(index: number, displayName: string): Person {
  return { accountId: accountId(index), accountType: "atlassian", active: true, displayName };
}

/** Older accounts have 24 hexadecimal digits, newer ones a number, a colon and a UUID. */
function accountId(index: number): string {
  const digits = index.toString(16).padStart(12, "0");
  return index % 3 === 2 ? `712020:00000000-0000-4000-8000-${digits}` : `5b0000000000${digits}`;
}

function apps(): Person[] {
  return ["Automation for Jira", "Slack", "Build Bot"].map((displayName, index) => ({
    accountId: `557058:0000000${index}-0000-4000-8000-00000000000${index}`,
    accountType: "app",
    active: true,
    displayName,
    timeZone: "Etc/GMT",
  }));
}
