import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { schemaFaults } from "../../../core/json-schema.ts";
import { unknownKeywords } from "../../../core/schema-keywords.ts";
import { Method } from "../../../schemas/method.ts";
import { readDocument } from "./read-document.ts";

const RULES = { allowPrivateNetworks: false };
const OK = { "200": { description: "Fine." } };

const aDocument = (paths: object, more: object = {}) => ({
  openapi: "3.1.0",
  info: { title: "Desk", version: "1" },
  servers: [{ url: "https://desk.example.com/api/" }],
  paths,
  ...more,
});
const read = (paths: object, more: object = {}) =>
  readDocument(aDocument(paths, more), { rules: RULES });
const operation = (changes: object = {}, path = "/x", verb = "get") =>
  read({ [path]: { [verb]: { operationId: "x", responses: OK, ...changes } } });
const onlyMethod = (changes: object = {}, path = "/x", verb = "get") => {
  const { methods, refused } = operation(changes, path, verb);
  expect(refused).toEqual([]);
  return methods[0] as NonNullable<(typeof methods)[0]>;
};
const refusal = (changes: object, path = "/x", verb = "get") =>
  operation(changes, path, verb).refused[0];

describe("an operation becomes a method", () => {
  it("with its words, parameters, body and answer", () => {
    const issue = { type: "object", properties: { id: { type: "integer", readOnly: true } } };
    const { methods, refused, http, title } = read(
      {
        "/issues/{id}": {
          parameters: [{ name: "id", in: "path", required: true, schema: { type: "integer" } }],
          put: {
            operationId: "issues/update",
            summary: "Update an issue",
            tags: ["issue"],
            parameters: [{ $ref: "#/components/parameters/Dry" }],
            requestBody: {
              required: true,
              content: { "application/json": { schema: { $ref: "#/components/schemas/Issue" } } },
            },
            responses: {
              "200": {
                content: { "application/json": { schema: { $ref: "#/components/schemas/Issue" } } },
              },
            },
          },
        },
      },
      {
        components: {
          schemas: { Issue: issue },
          parameters: { Dry: { name: "dryRun", in: "query", schema: { type: "boolean" } } },
        },
      },
    );

    expect({ title, refused, url: http.baseUrl }).toEqual({
      title: "Desk",
      refused: [],
      url: "https://desk.example.com/api",
    });
    expect(methods).toEqual([
      {
        method: {
          name: "issues.update",
          title: "Update an issue",
          description: "",
          resource: "issue",
          paramSchema: {
            type: "object",
            properties: {
              id: { type: "integer" },
              dryRun: { type: "boolean" },
              body: { $ref: "#/$defs/Issue" },
            },
            required: ["id", "body"],
            additionalProperties: false,
            $defs: { Issue: { type: "object" } },
          },
          responseSchema: {
            $ref: "#/$defs/Issue",
            $defs: { Issue: { type: "object", properties: { id: { type: "integer" } } } },
          },
          safe: false,
          idempotent: true,
          scopes: [],
        },
        call: {
          verb: "PUT",
          path: "/issues/{id}",
          parameters: [
            {
              param: "id",
              name: "id",
              in: "path",
              style: "simple",
              explode: false,
              asJson: false,
              severalParts: false,
            },
            {
              param: "dryRun",
              name: "dryRun",
              in: "query",
              style: "form",
              explode: true,
              asJson: false,
              severalParts: false,
            },
          ],
          body: { form: "json", mediaType: "application/json", files: [], fields: [] },
          accept: "application/json",
        },
      },
    ]);
  });

  it("under a name of its own, in whatever order the document is written", () => {
    const paths = {
      "/a": { get: { operationId: "same", responses: OK } },
      "/b": { get: { operationId: "same", responses: OK } },
      "/c/{d}": {
        delete: {
          responses: OK,
          parameters: [{ name: "d", in: "path", required: true, schema: {} }],
        },
      },
      "/e-f": { get: { responses: OK } },
      "/e_f": { get: { responses: OK } },
      "/ü": { get: { operationId: "é", responses: OK } },
    };
    const names = (some: object) =>
      read(some)
        .methods.map(({ method, call }) => `${call?.path} ${method.name}`)
        .sort();
    const backwards = Object.fromEntries(Object.entries(paths).reverse());
    expect(names(paths)).toEqual(names(backwards));
    expect(names(paths)).toEqual([
      "/a get_.a",
      "/b get_.b",
      "/c/{d} delete_.c._d",
      "/e-f get_.e-f",
      "/e_f get_.e_f",
    ]);
  });

  it("whose parameters of one name say where they stand", () => {
    const parameter = (place: string) => ({ name: "id", in: place, required: true, schema: {} });
    const { method } = onlyMethod(
      { parameters: [parameter("path"), parameter("query"), { name: "body", in: "query" }] },
      "/x/{id}",
    );
    expect(Object.keys(method.paramSchema.properties as object)).toEqual([
      "id",
      "query_id",
      "query_body",
    ]);
  });

  it("with files in base64 where its body is multipart", () => {
    const schema = {
      type: "object",
      properties: { note: { type: "string" }, file: { type: "string", format: "binary" } },
    };
    const { method, call } = onlyMethod(
      { requestBody: { content: { "multipart/form-data": { schema } } } },
      "/x",
      "post",
    );
    expect(call?.body).toMatchObject({ form: "multipart", files: ["file"] });
    const body = { note: "n", file: { fileName: "a.txt", contentBase64: "aGk=" } };
    expect(schemaFaults(method.paramSchema, { body })).toEqual([]);
    expect(schemaFaults(method.paramSchema, { body: { file: "hi" } })).not.toEqual([]);
  });

  it("with OpenAPI 3.0's nullable and exclusive bounds in the words of JSON Schema", () => {
    const schema = {
      type: "object",
      properties: {
        name: { type: "string", nullable: true, enum: ["a"] },
        count: { type: "integer", minimum: 0, exclusiveMinimum: true },
        ref: { nullable: true, allOf: [{ $ref: "#/components/schemas/Text" }] },
      },
    };
    const { methods } = read(
      {
        "/x": {
          post: {
            requestBody: { content: { "application/json": { schema } } },
            responses: OK,
          },
        },
      },
      { openapi: "3.0.3", components: { schemas: { Text: { type: "string" } } } },
    );
    const faults = (body: object) => schemaFaults(methods[0]?.method.paramSchema ?? {}, { body });
    expect(faults({ name: null, count: 1, ref: null })).toEqual([]);
    expect(faults({ name: "a", ref: "text" })).toEqual([]);
    expect(faults({ name: "b" })).toHaveLength(1);
    expect(faults({ count: 0 })).toHaveLength(1);
    expect(faults({ ref: 1 })).not.toEqual([]);
  });
});

