/** What is read of a document at most: more is refused by name, never half read. */
export const BOUNDS = {
  /** GitHub's with every reference written out has 73 MB. */
  documentBytes: 100_000_000,
  /** GitHub has 1,100. */
  operations: 5000,
  parameters: 200,
  pathLength: 1024,
  nameLength: 256,
  /** References that lead to references. */
  refChain: 20,
  /** Schemas inside one another; deeper ones are taken for open. */
  schemaDepth: 40,
  /** Of one operation, its parameters' schemas together, or its answer's. */
  schemaBytes: 200_000,
  /** Schemas that one operation may look at. */
  schemaNodes: 20_000,
  enumValues: 2000,
  description: 400,
} as const;
