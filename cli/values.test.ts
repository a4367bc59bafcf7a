import { expect, it } from "vitest";
import type { Field } from "./fields.ts";
import { readSchedule, readValue } from "./values.ts";

const aField = (over: Partial<Field>): Field => ({
  name: "field",
  in: "body",
  flag: "field",
  kind: "text",
  choices: [],
  nullable: false,
  required: false,
  description: "",
  defaultValue: undefined,
  isLong: false,
  attribute: "field",
  ...over,
});
const noFile = (path: string): never => {
  throw new Error(`reads ${path}`);
};

it.each([
  ["15m", 15],
  ["2h", 120],
  ["1d", 1440],
])("a schedule of %s is every %i minutes", (typed, minutes) => {
  expect(readSchedule(typed)).toEqual({
    scheduleKind: "INTERVAL",
    scheduleIntervalMinutes: minutes,
  });
});

it.each([
  ["1d", "2026-11-20T06:00:00.000Z"],
  ["90m", "2026-11-21T04:30:00.000Z"],
  ["2026-11-01", "2026-11-01T00:00:00Z"],
  ["2026-11-01T08:00:00+01:00", "2026-11-01T08:00:00+01:00"],
])("a time of %s is %s", (typed, instant) => {
  const now = new Date("2026-11-21T06:00:00Z");
  expect(readValue(aField({ kind: "time" }), typed, noFile, now)).toBe(instant);
});

it("a manual schedule has no interval", () => {
  expect(readSchedule("manual")).toEqual({ scheduleKind: "MANUAL", scheduleIntervalMinutes: null });
});

it.each(["15", "0m", "-5m", "1.5h", "hourly", ""])("%s is no schedule", (typed) => {
  expect(() => readSchedule(typed)).toThrow("Write manual, or 15m, 2h, 1d.");
});

it("choices are found whatever their case", () => {
  expect(readValue(aField({ kind: "choice", choices: ["FULL", "SCD1"] }), "scd1", noFile)).toBe(
    "SCD1",
  );
});

it("null empties what may be empty, and is text elsewhere", () => {
  expect(readValue(aField({ kind: "integer", nullable: true }), "null", noFile)).toBeNull();
  expect(readValue(aField({}), "null", noFile)).toBe("null");
});

it("a short text that begins with @ is that text, a long one names a file", () => {
  expect(readValue(aField({}), "@home", noFile)).toBe("@home");
  expect(readValue(aField({ isLong: true }), "@q.graphql", (path) => `read ${path}`)).toBe(
    "read q.graphql",
  );
});

it("JSON comes inline, from a file, from standard input", () => {
  const json = aField({ kind: "json" });
  expect(readValue(json, '{"a":1}', noFile)).toEqual({ a: 1 });
  expect(readValue(json, "@policy.json", (path) => JSON.stringify({ path }))).toEqual({
    path: "policy.json",
  });
  expect(readValue(json, "@-", (path) => JSON.stringify({ path }))).toEqual({ path: "-" });
});

it("a secret that is not JSON is not repeated", () => {
  const json = aField({ kind: "json", flag: "secret" });
  expect(() => readValue(json, "hunter2", noFile)).toThrow(/^(?!.*hunter2).*@file\.json$/);
  expect(() => readValue(json, "@s.json", () => "hunter2")).toThrow(
    /^(?!.*hunter2).*s\.json is not JSON/,
  );
});
