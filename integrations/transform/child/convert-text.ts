import type { TransformFormat } from "../../../schemas/transform.ts";
import { decode, encode, type FormatOptions } from "../formats.ts";
import type { Question } from "../messages.ts";

/** The value of a text as JSON, or the text of such a value. */
export function convertText(
  { kind, format }: Extract<Question, { kind: "READ" | "WRITE" }>,
  input: string,
): string {
  const { mediaType } = format;
  const options = optionsOf(format);
  if (kind === "READ") return JSON.stringify(decode(mediaType, input, options));
  return String(encode(mediaType, JSON.parse(input), options).body);
}

function optionsOf({ lists, numbers, delimiter, header }: TransformFormat): FormatOptions {
  return {
    ...(numbers && { json: { numbers } }),
    ...(lists && { xml: { lists } }),
    csv: {
      ...(delimiter !== undefined && { delimiter }),
      ...(header !== undefined && { header }),
    },
  };
}
