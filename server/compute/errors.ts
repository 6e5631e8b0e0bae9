// Every way compute can fail that is not the statement's own doing.

import { SqlError, notSupported } from "../../storage/common/errors.ts";

/** 0A000: a kernel type that has no SQL type. */
export function notEncodable(kernelType: string): SqlError {
  return notSupported(`a result of kernel type ${kernelType} is`);
}

/** 22008: Arrow has no end of time, and the number that stands for it here would be read as a date. */
export function noInfinityInArrow(): SqlError {
  return new SqlError("22008", "infinity cannot be returned as Arrow", {
    hint: "Use the format JSON_ARRAY or CSV, or leave such values out.",
  });
}

/** 22023 */
export function invalidTimeZone(name: string): SqlError {
  return new SqlError("22023", `time zone "${name}" not recognized`);
}

/** 58030: reading failed for a reason that is neither absence nor damage. */
export function unreadableDataFile(
  table: string,
  path: string,
  cause: unknown,
): SqlError {
  return new SqlError(
    "58030",
    `data file of table "${table}" is not readable`,
    {
      detail: `The file is "${path}".`,
      cause,
    },
  );
}

/** 58000: a node went away after rows of the statement had been sent. */
export function nodeLost(node: string, cause?: unknown): SqlError {
  return new SqlError("58000", `compute node "${node}" was lost`, {
    detail:
      "Some rows had already been sent, so the statement was not repeated.",
    hint: "Run the statement again.",
    cause,
  });
}

/** 58000: no attempt got through. */
export function retriesExhausted(attempts: number, cause: unknown): SqlError {
  return new SqlError("58000", "compute nodes were lost repeatedly", {
    detail: `The statement was tried ${attempts} times.`,
    hint: "Run the statement again.",
    cause,
  });
}

/** 57P03 */
export function noNode(waitedMs: number): SqlError {
  return new SqlError("57P03", "no compute node is available", {
    detail: `None was ready within ${waitedMs} ms.`,
    hint: "Try again in a moment.",
  });
}

/** 53200: the statement waited in the queue for memory. */
export function admissionTimeout(waitedMs: number): SqlError {
  return new SqlError("53200", "not enough memory to start the statement", {
    detail: `It waited ${waitedMs} ms for others to finish.`,
    hint: "Run fewer statements at once, or start nodes with more memory.",
  });
}

/** 53100 */
export function diskFull(cause: unknown): SqlError {
  return new SqlError(
    "53100",
    "could not write to disk: no space left on device",
    {
      cause,
    },
  );
}

/** 0A000: the other side speaks another version. */
export function protocolMismatch(ours: number, theirs: number): SqlError {
  return new SqlError(
    "0A000",
    `compute node speaks protocol ${theirs}, not ${ours}`,
    {
      hint: "Run the same version of the program on gateway and nodes.",
    },
  );
}

/** 28000 */
export function ticketRefused(): SqlError {
  return new SqlError("28000", "compute node ticket is not valid");
}

/** 08P01 */
export function malformedFragment(reason: string): SqlError {
  return new SqlError("08P01", `malformed fragment: ${reason}`);
}

/** The cause of a 22003 that computing decimals in 128 bits instead of 64 may avoid. */
export const NARROW_DECIMALS: object = Object.freeze({
  kind: "narrow-decimals",
});

/** 21000, in PostgreSQL's words. */
export function rowChangedTwice(): SqlError {
  return new SqlError(
    "21000",
    "MERGE command cannot affect row a second time",
    {
      hint: "Ensure that not more than one source row matches any one target row.",
    },
  );
}

/** 58000: the change is committed, but its rows are gone with the node. */
export function returnedRowsLost(cause: unknown): SqlError {
  return new SqlError(
    "58000",
    "rows of RETURNING were lost with a compute node",
    { detail: "The statement itself has been carried out.", cause },
  );
}
