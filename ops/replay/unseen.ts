/** Messages that are in the queue and cannot be seen, because somebody else has received them. Pure. */

/** What the queue says about itself. Its numbers are approximate. */
export interface Depth {
  readonly visible: number;
  /** In somebody's hands, or delayed. */
  readonly invisible: number;
  /** How long a reader hides messages for, as far as is known. */
  readonly hiddenSeconds: number;
}

export interface Unseen {
  readonly count: number;
  /** When the last of them is visible again unless its reader keeps it, milliseconds since 1970. */
  readonly backMs: number;
}

/**
 * How many messages a run cannot have seen: those that were invisible before it began (its own are after
 * that), less those that came back while it ran. `seen` counts all messages that the run came across.
 */
export function unseenOf(before: Depth, atMs: number, seen: number): Unseen {
  const missed = before.visible + before.invisible - seen;
  const count = Math.max(0, Math.min(before.invisible, missed));
  return { count, backMs: atMs + before.hiddenSeconds * 1000 };
}

/** One line about them, for example `3 messages are invisible: …`. */
export function unseenLine({ count, backMs }: Unseen): string {
  const back = new Date(backMs).toISOString().slice(11, 19);
  const are = count === 1 ? "1 message is" : `${count} messages are`;
  return `${are} invisible: another reader has them, or a run that was killed had; they come back by ${back} UTC unless they are deleted or kept`;
}
