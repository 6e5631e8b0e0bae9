// fast-check for the project's properties: the same cases on each run of a commit, new ones each time in `npm run test:long`.

import fc from "fast-check";

if (process.env["SLUICE_SUITE"] !== "long") fc.configureGlobal({ seed: 1 });

export { fc };
