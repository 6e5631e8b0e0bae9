import { describe, expect, test } from "vitest";
import { loadConfig, type Config, type Flags } from "./config.ts";

const load = (flags: Flags): Config => loadConfig(flags, {});

describe("trusted proxies", () => {
  test("are addresses and blocks, with commas or as a list", () => {
    for (const given of ["10.0.0.0/8, ::1", ["10.0.0.0/8", "::1"]]) {
      const { trustedProxies } = load({ "trusted-proxies": given });
      expect(trustedProxies.map(({ prefix }) => prefix)).toEqual([8, 128]);
    }
    expect(load({}).trustedProxies).toEqual([]);
  });

  test("are refused by what is no address", () => {
    expect(() => load({ "trusted-proxies": "10.0.0.0/8,balancer" })).toThrow(
      expect.objectContaining({
        code: "F0000",
        message:
          '--trusted-proxies: "balancer" is not an address or a block such as 10.0.0.0/8',
      }),
    );
  });
});

describe("HTTP without TLS", () => {
  const ALLOWED: readonly Flags[] = [
    {},
    { host: "localhost" },
    { host: "127.9.9.9" },
    { host: "::1" },
    {
      host: "0.0.0.0",
      "trusted-proxies": "10.0.0.0/8",
      "allow-insecure-http": true,
    },
    { host: "0.0.0.0", "tls-cert": "c", "tls-key": "k" },
  ];
  test.each(ALLOWED)("%j starts", (flags) => {
    expect(load(flags).httpPort).toBe(8080);
  });

  const REFUSED: readonly Flags[] = [
    { host: "0.0.0.0" },
    { host: "::" },
    { host: "10.0.0.7", "trusted-proxies": "10.0.0.0/8" },
    { host: "10.0.0.7", "allow-insecure-http": true },
  ];
  test.each(REFUSED)("%j does not", (flags) => {
    expect(() => load(flags)).toThrow(
      expect.objectContaining({
        code: "F0000",
        message: expect.stringContaining("needs tls-cert") as string,
      }),
    );
  });
});
