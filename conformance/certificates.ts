// Two self-signed certificates for localhost and 127.0.0.1, as files a gateway takes. Their keys protect nothing.

import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Writes `server.pem` and `server.key` (mode 0600) into the folder, over what lies there. */
export function writeCertificate(
  folder: string,
  { cert, key }: Certificate,
): CertificateFiles {
  const certFile = join(folder, "server.pem");
  const keyFile = join(folder, "server.key");
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key, { mode: 0o600 });
  chmodSync(keyFile, 0o600);
  return { certFile, keyFile };
}

export const FIRST_CERTIFICATE: Certificate = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBtjCCAV2gAwIBAgIUGJPcn1NomYdCydWAqCRLukkKGMQwCgYIKoZIzj0EAwIw
IjESMBAGA1UEAwwJbG9jYWxob3N0MQwwCgYDVQQLDANvbmUwIBcNMjYxMTIxMTkw
OTU5WhgPMjEyNjEwMjgxOTA5NTlaMCIxEjAQBgNVBAMMCWxvY2FsaG9zdDEMMAoG
A1UECwwDb25lMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAErW79BP7vajCXePT0
AhISYuqhpSH8ccILb74MUE7BoYjkAYasnhpP7cmd9+74js2DkBEaHBlO5+Yd5hDY
n2/fR6NvMG0wHQYDVR0OBBYEFJv57bZQHez0Y5HBElr6ol6VREBxMB8GA1UdIwQY
MBaAFJv57bZQHez0Y5HBElr6ol6VREBxMA8GA1UdEwEB/wQFMAMBAf8wGgYDVR0R
BBMwEYIJbG9jYWxob3N0hwR/AAABMAoGCCqGSM49BAMCA0cAMEQCIGrAE/T6DeAn
aqU+oHyGCI7Mrwl15N9q/QsA/qhpA7Z0AiB08ocwPa+KJ6zMV55Qd0iMuG5xkkSN
LLH4OiGqaYQfvQ==
-----END CERTIFICATE-----`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgsDLJJ3W0sw8lVpA0
TtFiFhx9WWiM3WnnqitkVuJ0gOmhRANCAAStbv0E/u9qMJd49PQCEhJi6qGlIfxx
wgtvvgxQTsGhiOQBhqyeGk/tyZ337viOzYOQERocGU7n5h3mENifb99H
-----END PRIVATE KEY-----`,
};

export const SECOND_CERTIFICATE: Certificate = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBtzCCAV2gAwIBAgIUMuNwzP4UvHgpwenh0wRfZeKUURgwCgYIKoZIzj0EAwIw
IjESMBAGA1UEAwwJbG9jYWxob3N0MQwwCgYDVQQLDAN0d28wIBcNMjYxMTIxMTkw
OTU5WhgPMjEyNjEwMjgxOTA5NTlaMCIxEjAQBgNVBAMMCWxvY2FsaG9zdDEMMAoG
A1UECwwDdHdvMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYLqcGzk95f8XGB9/
CnlZnnr+zyCPOkntYnM9kloJI+yVeoxHuvl/SwUu8arvvkBp3vvxYLdWub7gxPaI
QYgnpqNvMG0wHQYDVR0OBBYEFANH81orRiTIyt2CNS6VqW54CuHcMB8GA1UdIwQY
MBaAFANH81orRiTIyt2CNS6VqW54CuHcMA8GA1UdEwEB/wQFMAMBAf8wGgYDVR0R
BBMwEYIJbG9jYWxob3N0hwR/AAABMAoGCCqGSM49BAMCA0gAMEUCIQDg8ME2fml/
CKvUTYxrs1/3E0R1SxEgP2J6DmI0ZjBijQIgfjFq8H/zreAaNpiRy9ebFM6Sv3Qa
PvBMDRcKGG8wZ1c=
-----END CERTIFICATE-----`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQglu2VoBTu5f13KdrS
I9L4Y3M0WlOGGlWdFBZe4/R5p8ihRANCAARgupwbOT3l/xcYH38KeVmeev7PII86
Se1icz2SWgkj7JV6jEe6+X9LBS7xqu++QGne+/Fgt1a5vuDE9ohBiCem
-----END PRIVATE KEY-----`,
};
