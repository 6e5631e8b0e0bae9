// Both protocols over one engine: what the Postgres and the HTTP listener need, from the gateway's parts.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { beginScram, mayConnect } from "../auth/authenticate.ts";
import { authenticateCertificate } from "../auth/authenticate-certificate.ts";
import { authenticateSecret } from "../auth/authenticate-jwt.ts";
import { addressRefused } from "../auth/errors.ts";
import { containsAddress } from "../auth/ip-address.ts";
import type { Governance } from "../auth/governance.ts";
import { admit } from "./admission.ts";
import { startHttpListener, type HttpListener } from "./http/app.ts";
import type { Metrics } from "./metrics.ts";
import { methodByRules } from "./pgwire/access-rules.ts";
import { startPgListener, type PgListener } from "./pgwire/listener.ts";
import { temporaryTables } from "./define/temporary-tables.ts";
import type { Services } from "./services.ts";
import { systemClock } from "./session/clock.ts";
import type { QueryEngine } from "./session/engine.ts";
import { Session } from "./session/session.ts";
import type { ServerTls } from "./config/server-tls.ts";

export function startPostgres(
  services: Services,
  engine: QueryEngine,
  tls: ServerTls | undefined,
): Promise<PgListener> {
  const { config, governance, log } = services;
  const { accessRules, trustedProxies } = config;
  const spoolDir = join(config.cacheDir, "cursors");
  mkdirSync(spoolDir, { recursive: true });
  return startPgListener({
    spoolDir,
    temporaryTables: temporaryTables(services),
    host: config.host,
    port: config.pgPort,
    engine,
    clock: systemClock,
    registry: services.sessions,
    tls:
      tls &&
      (() => ({
        context: tls.context,
        asksCertificate: tls.settings.ca !== undefined,
      })),
    isTrustedProxy: (address) => containsAddress(trustedProxies, address),
    method: accessRules && ((login) => methodByRules(accessRules, login)),
    admit: (identity, database) => admit(governance, identity, database),
    authenticator: {
      certificate: (login, certificate) =>
        slowedDown(governance, login.clientAddress, () =>
          authenticateCertificate(governance, login.user, certificate, login),
        ),
      password: (login, secret) =>
        slowedDown(governance, login.clientAddress, () =>
          authenticateSecret(governance, login.user, secret, login),
        ),
      scram: (login, offer) => {
        const exchange = beginScram(governance, login.user, login, offer);
        return {
          clientFirst: (message) => exchange.clientFirst(message),
          clientFinal: (message) =>
            slowedDown(governance, login.clientAddress, () =>
              exchange.clientFinal(message),
            ),
        };
      },
    },
    checkAddress: (address) => {
      if (!mayConnect(governance, { clientAddress: address }))
        throw addressRefused(address);
    },
    onInternalError: (error, session) =>
      log.error({ err: error, pid: session?.pid }, "internal error"),
  });
}

/** An answer that the secret is wrong comes late when the address has failed often. */
async function slowedDown<T>(
  { limits }: Governance,
  address: string,
  logIn: () => T | Promise<T>,
): Promise<T> {
  try {
    return await logIn();
  } catch (error) {
    await limits.hold(address, (delayMs, action) =>
      systemClock.after(delayMs, action),
    );
    throw error;
  }
}

/** Nobody is told the key of an HTTP session; it is there so that none can be guessed. */
const CANCEL_KEY_BYTES = 32;

export function startHttp(
  services: Services,
  engine: QueryEngine,
  metrics: Metrics,
  more: {
    readonly ready: () => boolean;
    readonly tls: ServerTls | undefined;
  },
): Promise<HttpListener> {
  const { ready, tls } = more;
  const { config, governance, log, sessions } = services;
  return startHttpListener(
    {
      host: config.host,
      port: config.httpPort,
      tls: tls?.settings,
      isTrustedProxy: (address) =>
        containsAddress(config.trustedProxies, address),
      results: {
        dir: join(config.cacheDir, "results"),
        limitBytes: config.resultBytes,
      },
    },
    {
      engine,
      governance,
      log,
      ready,
      clock: systemClock,
      metrics: metrics.registry,
      openSession: (identity, catalog) => {
        const start = admit(governance, identity, catalog);
        const session = new Session({
          identity,
          pid: sessions.nextPid(),
          clock: systemClock,
          ...start,
        });
        sessions.add(session, CANCEL_KEY_BYTES, () => session.cancel());
        return session;
      },
      sessionClosed: (session) => sessions.remove(session),
    },
  );
}
