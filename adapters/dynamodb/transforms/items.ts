import * as z from "zod";
import { Transform } from "../../../schemas/transform.ts";
import type { Item } from "../client.ts";
import { type Key, keys } from "../keys.ts";

const shown = z.object(Transform.shape);

export const toTransform = (item: Item): Transform => shown.parse(item);

/** The newest version. */
export const transformItem = (transform: Transform): Item =>
  itemAt(keys.transform(transform.tenantId, transform.name), transform);

/** A version as it stays, for whoever names it. */
export const versionItem = (transform: Transform): Item =>
  itemAt(keys.transformVersion(transform.tenantId, transform.name, transform.version), transform);

const itemAt = (key: Key, transform: Transform): Item => ({
  ...key,
  entity: "transform",
  ...transform,
});
