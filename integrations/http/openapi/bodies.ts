/** Bodies of requests: https://spec.openapis.org/oas/v3.1.1#request-body-object */
import { type CallBody, PARAMETER_STYLES } from "../../../schemas/http-connector.ts";
import { cut, isNode, member, type Node, nodeAt, resolved, textAt } from "./document.ts";
import { Refused } from "./refused.ts";

interface ReadBody {
  readonly call: CallBody;
  readonly required: boolean;
  /** Of the parameter `body`, in the document's keywords; references stay. */
  readonly schema: unknown;
}

/** Media types in the order in which they are preferred. */
const FORMS: readonly (readonly [CallBody["form"], RegExp])[] = [
  ["json", /^application\/json$/],
  ["json", /^application\/([\w.-]+\+)?json$/],
  ["form", /^application\/x-www-form-urlencoded$/],
  ["multipart", /^multipart\/form-data$/],
  ["text", /^(text\/.+|application\/([\w.-]+\+)?(xml|yaml|graphql))$/],
  ["binary", /^[\w.+-]+\/[\w.+-]+$/],
];

/**
 * The body of an operation in the form that is read best; undefined where it has none. Throws
 * `Refused` for one that is required and has no form of ours.
 */
export function readBody(document: Node, verb: string, operation: Node): ReadBody | undefined {
  const body = resolved(document, member(operation, "requestBody"));
  if (!isNode(body)) return undefined;
  const required = member(body, "required") === true;
  // RFC 9110, 9.3: what a body of these means is not said, and many servers refuse it.
  if (verb === "GET" || verb === "HEAD") {
    if (!required) return undefined;
    throw new Refused("BODY", `A body of ${verb} is required, which many servers refuse.`);
  }

  const found = preferred(Object.entries(nodeAt(body, "content")));
  if (!found) {
    if (!required) return undefined;
    throw new Refused("BODY", "The body has no media type that is known.");
  }
  return { call: found.call, required, schema: found.schema(document) };
}

function preferred(content: readonly [string, unknown][]) {
  const plain = content.map(([type, media]) => ({ mediaType: bare(type), media }));
  for (const [form, pattern] of FORMS) {
    const one = plain.find(({ mediaType }) => pattern.test(mediaType));
    if (one) return inForm(form, one.mediaType, one.media);
  }
  const any = plain.find(({ mediaType }) => /^(\*|application)\/\*$/.test(mediaType));
  return any && inForm("json", "application/json", any.media);
}

const bare = (type: string) => cut(type.split(";")[0], 128).trim().toLowerCase();

function inForm(form: CallBody["form"], mediaType: string, media: unknown) {
  const schema = member(media, "schema");
  const call = { form, mediaType, files: [], fields: [] };
  if (form === "binary") return { call, schema: () => FILE };
  if (form === "text") return { call, schema: () => ({ type: "string" }) };
  if (form === "json") return { call, schema: () => schema };

  const encodings = Object.entries(nodeAt(media, "encoding")).filter(([, one]) => isNode(one));
  const fields = encodings.map(([name, one]) => fieldOf(name, one as Node));
  const known: { call: CallBody; schema: (document: Node) => unknown } = {
    call: { form, mediaType, files: [], fields },
    schema: () => schema,
  };
  return form === "multipart" ? withFiles(known, schema) : known;
}

function fieldOf(name: string, encoding: Node): CallBody["fields"][number] {
  const style = PARAMETER_STYLES.find((one) => one === textAt(encoding, "style"));
  const explode = member(encoding, "explode");
  return {
    name,
    style: style ?? "form",
    explode: typeof explode === "boolean" ? explode : style === undefined || style === "form",
    asJson: style === undefined && /[/+]json/.test(textAt(encoding, "contentType") ?? ""),
  };
}

const FILE = {
  type: "object",
  properties: { contentBase64: { type: "string", description: "The bytes in base64." } },
  required: ["contentBase64"],
  additionalProperties: false,
};
const FILE_PART = {
  ...FILE,
  properties: {
    ...FILE.properties,
    fileName: { type: "string", maxLength: 255 },
    mediaType: { type: "string", maxLength: 127 },
  },
};

/** Files of a multipart body are written in base64 in the parameters of a method. */
function withFiles(body: { call: CallBody; schema: unknown }, schema: unknown) {
  const files: string[] = [];
  const call = { ...body.call, files };
  return {
    call,
    schema(document: Node) {
      const found = resolved(document, schema);
      const properties = Object.entries(nodeAt(found, "properties")).map(([name, inner]) => {
        const one = resolved(document, inner);
        const isList = textAt(one, "type") === "array";
        if (!isFile(isList ? resolved(document, member(one, "items")) : one)) return [name, inner];
        files.push(name);
        return [name, isList ? { type: "array", items: FILE_PART } : FILE_PART];
      });
      if (!isNode(found)) return { type: "object" };
      return files.length > 0 ? { ...found, properties: Object.fromEntries(properties) } : schema;
    },
  };
}

/** OpenAPI 3.0 says it with `format`, 3.1 with keywords of JSON Schema. */
const isFile = (schema: unknown) =>
  ["binary", "byte", "base64"].includes(textAt(schema, "format") ?? "") ||
  (textAt(schema, "contentMediaType") !== undefined &&
    textAt(schema, "contentEncoding") === undefined);
