/**
 * What a GraphQL document may ask for at most (threat model 10). Fragments are counted where they
 * are used, once each.
 */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
  visit,
} from "graphql";
import { DomainError } from "../../schemas/errors.ts";
import { sizeOf } from "./list-sizes.ts";

export const LIMITS = { depth: 8, cost: 3000, aliases: 30, tokens: 2000 } as const;

interface Size {
  readonly depth: number;
  readonly cost: number;
}

type Variables = Readonly<Record<string, unknown>>;

/**
 * Throws `VALIDATION_ERROR` when the document is too deep, has too many aliases, or may read too
 * much: each list counts as many items as it may hold, or as many as its `limit` says, which may be
 * one of the `variables`.
 */
export function checkLimits(
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: Variables = {},
): void {
  let aliases = 0;
  visit(document, {
    Field({ alias }) {
      if (alias) aliases += 1;
    },
  });
  if (aliases > LIMITS.aliases) throw tooMuch(`${aliases} aliases`, `${LIMITS.aliases}`);

  const fragments = new Map(
    document.definitions
      .filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
      .map((node) => [node.name.value, node]),
  );

  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION) continue;
    const measure = measurer(schema, fragments, valuesOf(node, variables));
    const { depth, cost } = measure(
      node.selectionSet,
      schema.getRootType(node.operation)?.name ?? "",
      1,
    );
    if (depth > LIMITS.depth) throw tooMuch(`a depth of ${depth}`, `${LIMITS.depth}`);
    if (cost > LIMITS.cost) throw tooMuch(`a cost of ${cost}`, `${LIMITS.cost}`);
  }
}

/** What the variables of an operation stand for: what was sent, or else their defaults. */
function valuesOf(
  { variableDefinitions = [] }: OperationDefinitionNode,
  sent: Variables,
): Variables {
  const defaults = variableDefinitions.flatMap(({ variable, defaultValue }) =>
    defaultValue ? [[variable.name.value, literal(defaultValue)] as const] : [],
  );
  return { ...Object.fromEntries(defaults), ...sent };
}

const literal = (node: ValueNode): unknown =>
  node.kind === Kind.INT ? Number(node.value) : undefined;

/**
 * A field costs what it may read (`list-sizes.ts`), and one more when it has a selection; a list
 * that comes with its objects costs one for each of them. Other leaves are free. So is
 * introspection: graphql's own rules bound it, the usual query of it is deeper than any of ours,
 * and it reads no store.
 */
function measurer(
  schema: GraphQLSchema,
  fragments: Map<string, FragmentDefinitionNode>,
  variables: Variables,
) {
  const known = new Map<string, Size>();
  const nothing = { depth: 0, cost: 0 };

  function ofFragment(name: string, objects: number): Size {
    const key = `${name} ${objects}`;
    const seen = known.get(key);
    if (seen) return seen;
    const fragment = fragments.get(name);
    // Validation refuses cycles; until it does, a fragment inside itself counts nothing.
    known.set(key, nothing);
    const size = fragment
      ? of(fragment.selectionSet, fragment.typeCondition.name.value, objects)
      : nothing;
    known.set(key, size);
    return size;
  }

  function ofField(node: FieldNode, typeName: string, objects: number): Size {
    const name = node.name.value;
    if (name.startsWith("__")) return { depth: 1, cost: 0 };
    const limit = node.arguments?.find((one) => one.name.value === "limit")?.value;
    const asked =
      limit?.kind === Kind.VARIABLE ? variables[limit.name.value] : limit && literal(limit);
    const { each, all = Number.POSITIVE_INFINITY } = sizeOf(typeName, name, asked);
    const read = Math.min(objects * each, all);
    if (!node.selectionSet) return { depth: 1, cost: read };

    const type = fieldType(schema, typeName, name);
    // What hangs on each object, and was read with it, is as many objects again.
    const within = read === 0 || !isList(type) ? objects : read;
    const inner = of(node.selectionSet, type ? getNamedType(type).name : "", within);
    return {
      depth: inner.depth + 1,
      cost: (isList(type) && each === 0 ? objects : 1) + read + inner.cost,
    };
  }

  function of(set: SelectionSetNode, typeName: string, objects: number): Size {
    const sizes = set.selections.map((selection): Size => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return ofFragment(selection.name.value, objects);
      if (selection.kind === Kind.FIELD) return ofField(selection, typeName, objects);
      return of(selection.selectionSet, selection.typeCondition?.name.value ?? typeName, objects);
    });
    return {
      depth: sizes.reduce((most, { depth }) => Math.max(most, depth), 0),
      cost: sizes.reduce((sum, { cost }) => sum + cost, 0),
    };
  }

  return of;
}

function fieldType(
  schema: GraphQLSchema,
  typeName: string,
  field: string,
): GraphQLOutputType | undefined {
  const type = schema.getType(typeName);
  return isObjectType(type) ? type.getFields()[field]?.type : undefined;
}

function isList(type: GraphQLOutputType | undefined): boolean {
  return type !== undefined && isListType(isNonNullType(type) ? type.ofType : type);
}

const tooMuch = (what: string, most: string) =>
  new DomainError(
    "VALIDATION_ERROR",
    `The document has ${what}, more than the ${most} allowed. Ask for less at once.`,
  );
