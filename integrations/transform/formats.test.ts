import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode, encode } from "./formats.ts";
import { formatName } from "./media-types.ts";

const bytes = (text: string, charset: BufferEncoding = "utf8") => Buffer.from(text, charset);
/** Texts that every format can hold. */
const text = fc.string({ unit: "grapheme", maxLength: 30 });
const name = fc.stringMatching(/^[a-z_][a-zA-Z0-9_.-]{0,12}$/).filter((one) => one !== "__proto__");
const fault = (code: string, words: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(words) });
const failsWith = (words: RegExp, run: () => unknown) => {
  let error: unknown;
  try {
    run();
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toEqual(fault("TRANSFORM_FAILED", words));
};

describe("JSON", () => {
  it("keeps numbers that a double does not hold as texts of their digits", () => {
    const body =
      '{"id":9223372036854775807,"n":1,"amount":12345678901234567.89,"half":0.5,"e":1e3}';
    expect(decode("application/json", body)).toEqual({
      id: "9223372036854775807",
      n: 1,
      amount: "12345678901234567.89",
      half: 0.5,
      e: 1000,
    });
  });

  it("writes texts of digits as numbers where it is asked to", () => {
    const value = { id: "9223372036854775807", items: [{ id: "12345678901234567.890", k: "1" }] };
    const numbers = ["id", "items.*.id", "missing.*"];
    expect(encode("application/json", value, { json: { numbers } }).body).toBe(
      '{"id":9223372036854775807,"items":[{"id":12345678901234567.890,"k":"1"}]}',
    );
    failsWith(/no number/, () =>
      encode("application/json", { id: "1} ,{" }, { json: { numbers: ["id"] } }),
    );
  });

  it("comes back as it was", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain = JSON.parse(JSON.stringify(value));
        const { body, contentType } = encode("application/vnd.github+json", plain);
        expect(decode(contentType, body)).toEqual(exactly(plain));
      }),
    );
  });

  it.each<[string, RegExp]>([
    ["{", /not JSON/],
    ["[".repeat(200), /nested deeper/],
    [`[${"1,".repeat(600_000)}1]`, /more than 500000 values/],
  ])("%# is refused without a word of it", (body, words) => {
    failsWith(words, () => decode("application/json", body));
  });
});

describe("a form", () => {
  it("has lists where names are repeated, and reads the charset it is in", () => {
    expect(decode("application/x-www-form-urlencoded", "a=1&b=x+y&a=%C3%BC&c&=&d=100%")).toEqual({
      a: ["1", "ü"],
      b: "x y",
      c: "",
      "": "",
      d: "100%",
    });
    const latin = "application/x-www-form-urlencoded; charset=iso-8859-1";
    expect(decode(latin, bytes("name=M%FCller&city=K\u00f6ln", "latin1"))).toEqual({
      name: "Müller",
      city: "Köln",
    });
  });

  it("comes back as it was", () => {
    const field = fc.oneof(text, fc.array(text, { minLength: 2, maxLength: 4 }));
    fc.assert(
      fc.property(fc.dictionary(name, field), (fields) => {
        const { body, contentType } = encode("application/x-www-form-urlencoded", fields);
        expect(decode(contentType, body)).toEqual({ ...fields });
      }),
    );
  });

  it("takes scalars only", () => {
    const form = "application/x-www-form-urlencoded";
    expect(encode(form, { a: 1, b: true, c: null, d: ["x", 2] }).body).toBe("a=1&b=true&d=x&d=2");
    failsWith(/field a is no text/, () => encode(form, { a: { b: 1 } }));
    failsWith(/more than 10000 fields/, () => decode(form, "a=1&".repeat(10_001)));
    failsWith(/usable name/, () => decode(form, "__proto__=1"));
    failsWith(/charset is unknown/, () => decode(`${form}; charset=klingon`, bytes("a=1")));
    failsWith(/not written in its charset/, () => decode(form, "a=%FF"));
  });
});

