import { describe, expect, test } from "vitest";
import { environmentOf } from "./environments.ts";
import { ofType, type Resource, resourcesOf } from "./templates-under-test.ts";

const prod = resourcesOf("prod");
const local = resourcesOf("local");

interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: Record<string, Record<string, string | string[]>>;
}

const list = <T>(one: T | readonly T[]): readonly T[] => (Array.isArray(one) ? one : [one as T]);
const matches = (pattern: string, text: string) =>
  new RegExp(`^${pattern.replaceAll(/[^\w*]/g, "\\$&").replaceAll("*", ".*")}$`, "i").test(text);

/**
 * Whether IAM would let the role do this to an item of `events`, as far as its conditions speak of
 * keys.
 */
function mayDo(statements: readonly Statement[], action: string, leadingKey: string): boolean {
  const about = statements.filter(
    (s) =>
      list(s.Action).some((one) => matches(one, action)) &&
      isEvents(s.Resource) &&
      holds(s.Condition, leadingKey),
  );
  return about.some((s) => s.Effect === "Allow") && !about.some((s) => s.Effect === "Deny");
}

const isEvents = (resource: unknown) =>
  /EventsTableName|"\*"|table\/\*/.test(JSON.stringify(resource));

/**
 * With one key to a request, all of its keys and any of them are the same. Other conditions could
 * hold: so they do.
 */
function holds(condition: Statement["Condition"] = {}, leadingKey: string): boolean {
  return Object.entries(condition).every(([operator, wanted]) => {
    const keys = wanted["dynamodb:LeadingKeys"];
    if (keys === undefined) return true;
    expect(operator).toMatch(/^For(All|Any)Values?:StringLike$/);
    return list(keys).some((pattern) => matches(pattern, leadingKey));
  });
}

function rolesOf(resources: readonly Resource[]): { name: string; statements: Statement[] }[] {
  const attached = ofType(resources, "IAM::Policy");
  return ofType(resources, "IAM::Role").map(({ stack, id, Properties }) => {
    const more = attached.filter(
      (one) => one.stack === stack && JSON.stringify(one.Properties.Roles).includes(`"${id}"`),
    );
    const inline: { PolicyDocument: { Statement: Statement[] } }[] = Properties.Policies ?? [];
    const documents = [
      ...inline.map((one) => one.PolicyDocument),
      ...more.map((one) => one.Properties.PolicyDocument),
    ];
    return {
      name: `${stack}/${id}`,
      statements: documents.flatMap((document) => document.Statement),
    };
  });
}

describe.each([
  ["prod", prod],
  ["local", local],
])("of the roles of %s", (_, resources) => {
  const roles = rolesOf(resources);
  const audit = "T#acme#AUDIT#2026-11-30";
  const doing = (action: string, key: string) =>
    roles
      .filter(({ statements }) => mayDo(statements, `dynamodb:${action}`, key))
      .map(({ name }) => name);

  test.each([
    "UpdateItem",
    "DeleteItem",
    "BatchWriteItem",
    "PartiQLInsert",
    "PartiQLUpdate",
    "PartiQLDelete",
  ])("none may %s of an audit entry", (action) => expect(doing(action, audit)).toEqual([]));

  test("who puts into the table is denied all else of the audit by its own policy", () => {
    const writers = roles.filter(({ name }) => doing("PutItem", audit).includes(name));
    expect(writers.length).toBeGreaterThan(5);
    const all: Statement = { Effect: "Allow", Action: "dynamodb:*", Resource: "*" };
    for (const { name, statements } of writers) {
      for (const action of [
        "UpdateItem",
        "DeleteItem",
        "BatchWriteItem",
        "PartiQLUpdate",
        "PartiQLDelete",
      ]) {
        expect(mayDo([...statements, all], `dynamodb:${action}`, audit), name).toBe(false);
      }
    }
  });

  test("the TypeScript worker alone may delete, and events only", () => {
    expect(doing("DeleteItem", "T#acme#EVENTS#2026-11-30")).toEqual([
      expect.stringContaining("TypeScriptWorker"),
    ]);
  });

  test("none may take away or unlock a copy, and only the exporter may put one", () => {
    const reaching = roles.flatMap(({ name, statements }) =>
      statements
        .filter(
          (s) => s.Effect === "Allow" && /Audit[0-9A-F]{8}|audit/i.test(JSON.stringify(s.Resource)),
        )
        .flatMap((s) =>
          list(s.Action)
            .filter((action) => action.startsWith("s3:"))
            .map((action) => [name, action]),
        ),
    );
    expect(reaching).toEqual([[expect.stringContaining("auditexportRole"), "s3:PutObject"]]);
  });
});

test("the copies are locked as the environment says: prod's for nobody to unlock", () => {
  const locked = (resources: readonly Resource[]) =>
    ofType(resources, "S3::Bucket").filter(({ Properties }) => Properties.ObjectLockEnabled);
  for (const [name, resources] of Object.entries({ prod, local })) {
    const { mode: Mode, days: Days } = environmentOf(name).auditLock;
    expect(locked(resources).map(({ Properties }) => Properties)).toMatchObject([
      {
        VersioningConfiguration: { Status: "Enabled" },
        ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode, Days } } },
      },
    ]);
  }
  expect(environmentOf("prod").auditLock).toEqual({ mode: "COMPLIANCE", days: 400 });
});

test("each change reaches the exporter, removals too, and a tampered entry the topic", () => {
  const mapping = ofType(prod, "Lambda::EventSourceMapping").find(({ id }) =>
    id.startsWith("auditexport"),
  );
  const patterns = mapping?.Properties.FilterCriteria.Filters.map(
    ({ Pattern }: { Pattern: string }) => JSON.parse(Pattern),
  );
  expect(patterns).toEqual([{ dynamodb: { Keys: { sk: { S: [{ prefix: "AUDIT#" }] } } } }]);
  const alarm = ofType(prod, "CloudWatch::Alarm").find(
    ({ Properties }) => Properties.MetricName === "AuditEntries",
  );
  expect(alarm?.Properties).toMatchObject({
    Threshold: 0,
    Dimensions: [{ Name: "outcome", Value: "TAMPERED" }],
  });
  expect(alarm?.Properties.AlarmActions).toHaveLength(1);
});
