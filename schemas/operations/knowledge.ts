import * as z from "zod";
import { EntityType, KbLineage, KbNode, LINEAGE_DIRECTION, LogicalId } from "../knowledge-node.ts";
import { operation, PageQuery, pageOf } from "../operation.ts";
import { Id } from "../scalars.ts";

const NodePath = z.strictObject({ logicalId: LogicalId });

export const ListKbNodes = operation({
  id: "listKbNodes",
  method: "GET",
  path: "/kb/nodes",
  area: "knowledge",
  role: "viewer",
  summary:
    "Lists nodes of the knowledge base by type and scope: endpoints, datasets, units, runs, " +
    "artifacts, sinks, entities.",
  query: PageQuery.extend({
    entityType: EntityType.optional(),
    scope: Id.optional().describe(
      "An endpoint's id, or `tenant` for nodes that belong to no endpoint.",
    ),
  }),
  answers: { 200: pageOf(KbNode) },
  errors: ["CURSOR_INVALID"],
});

export const GetKbNode = operation({
  id: "getKbNode",
  method: "GET",
  path: "/kb/nodes/{logicalId}",
  area: "knowledge",
  role: "viewer",
  summary: "Returns a node with its edges.",
  pathParams: NodePath,
  answers: { 200: KbNode },
  errors: ["NOT_FOUND"],
});

export const GetKbLineage = operation({
  id: "getKbLineage",
  method: "GET",
  path: "/kb/nodes/{logicalId}/lineage",
  area: "knowledge",
  role: "viewer",
  summary:
    "Returns where a node came from (`upstream`) or what it feeds (`downstream`), nearest first.",
  pathParams: NodePath,
  query: z.strictObject({
    direction: z.enum(LINEAGE_DIRECTION).default("upstream"),
    depth: z.coerce
      .number<number>()
      .int()
      .min(1)
      .max(10)
      .default(5)
      .describe("Maximum distance from the node, in edges."),
  }),
  answers: { 200: KbLineage },
  errors: ["NOT_FOUND"],
});
