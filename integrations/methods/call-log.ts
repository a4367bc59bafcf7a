/**
 * What is logged of a call: names, ids and figures. Nothing of a parameter, a body or a header; of
 * an error its text, from which the credential was taken out. Level and destinations are the
 * endpoint's to say (document 004, "Logging levels and destinations").
 */
import { LOG_LEVELS, type LogLevel } from "../../schemas/log-level.ts";

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number | boolean | readonly string[] | null>>;
}

export interface LogSettings {
  readonly logLevel: LogLevel;
  readonly logDestinations: readonly ("log" | "events")[];
}

/** The lines of one call. */
export class CallLog {
  readonly #always: LogLine["fields"];
  readonly #write: (line: LogLine) => void;
  #settings: LogSettings;
  /** Lines that go out as events, with what tells how the call ended. */
  readonly #events: LogLine[] = [];

  constructor(write: (line: LogLine) => void, settings: LogSettings, always: LogLine["fields"]) {
    this.#write = write;
    this.#settings = settings;
    this.#always = always;
  }

  /** From here on the endpoint's own settings are known. */
  obey(settings: LogSettings): void {
    this.#settings = settings;
  }

  add(level: LogLevel, message: string, fields: LogLine["fields"] = {}): void {
    const { logLevel, logDestinations } = this.#settings;
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(logLevel)) return;

    const line = { level, message, fields: { ...this.#always, ...fields } };
    if (logDestinations.includes("log")) this.#write(line);
    if (logDestinations.includes("events") && this.#events.length < MOST_EVENTS)
      this.#events.push(line);
  }

  takeEvents(): LogLine[] {
    return this.#events.splice(0);
  }
}

/** A call that is repeated often still fits one transaction with them. */
const MOST_EVENTS = 20;
