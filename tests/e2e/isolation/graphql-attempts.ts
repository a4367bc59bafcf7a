/** Attempts through GraphQL, from the contract: every field that takes an id. */
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  getNamedType,
  isInputObjectType,
  isLeafType,
  isNonNullType,
} from "graphql";
import { contractSchema } from "../../../functions/graphql/schema.ts";
import type { Attempt } from "./attempt.ts";
import type { Ids } from "./belongings.ts";

/** Whose id the argument `id` is. */
const ID_OF: Readonly<Record<string, string>> = {
  metadataEndpoint: "endpointId",
  dataset: "datasetId",
  ingestionRun: "runId",
};
/** Other arguments that have to be there. */
const SAID: Readonly<Record<string, unknown>> = {
  version: 1,
  idempotencyKey: "taken",
  enabled: true,
};

type Field = GraphQLField<unknown, unknown>;
type Input = GraphQLArgument | GraphQLInputField;
const schema = contractSchema();
const ROOTS = [
  ["query", schema.getQueryType()],
  ["mutation", schema.getMutationType()],
] as const;

const isId = (input: Input) => getNamedType(input.type).name === "ID" || input.name === "sinkId";
const kindOf = (field: Field, name: string) => (name === "id" ? (ID_OF[field.name] ?? "") : name);

/** Arguments, and the fields of those that are objects. */
function inputsOf(field: Field): Input[] {
  return field.args.flatMap((arg): Input[] => {
    const type = getNamedType(arg.type);
    return isInputObjectType(type) ? Object.values(type.getFields()) : [arg];
  });
}

const FIELDS = ROOTS.flatMap(([verb, root]) =>
  Object.values(root?.getFields() ?? {})
    .filter((field) => inputsOf(field).some(isId))
    .map((field) => ({ verb, field })),
);

/** Fields whose ids this file cannot fill. */
export function graphqlGaps(ids: Ids): string[] {
  return FIELDS.flatMap(({ field }) =>
    inputsOf(field)
      .filter((input) => isId(input) && (ids[kindOf(field, input.name)] ?? []).length === 0)
      .map(
        (input) =>
          `${field.name} takes ${input.name}: say in ID_OF, or in belongings.ts, whose id it is.`,
      ),
  );
}

/** Every field, or those of one verb, with every thing that its arguments may name. */
export function byArgument(ids: Ids, only?: "query" | "mutation"): Attempt[] {
  return FIELDS.filter(({ verb }) => only === undefined || verb === only).flatMap(
    ({ verb, field }) =>
      combinations(field, ids).map((chosen) => {
        const named = [...new Set(Object.values(chosen))].filter((id) => !ids.unitId?.includes(id));
        const body = { query: documentOf(verb, field), variables: variablesOf(field, chosen) };
        return {
          operation: field.name,
          method: "POST" as const,
          path: "/graphql",
          headers: {},
          body,
          named,
        };
      }),
  );
}

function combinations(field: Field, ids: Ids): Record<string, string>[] {
  const names = inputsOf(field)
    .filter(isId)
    .map((input) => input.name);
  return names.reduce<Record<string, string>[]>(
    (all, name) =>
      all.flatMap((chosen) => values(field, name, ids).map((id) => ({ ...chosen, [name]: id }))),
    [{}],
  );
}

/** Of sinks, one is enough beside each endpoint and unit. */
const values = (field: Field, name: string, ids: Ids) =>
  (ids[kindOf(field, name)] ?? []).slice(0, name === "sinkId" ? 1 : undefined);

function documentOf(verb: string, field: Field): string {
  const declared = field.args.map((arg) => `$${arg.name}: ${String(arg.type)}`).join(", ");
  const passed = field.args.map((arg) => `${arg.name}: $${arg.name}`).join(", ");
  const selection = isLeafType(getNamedType(field.type)) ? "" : "{ __typename }";
  return `${verb} (${declared}) { ${field.name}(${passed}) ${selection} }`;
}

function variablesOf(field: Field, chosen: Record<string, string>): Record<string, unknown> {
  const value = (input: Input) =>
    chosen[input.name] ?? (isNonNullType(input.type) ? SAID[input.name] : undefined);

  return Object.fromEntries(
    field.args.map((arg) => {
      const type = getNamedType(arg.type);
      if (!isInputObjectType(type)) return [arg.name, value(arg)];
      return [
        arg.name,
        Object.fromEntries(
          Object.values(type.getFields()).map((input) => [input.name, value(input)]),
        ),
      ];
    }),
  );
}
