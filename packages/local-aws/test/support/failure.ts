/** The message that a promise is rejected with. Throws when it is fulfilled. */
export async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error("expected a failure, and it succeeded");
}
