import { ConversionFault, type Scalar } from "./conversion-fault.ts";

const TRUE = new Set(["true", "1", "yes", "y", "on"]);
const FALSE = new Set(["false", "0", "no", "n", "off"]);

/** Of `true`, `1`, `yes`, `y`, `on` and their opposites, in whatever case; all else fails. */
export function toBoolean(value: Scalar): boolean {
  const text = String(value).toLowerCase();
  if (TRUE.has(text)) return true;
  if (FALSE.has(text)) return false;
  throw new ConversionFault("It is neither true nor false. Compare it with what means true");
}