describe("XML", () => {
  it("keeps every value a text, attributes and lists", () => {
    const body = `<?xml version="1.0"?><r a="01"><id>007</id><n>1e5</n><h>0x10</h><t> a &amp; &#66;
      </t><i/><e>1</e><e>2</e><c><![CDATA[<b>]]></c></r>`;
    expect(decode("application/atom+xml", body, { xml: { lists: ["r.id"] } })).toEqual({
      r: {
        "@a": "01",
        id: ["007"],
        n: "1e5",
        h: "0x10",
        t: " a & B\n      ",
        i: "",
        e: ["1", "2"],
        c: "<b>",
      },
    });
  });

  it("is read in the charset that it names", () => {
    const body = bytes('<?xml version="1.0" encoding="ISO-8859-1"?><r>M\u00fcller</r>', "latin1");
    expect(decode("text/xml", body)).toEqual({ r: "Müller" });
  });

  it("comes back as it was", () => {
    const leaf = fc.string({ unit: "grapheme-composite", maxLength: 20 }).filter((one) => {
      return one !== "" && !/[\p{Cc}\ufffe\uffff]|\p{Cs}/u.test(one);
    });
    const element = fc.dictionary(name, fc.oneof(leaf, fc.dictionary(name, leaf, { minKeys: 1 })), {
      minKeys: 1,
      maxKeys: 4,
    });
    fc.assert(
      fc.property(name, element, (root, value) => {
        const whole = JSON.parse(JSON.stringify({ [root]: value }));
        const { body, contentType } = encode("application/xml", whole);
        expect(decode(contentType, body)).toEqual(whole);
      }),
    );
  });

  it.each<[string, string, RegExp]>([
    ["a DTD", '<!DOCTYPE r [<!ENTITY x "y">]><r>&x;</r>', /DTD/],
    ["an entity of a file", '<!DOCTYPE r SYSTEM "file:///etc/passwd"><r/>', /DTD/],
    ["elements that cross", "<a><b></a></b>", /not well-formed/],
    ["an element that is not closed", "<a><b></a>", /not well-formed/],
    ["no element", "hello", /not well-formed/],
    ["deep elements", "<a>".repeat(500) + "</a>".repeat(500), /deeper than 100/],
    ["many elements", `<a>${"<b/>".repeat(200_000)}</a>`, /more than 50000 elements/],
  ])("with %s is refused", (_what, body, words) => {
    failsWith(words, () => decode("application/xml", body));
  });

  it.each([
    [{ "a><b": "1" }],
    [{ a: { "x onload='1'": "1" } }],
    [{ a: "\u0000" }],
    [{ a: 1, b: 2 }],
    [[1]],
    [{ a: [1, 2] }],
    [JSON.parse('{"a":{"__proto__":1}}')],
  ])("is not written of %j", (value) => {
    failsWith(/^The value/, () => encode("application/xml", value));
  });

  it("gives no element for a name that objects inherit by", () => {
    failsWith(/cannot be read/, () =>
      decode("application/xml", "<r><__proto__><x>1</x></__proto__></r>"),
    );
    expect(({} as { x?: string }).x).toBeUndefined();
  });
});

describe("CSV", () => {
  it("keeps cells as texts, with whichever delimiter and a mark of byte order", () => {
    const rows = [{ id: "007", name: "a;b" }];
    expect(decode("text/csv", '\ufeffid;name\r\n007;"a;b"\r\n')).toEqual(rows);
    expect(decode("text/csv", "id\tname\n007\ta;b\n")).toEqual(rows);
    expect(decode("text/csv", "id,name\n007,a;b\n\n")).toEqual(rows);
    expect(decode("text/csv", "1,2\n3,4", { csv: { header: false } })).toEqual([
      ["1", "2"],
      ["3", "4"],
    ]);
  });

  it("comes back as it was, whatever is in it", () => {
    const columns = fc.uniqueArray(name, { minLength: 2, maxLength: 4 });
    const tables = columns.chain((names) =>
      fc
        .array(fc.tuple(...names.map(() => fc.string({ maxLength: 20 }))), { minLength: 1 })
        .map((rows) =>
          rows.map((row) => Object.fromEntries(names.map((one, at) => [one, row[at]]))),
        ),
    );
    fc.assert(
      fc.property(tables, fc.constantFrom(",", ";", "\t", "|"), (rows, delimiter) => {
        const csv = { delimiter, formulas: "KEEP" } as const;
        const { body, contentType } = encode("text/csv", rows, { csv });
        expect(decode(contentType, body, { csv })).toEqual(rows);
      }),
    );
  });

  it.each([
    ["=cmd|'/c calc'!A1", "'=cmd|'/c calc'!A1"],
    ["+1+1", "'+1+1"],
    ["-2+3", "'-2+3"],
    ["@SUM(A1)", "'@SUM(A1)"],
    [" =1", "' =1"],
    ["\t=1", "'\t=1"],
    ['="a"', `"'=""a"""`],
    ["-5", "-5"],
    ["+49.5", "+49.5"],
    [-5, "-5"],
    ["a=1", "a=1"],
  ])("keeps a spreadsheet from running %j", (cell, written) => {
    const { body } = encode("text/csv", [{ a: cell, b: "x" }]);
    expect(body).toBe(`a,b\r\n${written},x\r\n`);
  });

  it("guards the names of columns, too", () => {
    expect(encode("text/csv", [{ "=1": "x" }]).body).toBe("'=1\r\nx\r\n");
  });

  it.each<[string, string, RegExp]>([
    ["a short row", "a,b\n1\n", /another length/],
    ["a quote that does not end", 'a,b\n"1,2\n', /quote/],
    ["a column twice", "a,a\n1,2\n", /twice/],
    ["a name that objects inherit by", "__proto__,b\n1,2\n", /usable name/],
    ["many rows", "1\n".repeat(100_010), /rows/],
    ["many columns", `${"a,".repeat(1_500)}b\n`, /columns/],
    ["a row of megabytes", `a,b\n${"x".repeat(1_500_000)},1\n`, /length|quote/],
  ])("with %s is refused", (_what, body, words) => {
    failsWith(words, () => decode("text/csv", body, { csv: { delimiter: "," } }));
  });
});

