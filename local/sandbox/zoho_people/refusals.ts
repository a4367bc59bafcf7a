/** Refusals in the words of Zoho People. Most of them come with status 200. */
import { type Answer, json } from "../site/answer.ts";
import type { Refusals } from "../site/vendor.ts";
import type { PeopleState } from "./state.ts";

export const refusals: Refusals<PeopleState> = {
  error: (status, message) => ({ ...fault(7200, message), status }),
  unauthorized: () =>
    json({ error: { code: 7213, message: "The provided OAuth token is invalid." } }, 401),
  notFound: () => json({ error: { code: 7201, message: "The URL configured is invalid." } }, 404),
  tooMany: () => ({
    ...fault(2955, "You have reached your API call limit for a minute."),
    status: 429,
  }),
};

/** An error in the envelope of a result. */
export function fault(code: number, message: string): Answer {
  return json({ response: { message: "Error occurred", status: 1, errors: { code, message } } });
}

export const noSuchForm = () => fault(7011, "Form name is invalid");
