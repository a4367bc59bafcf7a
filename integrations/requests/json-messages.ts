/** Requests and answers in JSON. */
import { DomainError } from "../../schemas/errors.ts";
import type { VendorAnswer, VendorRequest } from "../plugin.ts";

export type JsonObject = Record<string, unknown>;

/** Without a body where `body` is undefined. Names of headers are in lower case. */
export function jsonRequest(
  method: VendorRequest["method"],
  url: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): VendorRequest {
  if (body === undefined)
    return { method, url, headers: { accept: "application/json", ...headers } };

  const json = { accept: "application/json", "content-type": "application/json" };
  return { method, url, headers: { ...json, ...headers }, body: JSON.stringify(body) };
}

/**
 * The JSON of an answer; null where the body is empty. Whole numbers that a double cannot hold come
 * as text. Throws `EXECUTION_ERROR` for anything else, without repeating it.
 */
export function jsonOf({ status, body }: VendorAnswer): unknown {
  const text = new TextDecoder().decode(body);
  if (text.trim() === "") return null;

  try {
    return /\d{16}/.test(text) ? JSON.parse(text, exactly) : JSON.parse(text);
  } catch {
    throw unreadable(status);
  }
}

/** `data` of a method whose answer says nothing but that it is done. */
export const nothing = (): null => null;

/** The object of an answer. Throws `EXECUTION_ERROR` where it is none. */
export function objectOf(answer: VendorAnswer): JsonObject {
  const value = jsonOf(answer);
  if (isObject(value)) return value;
  throw unreadable(answer.status);
}

/** The list of an answer, or under `name` in its object. Throws `EXECUTION_ERROR` without one. */
export function listOf(answer: VendorAnswer, name?: string): unknown[] {
  const found = name === undefined ? jsonOf(answer) : objectOf(answer)[name];
  if (Array.isArray(found)) return found;
  throw unreadable(answer.status);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The JSON object of a refusal, which may be anything: empty where it is no object. */
export function looseObjectOf(answer: VendorAnswer): JsonObject {
  try {
    return objectOf(answer);
  } catch {
    return {};
  }
}

function exactly(_: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? "";
  return /^-?\d+$/.test(source) ? source : value;
}

/** A login page, half a text, another shape: something stands before the vendor. */
function unreadable(status: number): DomainError {
  return new DomainError(
    "EXECUTION_ERROR",
    "The vendor's answer has not the form that its API promises. Check the endpoint's address, " +
      "and what stands before it.",
    { vendorStatus: status },
  );
}
