/** Parameters of operations: https://spec.openapis.org/oas/v3.1.1#parameter-object */
import { type CallParameter, PARAMETER_STYLES } from "../../../schemas/http-connector.ts";
import { BOUNDS } from "./bounds.ts";
import { cut, isNode, listAt, member, type Node, nodeAt, resolved, textAt } from "./document.ts";
import { Refused } from "./refused.ts";

export interface ReadParameter {
  readonly call: CallParameter;
  readonly required: boolean;
  /** As the document has it. */
  readonly schema: unknown;
  readonly description: string;
}

/** What is ours to say, or the connection's; what credentials and proxies are told by. */
const IGNORED_HEADERS = new Set(["accept", "content-type", "authorization"]);
const REFUSED_HEADERS =
  /^(host|content-length|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|cookie|forwarded|via|proxy-.*|x-forwarded-.*|x-amz-.*|sec-.*)$/;
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/;

const STYLES: Readonly<Record<CallParameter["in"], readonly string[]>> = {
  path: ["simple", "label", "matrix"],
  query: ["form", "spaceDelimited", "pipeDelimited", "deepObject"],
  header: ["simple"],
};

/**
 * The parameters of an operation and of its path: the operation's win. Names are unique: of two
 * alike, the later says where it stands (`query_id`). Throws `Refused` for one that is required and
 * cannot be sent; one that is not required is left out.
 */
export function readParameters(document: Node, path: Node, operation: Node): ReadParameter[] {
  const all = [...listAt(path, "parameters"), ...listAt(operation, "parameters")];
  if (all.length > BOUNDS.parameters)
    throw new Refused("LIMIT", `It has more than ${BOUNDS.parameters} parameters.`);

  const byPlace = new Map<string, Node>();
  for (const one of all) {
    const found = resolved(document, one);
    if (!isNode(found)) throw new Refused("PARAMETER", "A parameter is no object.");
    byPlace.set(`${textAt(found, "in")} ${textAt(found, "name")}`, found);
  }

  const taken = new Set(["body"]);
  return [...byPlace.values()].flatMap((one) => {
    const read = readParameter(document, one);
    if (!read) return [];
    const { name, in: place } = read.call;
    const param = taken.has(name) ? `${place}_${name}` : name;
    if (taken.has(param)) throw new Refused("PARAMETER", `Two parameters are called ${param}.`);
    taken.add(param);
    return [{ ...read, call: { ...read.call, param } }];
  });
}

function readParameter(document: Node, parameter: Node): ReadParameter | undefined {
  const place = textAt(parameter, "in");
  const name = textAt(parameter, "name") ?? "";
  const required = place === "path" || member(parameter, "required") === true;
  const fault = faultOf(place, name);
  if (fault && required) throw fault;
  if (fault || (place === "header" && IGNORED_HEADERS.has(name.toLowerCase()))) return undefined;

  const content = Object.entries(nodeAt(parameter, "content"));
  const [mediaType, media] = content[0] ?? [];
  if (mediaType !== undefined && !/[/+]json/.test(mediaType)) {
    if (!required) return undefined;
    throw new Refused("PARAMETER", `The parameter ${name} is written as ${cut(mediaType, 80)}.`);
  }

  return {
    call: {
      param: name,
      name,
      in: place as CallParameter["in"],
      ...styleOf(parameter, place as CallParameter["in"], name),
      asJson: mediaType !== undefined,
      severalParts: place === "path" && isSeveralParts(parameter),
    },
    required,
    schema: mediaType === undefined ? member(parameter, "schema") : member(media, "schema"),
    description: cut(textAt(resolved(document, parameter), "description"), BOUNDS.description),
  };
}

function faultOf(place: string | undefined, name: string): Refused | undefined {
  const shown = cut(name, 80);
  if (place === "cookie") return new Refused("COOKIE", `The parameter ${shown} is a cookie.`);
  if (place !== "path" && place !== "query" && place !== "header")
    return new Refused(
      "PARAMETER",
      `The parameter ${shown} stands neither in path, query nor header.`,
    );
  if (name === "" || name === "__proto__" || name.length > BOUNDS.nameLength)
    return new Refused("PARAMETER", "A parameter has no usable name.");
  if (place !== "header") return undefined;
  return !HEADER_NAME.test(name) || REFUSED_HEADERS.test(name.toLowerCase())
    ? new Refused("PARAMETER", `The header ${shown} is not the caller's to set.`)
    : undefined;
}

function styleOf(
  parameter: Node,
  place: CallParameter["in"],
  name: string,
): Pick<CallParameter, "style" | "explode"> {
  const said = textAt(parameter, "style") ?? (place === "query" ? "form" : "simple");
  const style = PARAMETER_STYLES.find((one) => one === said);
  if (!style || !STYLES[place].includes(style))
    throw new Refused("PARAMETER", `The parameter ${name} has the style ${cut(said, 40)}.`);
  const explode = member(parameter, "explode");
  return { style, explode: typeof explode === "boolean" ? explode : style === "form" };
}

/** OpenAPI has no word for it; GitHub and OpenAPI 3.2 have one each. */
const isSeveralParts = (parameter: Node) =>
  member(parameter, "x-multi-segment") === true || member(parameter, "allowReserved") === true;
