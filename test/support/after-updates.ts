import { setTimeout } from "node:timers/promises";
import { ResourceConflictException } from "@aws-sdk/client-lambda";

/** Makes a change of a function again as long as its last one is under way, which Lambda refuses. */
export async function afterUpdates<T>(change: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await change();
    } catch (error) {
      if (!(error instanceof ResourceConflictException)) throw error;
      await setTimeout(50);
    }
  }
}
