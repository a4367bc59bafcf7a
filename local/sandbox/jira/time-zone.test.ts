import { expect, test } from "vitest";
import { createZone } from "./time-zone.ts";

const berlin = createZone("Europe/Berlin");

test("prints an instant with the zone's offset, in milliseconds", () => {
  expect(berlin.format(Date.UTC(2024, 9, 27, 0, 30, 1, 5))).toBe("2024-10-27T02:30:01.005+0200");
  expect(berlin.format(Date.UTC(2024, 9, 27, 1, 30))).toBe("2024-10-27T02:30:00.000+0100");
  expect(createZone("America/St_Johns").format(0)).toBe("1969-12-31T20:30:00.000-0330");
});

test("takes the earlier instant of an hour that came twice", () => {
  expect(berlin.fromWallClock(Date.UTC(2024, 9, 27, 2, 30))).toBe(Date.UTC(2024, 9, 27, 0, 30));
});

test("moves a time that never was forward by the gap", () => {
  expect(berlin.fromWallClock(Date.UTC(2024, 2, 31, 2, 30))).toBe(Date.UTC(2024, 2, 31, 1, 30));
});
