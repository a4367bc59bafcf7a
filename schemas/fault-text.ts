/**
 * What is wrong with a value, in words that end with what would be right. Never repeats the value:
 * it may be a secret.
 */
import type * as z from "zod";

type Issue = z.core.$ZodIssue;

export function faultText(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.message.endsWith("received undefined")
        ? "is missing"
        : `must be ${A[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `must be one of ${issue.values.map(String).join(", ")}`;
    case "unrecognized_keys":
      return `${issue.keys.join(", ")}: unknown key. Leave it out`;
    case "too_small":
      return sizeText(issue.origin, "at least", Number(issue.minimum));
    case "too_big":
      return sizeText(issue.origin, "at most", Number(issue.maximum));
    default:
      return issue.message;
  }
}

const A: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
  null: "null",
};

function sizeText(origin: string, bound: string, size: number): string {
  if (origin === "string") return `must have ${bound} ${counted(size, "character")}`;
  if (origin === "array" || origin === "set" || origin === "map")
    return `must have ${bound} ${counted(size, "item")}`;
  return `must be ${bound} ${size}`;
}

function counted(size: number, noun: string): string {
  return `${size} ${noun}${size === 1 ? "" : "s"}`;
}
