import { expect, test } from "vitest";
import { canonicalJson, canonicalSha256 } from "./canonical-json.ts";

/**
 * Text and hash were written by Python 3.11: json.dumps(…, sort_keys=True, separators=(",", ":"),
 * ensure_ascii=False).
 */
const value = {
  b: [1, 0.1 + 0.2, 1e-7, -2.5e-5, 0.0001, 1e21, 123456789012],
  "a\u20ac": { z: null, "\u{1f642}": true, "\uffff": false },
  s: '\u0000\u0007\b\f\n\r\t"\\/\u007f\u2028\ud83d x \ude00 \u{1f642} é',
};

test("writes what Python writes, lone surrogates and small floats included", () => {
  expect(canonicalJson(value)).toBe(
    '{"a\u20ac":{"z":null,"\uffff":false,"\u{1f642}":true},' +
      '"b":[1,0.30000000000000004,1e-07,-2.5e-05,0.0001,1e+21,123456789012],' +
      '"s":"\\u0000\\u0007\\b\\f\\n\\r\\t\\"\\\\/\u007f\u2028\ud83d x \ude00 \u{1f642} é"}',
  );
});

test("hashes its UTF-8 with surrogates passed through", () => {
  expect(canonicalSha256(value)).toBe(
    "16d565d8c0be4c7326981e6b2bae6273199a84b6355b3c095601bc7b7f9ac216",
  );
});
