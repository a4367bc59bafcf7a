/** Random texts of an authorization, and what is kept of them: never the texts themselves. */
import { createHash, randomBytes, randomInt, timingSafeEqual } from "node:crypto";

/** 256 bits, in letters that a URL and a cookie carry. */
export const newTicket = (): string => randomBytes(32).toString("base64url");

export const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Whether this is the text of the hash, in a time that tells nothing. */
export function isTextOf(hash: string, text: string | undefined): boolean {
  if (text === undefined) return false;
  return timingSafeEqual(Buffer.from(hashOf(text), "hex"), Buffer.from(hash, "hex"));
}

/** Without letters that look like others. */
const ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const LENGTH = 8;

/** For people to type: `7K3F-9QWD`. Good for one state, for minutes and a few tries. */
export function newConfirmation(): string {
  const letters = Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]);
  return `${letters.slice(0, 4).join("")}-${letters.slice(4).join("")}`;
}

/** What is kept of a confirmation: of no use for another state. */
export const confirmationOf = (state: string, typed: string): string =>
  `${state}.${typed.toUpperCase().replaceAll(/[^0-9A-Z]/g, "")}`;
