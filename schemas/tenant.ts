import * as z from "zod";
import { Id } from "./scalars.ts";

export const ROLES = ["viewer", "operator", "admin", "platform"] as const;
export type Role = (typeof ROLES)[number];

/** Who asks: taken from the verified token only. */
export const Identity = z
  .strictObject({ tenantId: Id, subject: z.string(), roles: z.array(z.enum(ROLES)) })
  .meta({ id: "Identity" });
export type Identity = z.infer<typeof Identity>;
