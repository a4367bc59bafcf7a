import { XMLBuilder, XMLParser, XMLValidator } from "fast-xml-parser";
import { formatFault, isUsableName } from "./format-fault.ts";
import { textOf } from "./text.ts";

export interface XmlOptions {
  /**
   * Elements that are lists even when there is one, or none beside it: paths from the root, for
   * example `feed.entry`.
   */
  readonly lists?: readonly string[];
}

const DEEPEST = 100;
/** The parser takes a second for some ten thousand. */
const MOST_ELEMENTS = 50_000;
const ATTRIBUTE = "@";
const TEXT = "#text";
const SHARED = {
  ignoreAttributes: false,
  attributeNamePrefix: ATTRIBUTE,
  textNodeName: TEXT,
};

/**
 * Elements are names, repeated ones lists, attributes begin with `@`, and a text beside either is
 * `#text`. Every value is a text: 007 is not 7. A document with a DTD fails: it could define
 * entities.
 */
export function readXml(body: Uint8Array, charset?: string, { lists = [] }: XmlOptions = {}) {
  const text = textOf(body, charset ?? declaredCharset(body));
  if (/<!DOCTYPE/i.test(text)) throw formatFault("XML", "has a DTD. Send it without");
  refuseLarge(text);
  // The parser itself takes elements that are not closed.
  if (XMLValidator.validate(text, { allowBooleanAttributes: false }) !== true)
    throw formatFault("XML", "is not well-formed. Check what was sent");

  const listed = new Set(lists);
  const parser = new XMLParser({
    ...SHARED,
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
    maxNestedTags: DEEPEST,
    // Without it, characters by their code are left as they are.
    htmlEntities: true,
    isArray: (_name, path) => listed.has(String(path)),
  });
  try {
    return withoutBlanks(parser.parse(text));
  } catch {
    const remedy = "Flatten it, or rename them";
    throw formatFault(
      "XML",
      `cannot be read: deeper than ${DEEPEST}, or reserved names. ${remedy}`,
    );
  }
}

/** `<?xml version="1.0" encoding="ISO-8859-1"?>` is in ASCII, whatever follows. */
function declaredCharset(body: Uint8Array): string | undefined {
  const head = Buffer.from(body.subarray(0, 200)).toString("latin1");
  return /^[^<]{0,3}<\?xml[^>]{0,100}?encoding=["']([\w.:-]{1,40})["']/.exec(head)?.[1];
}

function refuseLarge(text: string): void {
  let elements = 0;
  for (let at = text.indexOf("<"); at >= 0; at = text.indexOf("<", at + 1)) elements++;
  // An element is opened and closed.
  if (elements > 2 * MOST_ELEMENTS)
    throw formatFault("XML", `has more than ${MOST_ELEMENTS} elements. Ask for fewer at once`);
}

/** Blanks between elements lay them out; those inside a text belong to it. */
function withoutBlanks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutBlanks);
  if (typeof value !== "object" || value === null) return value;

  const entries = Object.entries(value).filter(
    ([name, inner]) => name !== TEXT || String(inner).trim() !== "",
  );
  return Object.fromEntries(entries.map(([name, inner]) => [name, withoutBlanks(inner)]));
}

const NAME = /^@?[\p{L}_][\p{L}\p{N}_.:-]{0,199}$/u;
/** Characters that XML 1.0 cannot say. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSAYABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udfff]/u;

/** What `readXml` reads back. Of an object with one name: the root element. */
export function writeXml(value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw formatFault("value", "is no object with one root element. Give one");
  const [root, ...others] = Object.keys(value);
  if (root === undefined || others.length > 0 || Array.isArray(Object.values(value)[0]))
    throw formatFault("value", "has not exactly one root element. Give it one");

  refuseNames(value, 0);
  const builder = new XMLBuilder({ ...SHARED, suppressBooleanAttributes: false });
  return `<?xml version="1.0" encoding="UTF-8"?>${builder.build(value)}`;
}

function refuseNames(value: unknown, depth: number): void {
  if (depth > DEEPEST) throw formatFault("value", `is nested deeper than ${DEEPEST}. Flatten it`);
  if (typeof value === "string" && UNSAYABLE.test(value))
    throw formatFault("value", "has a character that XML cannot hold. Leave it out");
  if (Array.isArray(value)) for (const one of value) refuseNames(one, depth + 1);
  else if (typeof value === "object" && value !== null) {
    for (const [name, inner] of Object.entries(value)) {
      if (name !== TEXT && (!NAME.test(name) || !isUsableName(name)))
        throw formatFault("value", "has a name that no XML element can have. Rename it");
      refuseNames(inner, depth + 1);
    }
  }
}
