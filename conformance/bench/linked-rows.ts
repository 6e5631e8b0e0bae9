// A client of HTTP results by links that takes the bodies and looks at none: what the server's side alone can give.

import type { Program } from "../program.ts";

interface Linked {
  readonly statement_id: string;
  readonly status: { readonly state: string };
  readonly manifest: { readonly total_row_count: number };
  readonly result: Part;
}

interface Part {
  readonly external_links?: readonly [
    {
      readonly external_link: string;
      readonly byte_count: number;
      readonly next_chunk_internal_link?: string;
    },
  ];
}

/** Runs the statement, fetches every chunk as an Arrow stream, and closes it. Answers the number of rows. */
export async function countLinkedRows(
  { httpPort, adminToken }: Program,
  statement: string,
): Promise<number> {
  const ask = async (
    path: string,
    method = "GET",
    body?: object,
  ): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${httpPort}${path}`, {
      method,
      headers: { authorization: `Bearer ${adminToken}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return response.json();
  };
  const made = (await ask("/api/2.0/sql/statements", "POST", {
    statement,
    disposition: "EXTERNAL_LINKS",
    format: "ARROW_STREAM",
    wait_timeout: "50s",
  })) as Linked;
  if (made.status.state !== "SUCCEEDED")
    throw new Error(`the statement came to ${JSON.stringify(made.status)}`);
  let part: Part = made.result;
  while (part.external_links !== undefined) {
    const [link] = part.external_links;
    const body = await (await fetch(link.external_link)).arrayBuffer();
    if (body.byteLength !== link.byte_count)
      throw new Error(`a chunk has ${body.byteLength} bytes`);
    const next = link.next_chunk_internal_link;
    part = next === undefined ? {} : ((await ask(next)) as Part);
  }
  await ask(`/api/2.0/sql/statements/${made.statement_id}`, "DELETE");
  return made.manifest.total_row_count;
}
