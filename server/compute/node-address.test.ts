import { expect, test } from "vitest";
import { localAddress } from "./node-address.ts";

test("a node listens on a socket in its folder", () => {
  expect(localAddress("/data/node-1")).toEqual({
    kind: "socket",
    path: "/data/node-1/node.sock",
  });
});

test("a folder whose name leaves no room for a socket's has a port", () => {
  expect(localAddress(`/${"ä".repeat(46)}`)).toMatchObject({ kind: "socket" });
  expect(localAddress(`/${"ä".repeat(47)}`)).toEqual({
    kind: "port",
    host: "127.0.0.1",
    port: 0,
  });
});
