// Scenarios that do not hold yet, and what they wait for. One that holds fails until it is struck out here.

export const PENDING: Readonly<Record<string, string>> = {};

/** Scenarios without text yet. */
export const UNWRITTEN: Readonly<Record<string, string>> = {};
