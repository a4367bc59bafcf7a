import { text } from "../requests/param-schemas.ts";

export const TOKEN = text("Token of the page, from `nextPage`. Good for 24 hours.", {
  maxLength: 8192,
});
