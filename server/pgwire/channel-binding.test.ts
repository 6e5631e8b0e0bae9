// Certificates made with openssl, one for each way to sign; their keys were thrown away.

import { createHash, X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { TEST_CERTIFICATE } from "./certificate.testkit.ts";
import { serverEndPoint } from "./channel-binding.ts";

const SIGNED: readonly (readonly [string, string, string])[] = [
  [
    "RSA with SHA-384",
    "sha384",
    "MIIB9jCCAV+gAwIBAgIUA9luUM1hWUV3uRkbbqW+Vg39c6AwDQYJKoZIhvcNAQEMBQAwDDEKMAgGA1UEAwwBYTAgFw0yNjExMjExOTM3MzRaGA8yMTI2MTAyODE5MzczNFowDDEKMAgGA1UEAwwBYTCBnzANBgkqhkiG9w0BAQEFAAOBjQAwgYkCgYEAyGpc3ohiuUqAyjXhZUBFEGZCHAdw6mFXWyuttjCAcm2kf1HP7sYb2Q75gTuWQ5ds1WHPaVrTyFu9gDjG00bx3dfsexnRMf4en947pt14tLR6BHvV0OWe331uQRR0FTJpJHMgwQypZu47216ggcc9D2deM6d0msmGodsq/sseA40CAwEAAaNTMFEwHQYDVR0OBBYEFHQD2tj18O79OkdNfLyQRAHT5cquMB8GA1UdIwQYMBaAFHQD2tj18O79OkdNfLyQRAHT5cquMA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcNAQEMBQADgYEAFo/997mbm1KTtX6pnADEjCPjtq0ORzQUIt5YLkXjYUEI3X8dPPm/3KGTDCThMw34j8Il/9gbvZhtATa1MjFXsS1t5eIZ5GHHi2UZ+/jq6c0aJV5Vfa/hVkUElW1Z3E/fDb8Gp44TbHl9vJ96OsnoIrEZv4LCNC7wIdF/KlkpTsI=",
  ],
  [
    "RSA with SHA-1",
    "sha256",
    "MIIB9jCCAV+gAwIBAgIUdpdS2Ff5iCy24MaZQRkH1b1tFvwwDQYJKoZIhvcNAQEFBQAwDDEKMAgGA1UEAwwBYTAgFw0yNjExMjExOTM3MzRaGA8yMTI2MTAyODE5MzczNFowDDEKMAgGA1UEAwwBYTCBnzANBgkqhkiG9w0BAQEFAAOBjQAwgYkCgYEA6xfKGDbxSQR45VRo+JcFNa45i+sC9nvRHZ9ExjxcnebPvxCJXGxTixa16UAWqA64ceL6mwRU5DXcxz+yncPNI99ux5GqVMgbPv2bwq/u+xRqxL56T8NLY0PE3xyt4USFwuOz9omk29QGKD97NVg6fHRXrsMKB3ER6QSAlbrW2ocCAwEAAaNTMFEwHQYDVR0OBBYEFHVETPCMv0+5oGM887s1LqOIDujIMB8GA1UdIwQYMBaAFHVETPCMv0+5oGM887s1LqOIDujIMA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcNAQEFBQADgYEAjfSvDFHTh8dRj1sjZ5Xu49MNgvU01/7bjUfABVLlpSY+xx8QZxqJZShVxhmT5Lmic7ULPh12a5E0Ch4l8eGlUcq+b3bOYU/BuMGFT3TaVyXEBQ8Ss2mIY6FXXSs1xQvDzHrd/CWHrawDxyvm+bea8oCux1/yRaMd0LUbZmLhN6I=",
  ],
  [
    "ECDSA with SHA-512",
    "sha512",
    "MIIBbjCCARWgAwIBAgIUfUSbe4xCa9hWopVmhNh/t9CHA58wCgYIKoZIzj0EAwQwDDEKMAgGA1UEAwwBYTAgFw0yNjExMjExOTM3MzRaGA8yMTI2MTAyODE5MzczNFowDDEKMAgGA1UEAwwBYTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFxvXcQz1rB9tLon/9CzdvIL6l1mloB3Y66IZNFj7SHxpUsnjW0xb1MKWqIo3ttIYhyA+ix0G9PGegI0VHUKaAGjUzBRMB0GA1UdDgQWBBSSXbOzKR4sqc0bdlOw5vvU3QX2yDAfBgNVHSMEGDAWgBSSXbOzKR4sqc0bdlOw5vvU3QX2yDAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMEA0cAMEQCIBknWOTfzm2qFFTwBm88I8Nwurn18ICZmB3iu0h+s+9TAiAPTjUaXMgOI0Vl/UhMKbzN3rHHgQukbNqN6dN5SHNhhQ==",
  ],
];
const WITHOUT_HASH: readonly (readonly [string, string])[] = [
  [
    "Ed25519",
    "MIIBLjCB4aADAgECAhR6qsLhZm3kP2l5BrgyZ23N9o6jhzAFBgMrZXAwDDEKMAgGA1UEAwwBYTAgFw0yNjExMjExOTM3MzRaGA8yMTI2MTAyODE5MzczNFowDDEKMAgGA1UEAwwBYTAqMAUGAytlcAMhAGSEJ2cNWm8F/GpDHUATmIw9gJFjBzDXDrZCxUQ8yXSqo1MwUTAdBgNVHQ4EFgQUXwsyx2uzrHcVuKRBQ5qzsQtlNxwwHwYDVR0jBBgwFoAUXwsyx2uzrHcVuKRBQ5qzsQtlNxwwDwYDVR0TAQH/BAUwAwEB/zAFBgMrZXADQQBIjUFCKHHS95sQSJwDXjl3eZNuRXRnZq8v3HyDAb8J7Q1xy6WoLouNm5m4dbp+d1RAVbGhvjwfo5AAnfHa7yUG",
  ],
  [
    "RSA-PSS",
    "MIICXjCCAZOgAwIBAgIUVhKnU2+IazqGLy185UdrN1iAcfswQQYJKoZIhvcNAQEKMDSgDzANBglghkgBZQMEAgEFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgEFAKIDAgFeMAwxCjAIBgNVBAMMAWEwIBcNMjYxMTIxMTkzNzM0WhgPMjEyNjEwMjgxOTM3MzRaMAwxCjAIBgNVBAMMAWEwgZ8wDQYJKoZIhvcNAQEBBQADgY0AMIGJAoGBAMXKbPZi7hKAgKzZoBSF2r6cmc2GVvDSR1U7EYmGfp4lWhhxLLo50M39yXbJwVLteWQhvfk8USZXY228fZMKXtdNI9NvuVScIUxccxU5Dmy/MycziDSG1Sn110Bws+MbyJznJ1vI6vOmbLWDNl+vOxG7tQCJRI4tQaVhJWoEjJ6zAgMBAAGjUzBRMB0GA1UdDgQWBBTtn32jRdug/VZLtfDrbRNW1IKyZzAfBgNVHSMEGDAWgBTtn32jRdug/VZLtfDrbRNW1IKyZzAPBgNVHRMBAf8EBTADAQH/MEEGCSqGSIb3DQEBCjA0oA8wDQYJYIZIAWUDBAIBBQChHDAaBgkqhkiG9w0BAQgwDQYJYIZIAWUDBAIBBQCiAwIBXgOBgQAgYZr5NzsOrJJY8sxNQtelLd2zoPRvktQ7ZLTxLXboNKJN15DF8WgnoO5MADB/3xLigWC7ZfES3q7tqmtOvV24d7YbUQYndOwujofwwG0UiJVgRr9p9BScWDPP6DoKspNvDYxTJiOjTSjPWjePVtTzmPnhb/u/PREclkBNTAXj2Q==",
  ],
];

describe("the end point of a certificate", () => {
  test.each(SIGNED)("signed by %s is its %s", (_name, hash, base64) => {
    const der = Buffer.from(base64, "base64");
    expect(serverEndPoint(der)).toEqual(createHash(hash).update(der).digest());
  });

  test("signed by ECDSA with SHA-256 is its sha256", () => {
    const { raw } = new X509Certificate(TEST_CERTIFICATE);
    expect(serverEndPoint(raw)).toEqual(
      createHash("sha256").update(raw).digest(),
    );
  });

  test.each(WITHOUT_HASH)("signed by %s is not defined", (_name, base64) => {
    expect(serverEndPoint(Buffer.from(base64, "base64"))).toBeUndefined();
  });

  test("of bytes that are no certificate is not defined", () => {
    const { raw } = new X509Certificate(TEST_CERTIFICATE);
    for (let length = 0; length < 200; length += 1) {
      expect(serverEndPoint(raw.subarray(0, length))).toBeUndefined();
    }
  });
});
