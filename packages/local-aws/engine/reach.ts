/** Whether a host has what would be downloaded: asked first, because a host that is out of reach is waited for in vain. */

/** A host that does not answer within this time is taken as out of reach. */
const ANSWER_MS = 5_000;

/** Asks each address whether it is there. Throws an `Error` with the reason, as part of a sentence. */
export async function assertReachable(
  urls: readonly string[],
  answerMs: number = ANSWER_MS,
): Promise<void> {
  await Promise.all(
    urls.map(async (url) => {
      const { host } = new URL(url);
      const response = await fetch(url, {
        method: "HEAD",
        signal: AbortSignal.timeout(answerMs),
      }).catch((error: unknown) => {
        const timedOut = error instanceof DOMException && error.name === "TimeoutError";
        const how = timedOut ? `did not answer within ${answerMs / 1000} s` : "cannot be reached";
        throw new Error(`${host} ${how}${throughProxy()}`, { cause: error });
      });
      if (!response.ok) throw new Error(`${host} answered ${response.status} for ${url}`);
    }),
  );
}

/** Where the request went, if not to the host itself; without a password that may be in it. */
function throughProxy(env: NodeJS.ProcessEnv = process.env): string {
  const proxy = env["https_proxy"] || env["HTTPS_PROXY"];
  return proxy && URL.canParse(proxy) ? ` through the proxy ${new URL(proxy).host}` : "";
}
