/** What a command touches beside the API: given, so that it can be driven from a test. */
import type { Surroundings } from "./target.ts";
import type { ReadText } from "./values.ts";

export interface Io extends Surroundings {
  readonly stdout: Out;
  readonly stderr: Out;
  readonly readText: ReadText;
  /** Asks a person; undefined when there is none. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
}

export interface Out {
  write(text: string): void;
  /** Columns of the terminal; undefined when the output is not a terminal. */
  readonly width: number | undefined;
  readonly color: boolean;
}