describe("what is dropped of a schema loosens it", () => {
  const paramSchema = (schema: object) =>
    onlyMethod({ parameters: [{ name: "a", in: "query", schema }] }).method.paramSchema;
  const accepts = (schema: object, a: unknown) =>
    schemaFaults(paramSchema(schema), { a }).length === 0;
  const bomb = { pattern: "^(a+)+$" };

  it("a pattern that can run away, and keywords around it that would tighten", () => {
    expect(JSON.stringify(paramSchema({ type: "string", ...bomb }))).not.toContain("a+");
    expect(accepts({ type: "string", ...bomb }, "b")).toBe(true);
    expect(accepts({ not: bomb }, "aaa")).toBe(true);
    expect(accepts({ oneOf: [{ type: "string", ...bomb }, { type: "string" }] }, "b")).toBe(true);
    expect(
      accepts({ patternProperties: { "(a+)+": {} }, additionalProperties: false }, { b: 1 }),
    ).toBe(true);
    expect(accepts(JSON.parse('{"if":{"pattern":"(a+)+"},"then":false}'), "aaa")).toBe(true);
  });

  it("and what can be checked is", () => {
    expect(accepts({ type: "string", pattern: "^a+$" }, "b")).toBe(false);
    expect(accepts({ oneOf: [{ type: "string" }, { type: "integer" }] }, true)).toBe(false);
    expect(accepts({ not: { type: "string" } }, "a")).toBe(false);
    expect(accepts({ dependentRequired: {}, type: "object" }, "a")).toBe(false);
  });

  it("whatever the schema is, only known keywords are left, and the check ends", () => {
    const keyword = fc.constantFrom(
      ...["type", "nullable", "$ref", "enum", "const", "pattern", "format", "items", "properties"],
      ...["required", "additionalProperties", "allOf", "anyOf", "oneOf", "not", "if", "minimum"],
      ...["exclusiveMinimum", "maxLength", "multipleOf", "prefixItems", "$dynamicRef", "readOnly"],
    );
    const { schema } = fc.letrec((tie) => ({
      schema: fc.oneof({ depthSize: "small" }, fc.constant({}), tie("node"), fc.boolean()),
      node: fc.dictionary(
        keyword,
        fc.oneof(
          { depthSize: "small" },
          fc.constantFrom<unknown>("string", "object", "array", "#/components/schemas/A", "(a+)+"),
          fc.jsonValue({ maxDepth: 1 }),
          tie("schema"),
          fc.array(tie("schema"), { maxLength: 3 }),
          fc.dictionary(fc.constantFrom("a", "b", "constructor"), tie("schema"), { maxKeys: 3 }),
        ),
        { maxKeys: 5 },
      ),
    }));

    fc.assert(
      fc.property(schema, schema, fc.jsonValue(), (one, A, value) => {
        const { methods, refused } = read(
          {
            "/x": {
              post: {
                parameters: [{ name: "a", in: "query", schema: one }],
                responses: { "200": { content: { "application/json": { schema: one } } } },
              },
            },
          },
          { components: { schemas: { A } } },
        );
        expect(methods.length + refused.length).toBe(1);
        for (const { method } of methods) {
          expect(Method.safeParse(method).success).toBe(true);
          expect(unknownKeywords(method.paramSchema)).toEqual([]);
          expect(unknownKeywords(method.responseSchema ?? {})).toEqual([]);
          schemaFaults(method.paramSchema, { a: value });
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("what cannot be called is refused by name and reason", () => {
  const parameter = (changes: object) => ({ parameters: [{ name: "a", in: "query", ...changes }] });

  it.each([
    ["COOKIE", parameter({ in: "cookie", required: true })],
    ["PARAMETER", parameter({ in: "elsewhere", required: true })],
    ["PARAMETER", parameter({ in: "header", name: "Host", required: true })],
    ["PARAMETER", parameter({ in: "header", name: "X-Amz-Date", required: true })],
    ["PARAMETER", parameter({ in: "header", name: "a b", required: true })],
    ["PARAMETER", parameter({ name: "__proto__", required: true })],
    ["PARAMETER", parameter({ style: "matrix" })],
    ["PARAMETER", parameter({ required: true, content: { "application/xml": {} } })],
    ["EXTERNAL_REF", parameter({ schema: { $ref: "https://evil.example/x.json#/a" } })],
    ["EXTERNAL_REF", { parameters: [{ $ref: "other.yaml#/a" }] }],
    ["BROKEN_REF", parameter({ schema: { $ref: "#/components/schemas/Gone" } })],
    ["BROKEN_REF", parameter({ schema: { $ref: "#/constructor/name" } })],
    ["BROKEN_REF", parameter({ schema: { $ref: "#anchor" } })],
    ["BROKEN_REF", parameter({ schema: { $ref: "#/%E0%A4%A" } })],
    ["SCHEMA", parameter({ schema: { properties: JSON.parse('{"__proto__":{}}') } })],
    ["SERVER", { servers: [{ url: "https://elsewhere.example" }] }],
    ["SERVER", { responses: { "302": {} } }],
    ["SECURITY", { security: [{ unknown: [] }] }],
  ])("%s: %j", (reason, changes) => {
    expect(refusal(changes)).toMatchObject({ operation: "GET /x", reason });
  });

  it.each([
    "/../x",
    "/%2e%2e/x",
    "/x?y=1",
    "/x#y",
    "/a\\b",
    "/a%2fb",
    "//x",
    "x",
    "/%zz",
    "/{a}/{b",
  ])("the path %s", (path) => {
    expect(refusal({}, path)?.reason).toMatch(/PATH|PARAMETER/);
  });

  it("verbs, bodies, and parts that are made of themselves", () => {
    expect(refusal({}, "/x", "trace")?.reason).toBe("VERB");
    const body = { required: true, content: { "application/json": {} } };
    expect(refusal({ requestBody: body })?.reason).toBe("BODY");
    expect(refusal({ requestBody: { required: true } }, "/x", "post")?.reason).toBe("BODY");

    const circle = { A: { allOf: [{ $ref: "#/components/schemas/A" }] } };
    const schema = { $ref: "#/components/schemas/A" };
    const { refused } = read(
      { "/x": { get: { parameters: [{ name: "a", in: "query", schema }], responses: OK } } },
      { components: { schemas: circle } },
    );
    expect(refused[0]).toMatchObject({
      reason: "SCHEMA",
      detail: "The schema A is made of itself.",
    });
  });

  it("an optional parameter that cannot be sent is left out", () => {
    const { method } = onlyMethod(parameter({ in: "cookie" }));
    expect(method.paramSchema.properties).toEqual({});
  });

  it("a schema that refers to itself through its members is no circle", () => {
    const tree = { type: "object", properties: { next: { $ref: "#/components/schemas/Tree" } } };
    const schema = { $ref: "#/components/schemas/Tree" };
    const { methods } = read(
      {
        "/x": {
          post: { requestBody: { content: { "application/json": { schema } } }, responses: OK },
        },
      },
      { components: { schemas: { Tree: tree } } },
    );
    const faults = (body: unknown) => schemaFaults(methods[0]?.method.paramSchema ?? {}, { body });
    expect(faults({ next: { next: {} } })).toEqual([]);
    expect(faults({ next: { next: 1 } })).toHaveLength(1);
  });
});

describe("security schemes become auth types", () => {
  const withSchemes = (securitySchemes: object, security: unknown) =>
    readDocument(
      aDocument(
        { "/x": { get: { security, responses: OK } } },
        { components: { securitySchemes } },
      ),
      { rules: RULES },
    );
  const key = { type: "apiKey", in: "header", name: "X-Key" };
  const oauth = {
    type: "oauth2",
    flows: {
      authorizationCode: {
        authorizationUrl: "https://id.example.com/authorize",
        tokenUrl: "https://id.example.com/token",
        scopes: { read: "", write: "" },
      },
    },
  };

  it("keys, basic, bearer and OAuth 2.0, with the scopes of an operation", () => {
    const { http, methods } = withSchemes(
      { key, basic: { type: "http", scheme: "Basic" }, oauth },
      [{ key: [], oauth: ["read"] }, { oauth: ["write"] }],
    );
    expect(http.auth.map(({ type }) => type)).toEqual(["apiKey", "basic", "oauth2"]);
    expect(methods[0]?.method.scopes).toEqual(["write"]);
  });

  it.each([
    ["openIdConnect", { type: "openIdConnect", openIdConnectUrl: "https://id.example.com" }],
    ["neither in a header", { ...key, in: "cookie" }],
    ["only basic and bearer", { type: "http", scheme: "digest" }],
    ["not supported", { type: "mutualTLS" }],
    ["no flow", { type: "oauth2", flows: { implicit: {} } }],
    [
      "no flow",
      {
        type: "oauth2",
        flows: { clientCredentials: { tokenUrl: "https://169.254.169.254/", scopes: {} } },
      },
    ],
  ])("another is refused: %s", (words, scheme) => {
    const { http, refused } = withSchemes({ one: scheme }, [{ one: [] }]);
    expect(http.auth).toEqual([]);
    expect(refused[0]).toMatchObject({ reason: "SECURITY" });
    expect(refused[0]?.detail).toContain(words);
  });

  it("two at once, and a second of a kind, are refused", () => {
    expect(withSchemes({ key, oauth }, [{ key: [], oauth: [] }]).refused[0]?.detail).toContain(
      "at once",
    );
    const other = { ...key, name: "X-Other" };
    expect(withSchemes({ key, other }, [{ other: [] }]).refused[0]?.detail).toContain("second one");
  });

  it("what the owner says of it counts instead", () => {
    const auth = [{ type: "bearer" as const }];
    const { http } = readDocument(aDocument({ "/x": { get: { responses: OK } } }), {
      rules: RULES,
      auth,
    });
    expect(http.auth).toEqual(auth);
  });
});

describe("a document as a whole", () => {
  const whole = (more: object, options: object = {}) =>
    readDocument(aDocument({ "/x": { get: { responses: OK } } }, more), {
      rules: RULES,
      ...options,
    });

  it.each([
    ["http://169.254.169.254/latest"],
    ["https://169.254.169.254/"],
    ["https://localhost/"],
    ["https://10.0.0.1/"],
    ["https://user:pass@x.example.com/"],
    ["https://x.example.com:8443/"],
    ["file:///etc/passwd"],
    ["/relative"],
  ])("whose server is %s is refused", (url) => {
    expect(() => whole({ servers: [{ url }] })).toThrow(/The document is refused/);
  });

  it("takes servers with variables, and what its owner says", () => {
    const variables = { region: { default: "eu" } };
    const servers = [{ url: "https://{region}.example.com/v1", variables }];
    expect(whole({ servers }).http.baseUrl).toBe("https://eu.example.com/v1");
    expect(whole({ servers: [] }).http.baseUrl).toBeNull();
    const baseUrl = "https://own.example.com/";
    expect(whole({ servers: [{ url: "/v2" }] }, { baseUrl }).http.baseUrl).toBe(
      "https://own.example.com/v2",
    );
  });

  it.each([null, [], "text", {}, { swagger: "2.0" }, { openapi: "2.0" }, { openapi: 3 }])(
    "%j is refused",
    (document) => {
      expect(() => readDocument(document, { rules: RULES })).toThrow(/The document is refused/);
    },
  );

  it("of whatever shape is read or refused, and never breaks the reader", () => {
    const name = fc.constantFrom(
      ...["get", "post", "parameters", "requestBody", "responses", "content", "schema", "$ref"],
      ...["security", "servers", "url", "in", "name", "required", "application/json", "200", "/x"],
      ...["components", "schemas", "securitySchemes", "tags", "summary", "operationId", "style"],
    );
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: "medium" },
        fc.constantFrom<unknown>("#/paths", "#", "path", "query", null, 1, true),
        tie("node"),
        fc.array(tie("value"), { maxLength: 3 }),
      ),
      node: fc.dictionary(name, tie("value"), { maxKeys: 5 }),
    }));
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("/a", "/b/{c}"), value.node),
        value.node,
        (paths, more) => {
          const { methods, refused } = readDocument(
            { ...more, openapi: "3.0.1", paths, servers: [] },
            { rules: RULES },
          );
          for (const { method } of methods) expect(Method.safeParse(method).error).toBeUndefined();
          for (const { detail } of refused) expect(detail).not.toBe("");
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("ends on references in chains, wide schemas and deep ones", () => {
    const schemas: Record<string, unknown> = {};
    for (let n = 0; n < 20_000; n++) schemas[`S${n}`] = { $ref: `#/components/schemas/S${n + 1}` };
    let deep: unknown = {};
    for (let n = 0; n < 2000; n++) deep = { items: deep };
    const wide = { anyOf: Array.from({ length: 50_000 }, () => ({ type: "string" })) };

    for (const schema of [{ $ref: "#/components/schemas/S0" }, deep, wide]) {
      const { methods, refused } = read(
        { "/x": { get: { parameters: [{ name: "a", in: "query", schema }], responses: OK } } },
        { components: { schemas } },
      );
      expect(methods.length + refused.length).toBe(1);
    }
  });
});
