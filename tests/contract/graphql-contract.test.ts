import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  buildSchema,
  type GraphQLArgument,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isObjectType,
  isScalarType,
  validateSchema,
} from "graphql";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { mutations } from "../../functions/graphql/mutations.ts";
import { queries } from "../../functions/graphql/queries.ts";
import { toCheckpointVersion, toRun } from "../../functions/graphql/run-types.ts";
import {
  toConfig,
  toDataset,
  toEndpoint,
  toStatus,
  toTemplate,
  toUnit,
} from "../../functions/graphql/types.ts";
import { CheckpointChange } from "../../schemas/checkpoint.ts";
import { DatasetField } from "../../schemas/dataset.ts";
import { IngestionError } from "../../schemas/error.ts";
import { CONTRACT } from "../../schemas/graphql/contract.ts";
import { Evidence } from "../../schemas/run.ts";
import { UnitConfigInput } from "../../schemas/unit-config.ts";

const reference = buildSchema(readFileSync(join(import.meta.dirname, "contract.graphql"), "utf8"));
const ours = buildSchema(CONTRACT);

/** `Type.field(args): type` of everything a caller can name. */
function lines(schema: GraphQLSchema): string[] {
  const own = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith("__"));
  return own.flatMap((type) => {
    if (isScalarType(type)) return [`scalar ${type.name}`];
    if (isEnumType(type)) return type.getValues().map(({ name }) => `${type.name}.${name}`);
    if (!isObjectType(type) && !isInputObjectType(type)) return [type.name];
    return Object.values(type.getFields()).map((field) => {
      const args =
        "args" in field
          ? field.args.map(({ name, type }: GraphQLArgument) => `${name}: ${type}`).join(", ")
          : "";
      return `${type.name}.${field.name}(${args}): ${field.type}`;
    });
  });
}

const fieldsOf = (name: string) => {
  const type = ours.getType(name);
  return isObjectType(type) || isInputObjectType(type) ? Object.keys(type.getFields()).sort() : [];
};

describe("the GraphQL contract", () => {
  it("is valid", () => {
    expect(validateSchema(ours)).toEqual([]);
  });

  it("has every field of the reference exactly as it stands there", () => {
    const kept = new Set(lines(ours));
    expect(lines(reference).filter((line) => !kept.has(line))).toEqual([]);
    expect(lines(reference).length).toBeGreaterThan(80);
  });

  it("has no new argument or input field that callers would have to send", () => {
    const known = new Set(lines(reference).map((line) => line.split("(")[0]));
    const inputs = Object.values(ours.getTypeMap()).filter(isInputObjectType);
    const added = inputs.flatMap((type) =>
      Object.values(type.getFields()).map((field) => ({ type, field })),
    );
    const forced = added.filter(
      ({ type, field }) =>
        !known.has(`${type.name}.${field.name}`) && `${field.type}`.endsWith("!"),
    );
    expect(forced).toEqual([]);
  });

  it("has a resolver for every query and mutation, and no other", () => {
    expect(Object.keys(queries).sort()).toEqual(fieldsOf("Query"));
    expect(Object.keys(mutations).sort()).toEqual(fieldsOf("Mutation"));
  });

  it("shows of each noun the fields that we give it", () => {
    const blank = <T>(known: object = {}) =>
      new Proxy(known, { get: (_, name) => Reflect.get(known, name) }) as T;
    const given = {
      MetadataEndpointTemplate: toTemplate(blank()),
      MetadataEndpoint: toEndpoint(blank({ connection: blank() })),
      Dataset: toDataset(blank()),
      IngestionUnit: toUnit(blank()),
      IngestionUnitConfig: toConfig(blank()),
      IngestionStatus: toStatus(blank()),
      IngestionRun: toRun(blank()),
      IngestionCheckpointVersion: toCheckpointVersion(blank()),
    };

    for (const [name, object] of Object.entries(given))
      expect([name, Object.keys(object).sort()]).toEqual([name, fieldsOf(name)]);
    expect(Object.keys(DatasetField.shape).sort()).toEqual(fieldsOf("DatasetField"));
    expect(Object.keys(IngestionError.shape).sort()).toEqual(fieldsOf("IngestionError"));
    expect(Object.keys(Evidence.shape).sort()).toEqual(fieldsOf("IngestionEvidence"));
    expect(Object.keys(CheckpointChange.shape).sort()).toEqual(
      fieldsOf("IngestionCheckpointChange"),
    );
  });

  it("takes of a config what REST takes, nullable where REST lets it be left out", () => {
    const address = ["endpointId", "unitId", "expectedVersion"];
    expect(fieldsOf("IngestionUnitConfigInput")).toEqual(
      [...Object.keys(UnitConfigInput.shape), ...address].sort(),
    );
    const optional = Object.values(UnitConfigInput.shape).every(
      (field) => field instanceof z.ZodOptional,
    );
    expect(optional).toBe(true);
  });
});
