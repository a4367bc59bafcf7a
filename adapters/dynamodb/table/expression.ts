/** Names and values of one command's expressions, each with its placeholder. */
export class Terms {
  readonly #names = new Map<string, string>();
  readonly #values: [string, unknown][] = [];

  /** The placeholder of an attribute; of one inside another, `lease.state`, of each part. */
  name(path: string): string {
    const parts = path.split(".");
    for (const part of parts) this.#names.set(`#${part}`, part);
    return parts.map((part) => `#${part}`).join(".");
  }

  value(value: unknown): string {
    const placeholder = `:${this.#values.length}`;
    this.#values.push([placeholder, value]);
    return placeholder;
  }

  /** As a command takes them: DynamoDB refuses empty ones. */
  get attributes(): {
    ExpressionAttributeNames?: Record<string, string>;
    ExpressionAttributeValues?: Record<string, unknown>;
  } {
    return {
      ...(this.#names.size > 0 && { ExpressionAttributeNames: Object.fromEntries(this.#names) }),
      ...(this.#values.length > 0 && {
        ExpressionAttributeValues: Object.fromEntries(this.#values),
      }),
    };
  }
}

/** Text of an expression, which enters its names and values among the command's terms. */
export type Expression = (terms: Terms) => string;
