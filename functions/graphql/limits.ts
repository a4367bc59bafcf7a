/** What a GraphQL document may ask for at most (threat model 10). Fragments are counted where they are used, once each. */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type SelectionSetNode,
  visit,
} from "graphql";
import { DomainError } from "../../schemas/errors.ts";

export const LIMITS = { depth: 8, cost: 1000, aliases: 30, tokens: 2000 } as const;

/** Items that a list is taken to have. */
const LIST_SIZE = 10;

interface Size {
  readonly depth: number;
  readonly cost: number;
}

/** Throws `VALIDATION_ERROR` when the document is too deep, too costly or has too many aliases. */
export function checkLimits(schema: GraphQLSchema, document: DocumentNode): void {
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
  const measure = measurer(schema, fragments);
  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION) continue;
    const { depth, cost } = measure(node.selectionSet, schema.getRootType(node.operation)?.name ?? "");
    if (depth > LIMITS.depth) throw tooMuch(`a depth of ${depth}`, `${LIMITS.depth}`);
    if (cost > LIMITS.cost) throw tooMuch(`a cost of ${cost}`, `${LIMITS.cost}`);
  }
}

/**
 * A field without a selection is free; one with a selection costs one, and its selection once, or ten times in a list. So is
 * introspection: graphql's own rules bound it, the usual query of it is deeper than any of ours, and it reads no store.
 */
function measurer(schema: GraphQLSchema, fragments: Map<string, FragmentDefinitionNode>) {
  const known = new Map<string, Size>();

  function ofFragment(name: string): Size {
    const seen = known.get(name);
    if (seen) return seen;
    const fragment = fragments.get(name);
    // Validation refuses cycles; until it does, a fragment inside itself counts nothing.
    known.set(name, { depth: 0, cost: 0 });
    const size = fragment ? of(fragment.selectionSet, fragment.typeCondition.name.value) : { depth: 0, cost: 0 };
    known.set(name, size);
    return size;
  }

  function of(set: SelectionSetNode, typeName: string): Size {
    const sizes = set.selections.map((selection): Size => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return ofFragment(selection.name.value);
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        return of(selection.selectionSet, selection.typeCondition?.name.value ?? typeName);
      }
      const type = fieldType(schema, typeName, selection.name.value);
      if (selection.name.value.startsWith("__")) return { depth: 1, cost: 0 };
      if (!selection.selectionSet) return { depth: 1, cost: 0 };
      const inner = of(selection.selectionSet, type ? getNamedType(type).name : "");
      return { depth: inner.depth + 1, cost: 1 + (isList(type) ? LIST_SIZE : 1) * inner.cost };
    });
    return {
      depth: Math.max(0, ...sizes.map(({ depth }) => depth)),
      cost: sizes.reduce((sum, { cost }) => sum + cost, 0),
    };
  }

  return of;
}

function fieldType(schema: GraphQLSchema, typeName: string, field: string): GraphQLOutputType | undefined {
  const type = schema.getType(typeName);
  return isObjectType(type) ? type.getFields()[field]?.type : undefined;
}

function isList(type: GraphQLOutputType | undefined): boolean {
  return type !== undefined && isListType(isNonNullType(type) ? type.ofType : type);
}

const tooMuch = (what: string, most: string) =>
  new DomainError("VALIDATION_ERROR", `The document has ${what}, more than the ${most} allowed. Ask for less at once.`);
