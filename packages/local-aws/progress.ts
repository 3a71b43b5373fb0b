/**
 * Told what is going on.
 * With a `state` the message says how things stand at the moment: it may be overwritten by the next one, or
 * be left out where `state` is the same as before. Without one it is worth keeping.
 */
export type Progress = (message: string, state?: string) => void;

export const silent: Progress = () => {};
