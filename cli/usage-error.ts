/**
 * The command line asks for something that cannot be: exit code 2. The message ends with the
 * remedy.
 */
export class UsageError extends Error {
  readonly reasons: readonly string[];

  constructor(message: string, reasons: readonly string[] = []) {
    super(message);
    this.name = "UsageError";
    this.reasons = reasons;
  }
}
