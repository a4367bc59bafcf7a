/**
 * Texts of issues, comments and worklogs. REST v3 takes the Atlassian Document Format only:
 * https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/
 */
import { isObject } from "../requests/json-messages.ts";
import { unfit } from "../requests/vendor-url.ts";

/** Plain text, or a document as it is. Throws `VALIDATION_ERROR` for anything else. */
export function documentOf(name: string, value: unknown): unknown {
  if (typeof value === "string") return { type: "doc", version: 1, content: paragraphs(value) };
  if (isObject(value) && value.type === "doc" && Array.isArray(value.content)) return value;
  throw unfit(name, "must be plain text or a document of type `doc`");
}

/** An empty line ends a paragraph, any other line end is a break in it. */
function paragraphs(text: string): unknown[] {
  return text
    .replaceAll("\r\n", "\n")
    .split(/\n{2,}/)
    .filter((paragraph) => paragraph !== "")
    .map((paragraph) => ({ type: "paragraph", content: linesOf(paragraph) }));
}

/** A text node must not be empty. */
function linesOf(paragraph: string): unknown[] {
  return paragraph
    .split("\n")
    .flatMap((line, at) => [
      ...(at > 0 ? [{ type: "hardBreak" }] : []),
      ...(line === "" ? [] : [{ type: "text", text: line }]),
    ]);
}

export function documentSchema(description: string): Record<string, unknown> {
  return {
    description: `${description} Plain text, or a document in the Atlassian Document Format.`,
    anyOf: [
      { type: "string", maxLength: 32_767 },
      {
        type: "object",
        properties: {
          type: { const: "doc" },
          version: { const: 1 },
          content: { type: "array", items: { type: "object" }, maxItems: 5000 },
        },
        required: ["type", "version", "content"],
        additionalProperties: false,
      },
    ],
  };
}
