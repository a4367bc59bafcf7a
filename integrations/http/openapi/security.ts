/** Security schemes as auth types: https://spec.openapis.org/oas/v3.1.1#security-scheme-object */
import { type EgressRules, mayConnect } from "../../../core/egress-guard.ts";
import { HttpAuth } from "../../../schemas/http-connector.ts";
import { cut, isNode, listAt, member, type Node, nodeAt, resolved, textAt } from "./document.ts";
import { Refused } from "./refused.ts";

export interface Security {
  readonly auth: readonly HttpAuth[];
  /**
   * What an operation's credential must allow. Throws `Refused` where no credential of ours is
   * enough.
   */
  readonly scopesOf: (operation: Node) => string[];
}

/** One scheme, or why it is none of ours. Several auth types where it has several OAuth flows. */
type Scheme = { readonly auth: readonly HttpAuth[] } | { readonly refused: string };

/** `given`: what the document's owner says of it, in the document's place. */
export function readSecurity(
  document: Node,
  rules: EgressRules,
  given: readonly HttpAuth[] | undefined,
): Security {
  const named = nodeAt(nodeAt(document, "components"), "securitySchemes");
  const schemes = new Map(
    Object.entries(named)
      .slice(0, 100)
      .map(([name, scheme]) => [name, readScheme(document, scheme, rules)]),
  );
  const usable = given ? new Map<string, Scheme>() : onePerType(schemes);
  const auth = given ?? [...usable.values()].flatMap((one) => ("auth" in one ? one.auth : []));

  const scopesOf = (operation: Node) => {
    const required = requirementsOf(operation) ?? requirementsOf(document) ?? [];
    return given ? scopesIn(required) : scopesFor(required, usable);
  };
  return { auth, scopesOf };
}

function requirementsOf(node: Node): readonly Node[] | undefined {
  return Array.isArray(member(node, "security"))
    ? listAt(node, "security").filter(isNode)
    : undefined;
}

/** The first alternative that one credential fulfils. */
function scopesFor(required: readonly Node[], schemes: ReadonlyMap<string, Scheme>): string[] {
  if (required.length === 0) return [];
  const faults: string[] = [];
  for (const alternative of required) {
    const names = Object.keys(alternative);
    const fault = faultOf(names, schemes);
    if (fault === undefined) return scopesIn([alternative]);
    faults.push(fault);
  }
  throw new Refused("SECURITY", cut([...new Set(faults)].join(" "), 300));
}

function faultOf(
  names: readonly string[],
  schemes: ReadonlyMap<string, Scheme>,
): string | undefined {
  if (names.length > 1) return `It needs ${names.length} credentials at once: ${names.join(", ")}.`;
  const [name] = names;
  if (name === undefined) return undefined;
  const scheme = schemes.get(name);
  if (!scheme) return `The security scheme ${name} is not declared.`;
  return "refused" in scheme ? `The security scheme ${name} ${scheme.refused}` : undefined;
}

const scopesIn = (required: readonly Node[]) =>
  Object.values(required[0] ?? {})
    .flat()
    .filter((scope): scope is string => typeof scope === "string" && scope.length <= 200)
    .slice(0, 100);

/** A credential says its auth type and nothing else: of two schemes alike, the first counts. */
function onePerType(schemes: ReadonlyMap<string, Scheme>): Map<string, Scheme> {
  const byType = new Map<string, string>();
  return new Map(
    [...schemes].map(([name, scheme]): [string, Scheme] => {
      if ("refused" in scheme) return [name, scheme];
      const free = scheme.auth.filter((one) => {
        const same = byType.get(one.type);
        if (same === undefined) byType.set(one.type, JSON.stringify(one));
        return same === undefined;
      });
      const known = scheme.auth.some((one) => byType.get(one.type) === JSON.stringify(one));
      if (free.length > 0 || known) return [name, { auth: free }];
      const [{ type } = { type: "" }] = scheme.auth;
      return [name, { refused: `is a second one of the type ${type}. Only the first is used.` }];
    }),
  );
}

function readScheme(document: Node, value: unknown, rules: EgressRules): Scheme {
  let scheme: unknown;
  try {
    scheme = resolved(document, value);
  } catch (error) {
    if (error instanceof Refused) return { refused: `is refused: ${error.message}` };
    throw error;
  }

  switch (textAt(scheme, "type")) {
    case "apiKey":
      return apiKey(scheme);
    case "http":
      return http(textAt(scheme, "scheme")?.toLowerCase());
    case "oauth2":
      return oauth2(nodeAt(scheme, "flows"), rules);
    case "openIdConnect":
      return {
        refused: "is openIdConnect, whose addresses stand in another document. Declare oauth2.",
      };
    default:
      return {
        refused: `has the type ${cut(textAt(scheme, "type"), 40)}, which is not supported.`,
      };
  }
}

function apiKey(scheme: unknown): Scheme {
  const found = HttpAuth.safeParse({
    type: "apiKey",
    in: textAt(scheme, "in"),
    name: textAt(scheme, "name"),
  });
  return found.success
    ? { auth: [found.data] }
    : { refused: "is a key that stands neither in a header nor in the query." };
}

function http(scheme: string | undefined): Scheme {
  if (scheme === "basic" || scheme === "bearer") return { auth: [{ type: scheme }] };
  return { refused: `is http ${cut(scheme, 40)}, and only basic and bearer are supported.` };
}

function oauth2(flows: Node, rules: EgressRules): Scheme {
  const flow = (name: string, type: string) => {
    const found = nodeAt(flows, name);
    return HttpAuth.safeParse({
      type,
      ...(type === "oauth2" && { authorizationUrl: textAt(found, "authorizationUrl") }),
      tokenUrl: textAt(found, "tokenUrl"),
      scopes: Object.keys(nodeAt(found, "scopes")).filter(({ length }) => length <= 200),
    }).data;
  };

  const auth = [flow("authorizationCode", "oauth2"), flow("clientCredentials", "clientCredentials")]
    .filter((one) => one !== undefined)
    .filter((one) => addressesOf(one).every((url) => mayConnect(url, rules)));
  return auth.length > 0
    ? { auth }
    : {
        refused:
          "has no flow authorizationCode or clientCredentials whose addresses may be called.",
      };
}

export const addressesOf = (auth: HttpAuth): string[] =>
  auth.type === "oauth2"
    ? [auth.authorizationUrl, auth.tokenUrl]
    : auth.type === "clientCredentials"
      ? [auth.tokenUrl]
      : [];
