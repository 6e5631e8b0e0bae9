// COPY FROM STDIN on a connection of node pg, which has the messages for it and no statement.

import type pg from "pg";

/** Of pg's Connection, what its types leave out. */
interface CopyConnection {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** Resolves at ReadyForQuery; rejects with the server's error or the loss of the connection. */
export function copyIn(
  client: pg.Client,
  sql: string,
  data: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const statement = {
      submit: (connection: pg.Connection) => connection.query(sql),
      handleCopyInResponse: (connection: CopyConnection) => {
        connection.sendCopyFromChunk(Buffer.from(data));
        connection.endCopyFrom();
      },
      handleCommandComplete: () => undefined,
      handleReadyForQuery: () => resolve(),
      handleError: reject,
    };
    client.query(statement);
  });
}
