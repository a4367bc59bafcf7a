import { readDerivedKey } from "./derived-key.ts";

/**
 * The key that calls and their answers are sealed with where they are kept, made from the grant
 * secret's string: whoever calls methods has it, and nobody else needs another.
 */
export const readSealingKey = (secretId: string): Promise<Uint8Array> =>
  readDerivedKey(secretId, "method calls");