describe("multipart", () => {
  const part = fc.record(
    {
      name: fc.string({ maxLength: 12 }).filter((one) => !one.includes("%")),
      filename: fc.string({ maxLength: 12 }).filter((one) => !one.includes("%")),
      content: fc.string({ unit: "grapheme" }),
    },
    { requiredKeys: ["name", "content"] },
  );

  it("comes back as it was", () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
        const { body, contentType } = encode("multipart/form-data", parts);
        const read = decode(contentType, body) as Record<string, unknown>[];
        expect(read.map(({ contentType: _, ...one }) => one)).toEqual(parts);
      }),
    );
  });

  it("is read by others as it was meant", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 4 }), async (parts) => {
        const { body, contentType } = encode("multipart/form-data", parts);
        const answer = new Response(Buffer.from(body), {
          headers: { "content-type": contentType },
        });
        const form = [...(await answer.formData())];
        const read = form.map(async ([name, value]) => [
          name,
          typeof value === "string" ? value : await value.text(),
        ]);
        expect(await Promise.all(read)).toEqual(parts.map((one) => [one.name, one.content]));
      }),
      { numRuns: 50 },
    );
  });

  it("carries bytes in base64", () => {
    const content = Buffer.from([0, 255, 13, 10]).toString("base64");
    const parts = [{ name: "f", filename: "a.bin", content, base64: true }];
    const { body, contentType } = encode("multipart/form-data", parts);
    const read = { ...parts[0], contentType: "application/octet-stream" };
    expect(decode(contentType, body)).toEqual([read]);
  });

  it("lets no name write a header of its own", () => {
    const parts = [{ name: 'a"\r\nx-evil: 1\r\n\r\n', content: "x" }];
    const { body } = encode("multipart/form-data", parts);
    expect(Buffer.from(body).toString()).not.toMatch(/^x-evil/m);
    const typed = [{ name: "a", contentType: "text/plain\r\nx-evil: 1", content: "x" }];
    failsWith(/content type/, () => encode("multipart/form-data", typed));
  });

  it.each([
    ["no boundary", "multipart/form-data", "--b\r\n"],
    [
      "no end",
      "multipart/form-data; boundary=b",
      '--b\r\ncontent-disposition: form-data; name="a"',
    ],
    ["no name", "multipart/form-data; boundary=b", "--b\r\na: b\r\n\r\nx\r\n--b--"],
    ["no part", "multipart/form-data; boundary=b", "hello"],
  ])("with %s is refused", (_what, mediaType, body) => {
    failsWith(/no multipart form/, () => decode(mediaType, body));
  });
});

describe("a media type", () => {
  it("chooses the format", () => {
    expect(formatName("application/problem+json; charset=utf-8")).toBe("json");
    expect(formatName("image/png")).toBeUndefined();
    expect(decode("text/plain; charset=iso-8859-1", bytes("\u00fc", "latin1"))).toBe("ü");
    failsWith(/no format here/, () => decode("image/png", bytes("x")));
    failsWith(/larger than/, () => decode("text/plain", Buffer.alloc(6_000_000)));
  });
});

/** Whole numbers that a double may not hold are texts afterwards. */
function exactly(value: unknown): unknown {
  if (typeof value === "number" && Number.isInteger(value))
    return Number.isSafeInteger(value) ? value : JSON.stringify(value);
  if (Array.isArray(value)) return value.map(exactly);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, exactly(one)]));
}
