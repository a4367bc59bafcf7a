/**
 * What a complete copy of the site holds: every id, and the hash of the record as its endpoint
 * serves it.
 */
import type { Sandbox } from "./answer.ts";
import { canonicalSha256 } from "./canonical-json.ts";

export type TruthRow = {
  id: string;
  sha256: string;
  key?: string;
  issueId?: string;
  updatedMs?: number;
};
/** The rows of each unit that the site can be read as. */
export type Truth<State> = Record<string, (sandbox: Sandbox<State>) => TruthRow[]>;

export const hashOfText = (text: string) => canonicalSha256(JSON.parse(text));
