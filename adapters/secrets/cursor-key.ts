import { readDerivedKey } from "./derived-key.ts";

/** The key that page cursors are sealed with, made from the secret's string. */
export const readCursorKey = (secretId: string): Promise<Uint8Array> =>
  readDerivedKey(secretId, "page cursor");
