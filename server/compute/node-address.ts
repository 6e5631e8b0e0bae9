// Where a local node listens: a socket in its folder, which takes less time a byte than a port and which only our user can open.
// A port of the loopback interface where the folder's name is too long for a socket.

import { join } from "node:path";

export type NodeAddress =
  | { readonly kind: "socket"; readonly path: string }
  /** 0 picks a free one. */
  | { readonly kind: "port"; readonly host: string; readonly port: number };

/** The shortest limit of the systems we know, with the byte that ends the name (sockaddr_un). */
const LONGEST_PATH_BYTES = 103;

/** @param dir the node's folder */
export function localAddress(dir: string): NodeAddress {
  const path = join(dir, "node.sock");
  return Buffer.byteLength(path) <= LONGEST_PATH_BYTES
    ? { kind: "socket", path }
    : { kind: "port", host: "127.0.0.1", port: 0 };
}
