// What finding AWS credentials may use.

import type { StoreSection, Variables } from "../settings.ts";
import type { AskService } from "./token-service.ts";

export interface AwsSource {
  readonly section: StoreSection;
  readonly variables: Variables;
  readonly ask: AskService;
  /** As `ask`, with little patience: most machines are no cloud instances. */
  readonly askInstance: AskService;
  readonly now: () => number;
}
