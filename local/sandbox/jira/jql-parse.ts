import { badRequest } from "../site/api-error.ts";
import { readMinute } from "./jql-time.ts";
import { refuseReserved, type Token, tokenize } from "./jql-tokens.ts";
import type { Zone } from "./time-zone.ts";

export type Comparison = "=" | "<" | "<=" | ">" | ">=";
export type Clause =
  | { kind: "project"; keys: string[] }
  | { kind: "key"; keys: string[] }
  | { kind: "id"; comparison: Comparison; id: number }
  | { kind: "ids"; ids: number[] }
  | { kind: "time"; field: TimeField; comparison: Comparison; minute: number };
export type TimeField = "updated" | "created";
export type Order = { field: TimeField | "key" | "id"; descending: boolean };
/** Clauses are joined by AND; parentheses group, and change nothing. */
export type Query = { clauses: Clause[]; orderBy: Order[] };

export type JqlContext = {
  zone: Zone;
  nowMs: number;
  /** The key of the project with this key, id or name, if the account sees one. */
  projectKey: (value: string) => string | undefined;
};

const FIELDS: Record<string, "project" | "key" | "id" | TimeField> = {
  project: "project",
  key: "key",
  issuekey: "key",
  issue: "key",
  id: "id",
  updated: "updated",
  updateddate: "updated",
  created: "created",
  createddate: "created",
};
const COMPARISONS: Record<string, readonly string[]> = {
  project: ["="],
  key: ["="],
  id: ["=", "<", "<=", ">", ">="],
  updated: ["<", "<=", ">", ">="],
  created: ["<", "<=", ">", ">="],
};
const MAX_ORDER_FIELDS = 7;

/**
 * Throws a 400 that names the token for whatever the sandbox does not know, and for JQL without a
 * restriction.
 */
export function parseJql(jql: string, context: JqlContext): Query {
  const cursor = createCursor(tokenize(jql));
  const clauses =
    cursor.isWord("order") || cursor.peek().kind === "end" ? [] : conjunction(cursor, context);
  const orderBy = cursor.takeWord("order") ? order(cursor) : [];
  if (cursor.peek().kind !== "end") throw unexpected(cursor.peek());
  if (clauses.length === 0) {
    throw badRequest(
      "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.",
    );
  }
  return { clauses, orderBy };
}

type Cursor = {
  peek: () => Token;
  next: () => Token;
  isWord: (word: string) => boolean;
  takeWord: (word: string) => boolean;
  takeOperator: (operator: string) => boolean;
};

function createCursor(tokens: readonly Token[]): Cursor {
  let position = 0;
  const peek = () => tokens[Math.min(position, tokens.length - 1)] as Token;
  const is = (kind: Token["kind"], text: string) =>
    peek().kind === kind && peek().text.toLowerCase() === text;
  const take = (kind: Token["kind"], text: string) => {
    const found = is(kind, text);
    if (found) position += 1;
    return found;
  };
  const next = () => {
    const token = peek();
    position += 1;
    return token;
  };

  return {
    peek,
    next,
    isWord: (word) => is("word", word),
    takeWord: (word) => take("word", word),
    takeOperator: (operator) => take("operator", operator),
  };
}

function conjunction(cursor: Cursor, context: JqlContext): Clause[] {
  const clauses = term(cursor, context);
  while (cursor.takeWord("and")) clauses.push(...term(cursor, context));
  return clauses;
}

function term(cursor: Cursor, context: JqlContext): Clause[] {
  if (!cursor.takeOperator("(")) return [clause(cursor, context)];
  const clauses = conjunction(cursor, context);
  if (!cursor.takeOperator(")")) throw unexpected(cursor.peek());
  return clauses;
}

function clause(cursor: Cursor, context: JqlContext): Clause {
  const name = cursor.next();
  if (name.kind === "end" || name.kind === "operator") throw unexpected(name);
  const field = FIELDS[name.text.toLowerCase()];
  if (field === undefined) {
    throw badRequest(
      `Field '${name.text}' does not exist or you do not have permission to view it. ` +
        where(name),
    );
  }

  const timed = field === "updated" || field === "created";
  if (!timed && cursor.takeWord("in")) return among(field, list(cursor), context);
  const operator = cursor.next();
  if (!COMPARISONS[field]?.includes(operator.text)) {
    throw badRequest(
      `The operator '${operator.text}' is not supported by the '${name.text}' field. ` +
        where(operator),
    );
  }

  const comparison = operator.text as Comparison;
  const token = value(cursor);
  if (timed)
    return {
      kind: "time",
      field,
      comparison,
      minute: readMinute(token, field, context.zone, context.nowMs),
    };
  if (field === "id" && isNumber(token)) return { kind: "id", comparison, id: Number(token.text) };
  if (field === "id" && comparison !== "=")
    throw badRequest(`The value '${token.text}' is not a number. ${where(token)}`);
  return among(field, [token], context);
}

/**
 * `project = / in`, `key = / in`, `id in`. Unknown keys and ids match nothing; an unknown project
 * is a 400.
 */
function among(
  field: "project" | "key" | "id",
  tokens: readonly Token[],
  context: JqlContext,
): Clause {
  if (field === "project")
    return { kind: "project", keys: tokens.map((token) => visibleProject(token, context)) };
  if (tokens.every(isNumber)) return { kind: "ids", ids: tokens.map(({ text }) => Number(text)) };
  return { kind: "key", keys: tokens.map(issueKey) };
}

function visibleProject({ text }: Token, context: JqlContext): string {
  const key = context.projectKey(text);
  if (key === undefined)
    throw badRequest(`The value '${text}' does not exist for the field 'project'.`);
  return key;
}

function issueKey({ text }: Token): string {
  if (!/^[a-z][a-z0-9_]*-\d+$/i.test(text))
    throw badRequest(`The issue key '${text}' for field 'key' is invalid.`);
  return text.toUpperCase();
}

function list(cursor: Cursor): Token[] {
  if (!cursor.takeOperator("(")) throw unexpected(cursor.peek());
  const values = [value(cursor)];
  while (cursor.takeOperator(",")) values.push(value(cursor));
  if (!cursor.takeOperator(")")) throw unexpected(cursor.peek());
  return values;
}

function value(cursor: Cursor): Token {
  const token = cursor.next();
  if (token.kind === "end" || token.kind === "operator") throw unexpected(token);
  refuseReserved(token);
  return token;
}

function order(cursor: Cursor): Order[] {
  if (!cursor.takeWord("by")) throw unexpected(cursor.peek());
  const orders = [orderField(cursor)];
  while (cursor.takeOperator(",")) orders.push(orderField(cursor));
  if (orders.length > MAX_ORDER_FIELDS) {
    throw badRequest(`The maximum number of fields in ORDER BY is ${MAX_ORDER_FIELDS}.`);
  }
  return orders;
}

function orderField(cursor: Cursor): Order {
  const name = cursor.next();
  const field = FIELDS[name.text.toLowerCase()];
  if (field === undefined || field === "project")
    throw badRequest(`Not able to sort using field '${name.text}'. ${where(name)}`);
  const descending = cursor.takeWord("desc");
  if (!descending) cursor.takeWord("asc");
  return { field, descending };
}

const isNumber = ({ text }: Token) => /^\d+$/.test(text);
const where = ({ at }: Token) => `(line 1, character ${at + 1})`;

function unexpected(token: Token) {
  const found = token.kind === "end" ? "the end of the query" : `'${token.text}'`;
  return badRequest(`Error in the JQL Query: Did not expect ${found}. ${where(token)}`);
}
