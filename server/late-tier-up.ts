// When WebAssembly is compiled a second time, for speed. One function of the grammar takes two threads a quarter of a second of
// processor time there, and V8 would begin after the first statement: beside the first query of a gateway that has just started.

import { setFlagsFromString } from "node:v8";

/** Bytes of a function that run before; V8's own 1.8 million are the first statement, these some hundred. */
const BUDGET = 180_000_000;

/** To be called before the grammar is loaded. */
export function tierUpLate(): void {
  setFlagsFromString(`--wasm-tiering-budget=${BUDGET}`);
}
