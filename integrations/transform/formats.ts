/**
 * Values of texts and texts of values, by media type. For the child process: parsers of whatever a
 * vendor sent are ended there when they take too long. Numbers that a double does not hold exactly
 * are texts of their digits, in every format. What is not well-formed, or larger than its bounds,
 * throws `TRANSFORM_FAILED` without a word of it.
 */
import { type CsvOptions, readCsv, writeCsv } from "./formats/csv.ts";
import type { Encoded } from "./formats/encoded.ts";
import { readForm, writeForm } from "./formats/form.ts";
import { formatFault } from "./formats/format-fault.ts";
import { type JsonOptions, readJson, writeJson } from "./formats/json.ts";
import { readMultipart, writeMultipart } from "./formats/multipart.ts";
import { textOf } from "./formats/text.ts";
import { readXml, writeXml, type XmlOptions } from "./formats/xml.ts";
import { type FormatName, formatName, type MediaParameters, parametersOf } from "./media-types.ts";

export type { Encoded };

export interface FormatOptions {
  readonly json?: JsonOptions;
  readonly csv?: CsvOptions;
  readonly xml?: XmlOptions;
}

/** As much as a vendor's answer may have. */
const LARGEST_BYTES = 5_242_880;

interface Format {
  read(body: Uint8Array, parameters: MediaParameters, options: FormatOptions): unknown;
  write(value: unknown, options: FormatOptions): Encoded;
}

const FORMATS: Readonly<Record<FormatName, Format>> = {
  json: {
    read: (body, { charset }, { json }) => readJson(textOf(body, charset), json),
    write: (value, { json }) => ({
      contentType: "application/json",
      body: writeJson(value, json),
    }),
  },
  form: {
    read: (body, { charset }) => readForm(body, charset),
    write: (value) => ({
      contentType: "application/x-www-form-urlencoded",
      body: writeForm(value),
    }),
  },
  xml: {
    read: (body, { charset }, { xml }) => readXml(body, charset, xml),
    write: (value) => ({
      contentType: "application/xml; charset=utf-8",
      body: writeXml(value),
    }),
  },
  csv: {
    read: (body, { charset }, { csv }) => readCsv(textOf(body, charset), csv),
    write: (value, { csv }) => ({
      contentType: "text/csv; charset=utf-8",
      body: writeCsv(value, csv),
    }),
  },
  multipart: {
    read: (body, { boundary }) => readMultipart(body, boundary),
    write: writeMultipart,
  },
  text: {
    read: (body, { charset }) => textOf(body, charset),
    write: (value) => ({ contentType: "text/plain; charset=utf-8", body: String(value ?? "") }),
  },
};

/** The value of a body. `mediaType` as a header `content-type` has it. */
export function decode(
  mediaType: string,
  body: Uint8Array | string,
  options: FormatOptions = {},
): unknown {
  const { format, parameters } = formatOf(mediaType);
  const bytes = typeof body === "string" ? Buffer.from(body, "utf8") : body;
  if (bytes.length > LARGEST_BYTES)
    throw formatFault("body", `is larger than ${LARGEST_BYTES} bytes. Ask for less at once`);

  return format.read(bytes, typeof body === "string" ? without(parameters) : parameters, options);
}

/** The body of a value, and the media type that tells how to read it. */
export function encode(mediaType: string, value: unknown, options: FormatOptions = {}): Encoded {
  return formatOf(mediaType).format.write(value, options);
}

/** A text was decoded already, whatever its charset was. */
function without({ charset: _, ...others }: MediaParameters): MediaParameters {
  return others;
}

function formatOf(mediaType: string): { format: Format; parameters: MediaParameters } {
  const name = formatName(mediaType);
  if (!name) throw formatFault("media type", "has no format here. Use JSON, form, XML or CSV");
  return { format: FORMATS[name], parameters: parametersOf(mediaType) };
}
