import { readDerivedKey } from "./derived-key.ts";

/** The key that credential grants are signed with, made from the secret's string. */
export const readGrantKey = (secretId: string): Promise<Uint8Array> =>
  readDerivedKey(secretId, "credential grant");
