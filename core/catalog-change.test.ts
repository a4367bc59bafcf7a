import { describe, expect, it } from "vitest";
import type { Dataset, DatasetField } from "../schemas/dataset.ts";
import { mergeCatalog } from "./catalog-change.ts";

const T1 = "2026-01-01T00:00:00.000Z";
const T2 = "2026-02-01T00:00:00.000Z";

const found = (name: string, title = name) => ({
  name,
  title,
  fields: [],
  ingestable: true,
  primaryKeys: ["id"],
  entries: [],
});
const known = (name: string, changes: Partial<Dataset> = {}): Dataset => ({
  ...found(name),
  datasetId: `ep:${name}`,
  endpointId: "ep",
  vanished: false,
  collectedAt: T1,
  fieldCount: changes.fields?.length ?? 0,
  entryCount: 0,
  ...changes,
});

describe("mergeCatalog", () => {
  it("tells what is new, what changed and what vanished", () => {
    const before = [known("jira.issues"), known("jira.users"), known("jira.old")];
    const { change } = mergeCatalog(
      "ep",
      before,
      [found("jira.issues"), found("jira.users", "People"), found("jira.new")],
      T2,
    );
    expect(change).toEqual({
      added: ["jira.new"],
      changed: ["jira.users"],
      vanished: ["jira.old"],
      fieldChanges: [],
    });
  });

  it("says field by field what came, went and changed in a dataset that stays", () => {
    const field = (name: string, type: DatasetField["type"] = "string") => ({
      name,
      type,
      nullable: true,
      description: null,
    });
    const before = known("jira.users", { fields: [field("id"), field("email"), field("age")] });
    const after = {
      ...found("jira.users"),
      fields: [field("age", "long"), field("id"), field("zone")],
    };
    const fresh = { ...found("jira.new"), fields: [field("id")] };
    const { change } = mergeCatalog(
      "ep",
      [before, known("jira.old", { fields: [field("id")] })],
      [after, fresh],
      T2,
    );
    expect(change.changed).toEqual(["jira.users"]);
    expect(change.fieldChanges).toEqual([
      { dataset: "jira.users", before: field("age"), after: field("age", "long") },
      { dataset: "jira.users", before: null, after: field("zone") },
      { dataset: "jira.users", before: field("email"), after: null },
    ]);
  });

  it("keeps what vanished as it was last seen, and says so once", () => {
    const first = mergeCatalog("ep", [known("jira.old")], [], T2);
    expect(first.write).toEqual([known("jira.old", { vanished: true })]);
    expect(mergeCatalog("ep", first.write, [], T2).change.vanished).toEqual([]);
  });

  it("greets what came back as new", () => {
    const { change, write } = mergeCatalog(
      "ep",
      [known("jira.old", { vanished: true })],
      [found("jira.old")],
      T2,
    );
    expect(change.added).toEqual(["jira.old"]);
    expect(write).toEqual([known("jira.old", { collectedAt: T2 })]);
  });

  it("finds no change in the same catalogue, and knows its datasets by the endpoint", () => {
    const { change, write } = mergeCatalog(
      "ep",
      [known("jira.issues")],
      [found("jira.issues")],
      T2,
    );
    expect(change).toEqual({ added: [], changed: [], vanished: [], fieldChanges: [] });
    expect(write[0]).toMatchObject({ datasetId: "ep:jira.issues", collectedAt: T2 });
  });
});
