// A statement outside any block that changes a table and what the catalog says of it: both or neither, as in a block of its own.

import type { Governance } from "../../auth/governance.ts";
import { GovernanceDraft } from "../../auth/governance-draft.ts";
import type { Services } from "../services.ts";
import type { WrittenTable } from "./block.ts";
import { commitBlock } from "./commit-block.ts";

/** `describe` changes the catalog or rights. Throws 40001, and then nothing has changed. */
export async function commitTogether(
  services: Services,
  written: WrittenTable,
  describe: (governance: Governance) => void,
): Promise<void> {
  using draft = new GovernanceDraft(services.governance);
  describe(draft.governance);
  await commitBlock({
    committed: services,
    written: [written],
    made: new Map(),
    draft,
  });
}
