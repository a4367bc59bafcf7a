/** Attempts by cursor: what the owner's lists sealed, given to every list of the other tenant. */

import { OPERATIONS } from "../../../schemas/api.ts";
import type { Operation } from "../../../schemas/operation.ts";
import { admin } from "../../stage/stack/people.ts";
import type { Attempt } from "./attempt.ts";
import type { Ids } from "./belongings.ts";
import { isList, paramsOf } from "./rest-attempts.ts";

const LISTS = OPERATIONS.filter((operation) => isList(operation) && operation.role !== "platform");

export interface Sealed {
  readonly path: string;
  readonly cursor: string;
}

/** A cursor of every list of the owner's that has a second page. */
export async function sealedBy(ids: Ids): Promise<Sealed[]> {
  const pages = LISTS.map(async (operation) => {
    const path = `${filled(operation, ids)}?limit=1`;
    const { text } = await admin().send("GET", path);
    const { nextCursor: cursor } = JSON.parse(text) as { nextCursor: string | null };
    return cursor === null ? [] : [{ path, cursor }];
  });
  return (await Promise.all(pages)).flat();
}

/** On the caller's own lists, on the owner's, and where the cursor came from. */
export function byCursor(
  sealed: readonly Sealed[],
  { own, theirs }: { own: Ids; theirs: Ids },
): Attempt[] {
  return LISTS.flatMap((operation) =>
    [own, theirs].flatMap((ids) =>
      sealed.map(({ cursor }) => {
        const path = `${filled(operation, { ...theirs, ...ids })}?limit=1&cursor=${cursor}`;
        return {
          operation: operation.id,
          method: operation.method,
          path,
          headers: {},
          named: [cursor],
        };
      }),
    ),
  );
}

const filled = (operation: Operation, ids: Ids) =>
  paramsOf(operation).reduce(
    (path, name) => path.replace(`{${name}}`, encodeURIComponent(ids[name]?.[0] ?? "")),
    operation.path as string,
  );
