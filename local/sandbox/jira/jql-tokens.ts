import { badRequest } from "../site/api-error.ts";

export type Token = { kind: "word" | "string" | "operator" | "end"; text: string; at: number };

/**
 * Words that JQL keeps for itself (from its reference): a project or value of this name must be
 * quoted.
 */
const RESERVED = new Set(
  `abort access add after alias all alter and any are as asc at audit avg be before begin
  between boolean break but by byte catch change char check checkpoint collate column commit
  connect continue count create current date decimal declare default delete desc difference
  distinct divide do drop else empty encoding end equals escape exclusive exec execute
  exists explain false fetch file field first float for from function go goto grant group
  having identified if immediate in increment index initial inner inout input insert int
  integer intersect into is isnull join last left less like limit lock long max min minus
  mode modify more multiply next noaudit not notin nowait null number object of on option or
  order outer output power previous prior privileges public raise raw remainder rename
  resource return returns revoke right row rowid rownum rows select session set share size
  sqrt start strict string subtract sum synonym table then to trans transaction trigger true
  uid union unique update user validate values view was when whenever where while with`.split(
    /\s+/,
  ),
);
const PATTERN =
  /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(<=|>=|!=|!~|[=<>~(),])|([^\s"'=<>!~(),]+))/y;

/** Throws a 400 at the first character that starts no token. */
export function tokenize(jql: string): Token[] {
  const tokens: Token[] = [];
  PATTERN.lastIndex = 0;
  let at = 0;
  while (jql.slice(at).trim() !== "") {
    const match = PATTERN.exec(jql);
    if (match === null)
      throw badRequest(
        `Error in the JQL Query: Unexpected character at (line 1, character ${at + 1}).`,
      );
    tokens.push(toToken(match, at));
    at = PATTERN.lastIndex;
  }

  return [...tokens, { kind: "end", text: "", at: jql.length }];
}

export function refuseReserved({ kind, text, at }: Token): void {
  if (kind !== "word" || !RESERVED.has(text.toLowerCase())) return;
  throw badRequest(
    `Error in the JQL Query: '${text}' is a reserved JQL word. You must surround it in ` +
      `quotation marks to use it in a query. (line 1, character ${at + 1})`,
  );
}

function toToken([, double, single, operator, word]: RegExpExecArray, at: number): Token {
  const quoted = double ?? single;
  if (quoted !== undefined) return { kind: "string", text: quoted.replace(/\\(.)/g, "$1"), at };
  return operator === undefined
    ? { kind: "word", text: word ?? "", at }
    : { kind: "operator", text: operator, at };
}
