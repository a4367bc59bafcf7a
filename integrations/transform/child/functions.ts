/** Functions of our own, and those of JSONata's that need another body here. */
import { CONVERSIONS } from "../../../schemas/transform.ts";
import { convert } from "../conversions.ts";
import type { Compiled } from "./realm.ts";

/** As JSONata hands it to a function. */
interface Focus {
  readonly environment: { lookup(name: string): { implementation(...args: unknown[]): unknown } };
}

/** `now`: the instant of the call. The same input at the same instant gives the same output. */
export function addFunctions(compiled: Compiled, now: number): void {
  compiled.registerFunction("millis", () => now, "<:n>");
  compiled.registerFunction("now", formatNow, "<s?s?:s>");
  compiled.registerFunction("base64encode", encodeBase64, "<s-:s>");
  compiled.registerFunction("base64decode", decodeBase64, "<s-:s>");
  for (const name of CONVERSIONS) {
    compiled.registerFunction(name, (value: unknown, argument?: unknown) =>
      convert(name, value, argument),
    );
  }

  function formatNow(this: Focus, picture?: string, zone?: string) {
    return this.environment.lookup("fromMillis").implementation(now, picture, zone);
  }
}

/** Of the text's UTF-8: JSONata's own takes one byte of each character (engines differ). */
const encodeBase64 = (text: unknown) =>
  typeof text === "string" ? Buffer.from(text, "utf8").toString("base64") : undefined;
const decodeBase64 = (text: unknown) =>
  typeof text === "string" ? Buffer.from(text, "base64").toString("utf8") : undefined;
