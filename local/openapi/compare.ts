/**
 * What changed between two OpenAPI documents, and what of it breaks for those who call by the old one. Pure.
 *
 * A request breaks where the new document does not take all that the old one took, an answer where the new one gives
 * something that the old one never gave. No package of npm does this without a program of its own to download or with
 * a release in the last years (docs/decisions/0704-the-contract-breaks-only-on-purpose.md).
 */
import { METHODS, type OpenApi, type Operation, type Parameter } from "./document.ts";
import { resolve } from "./resolve.ts";
import { answerChanges, requestChanges, type SchemaChange } from "./schema-changes.ts";
import { securityChanges } from "./security-changes.ts";

export interface Change {
  /** `PUT /records/{id}`. */
  readonly operation: string;
  /** A sentence without its subject: what the operation does otherwise. */
  readonly what: string;
  readonly isBreaking: boolean;
}

type Note = Omit<Change, "operation">;

const breaking = (what: string): Note => ({ what, isBreaking: true });
const other = (what: string): Note => ({ what, isBreaking: false });

/** One method of one path, with the path's own parameters. */
interface Call {
  readonly name: string;
  readonly operation: Operation;
  readonly parameters: readonly Parameter[];
}

/** In the order of the old document, then what is new. */
export function compareDocuments(before: OpenApi, after: OpenApi): Change[] {
  const old = callsOf(before);
  const now = callsOf(after);
  const changes: Change[] = [];
  for (const [key, call] of old) {
    const same = now.get(key);
    const notes = same ? callChanges(before, call, after, same) : [breaking("is gone")];
    changes.push(...notes.map((note) => ({ operation: call.name, ...note })));
  }
  for (const [key, { name }] of now) {
    if (!old.has(key)) changes.push({ operation: name, ...other("is new") });
  }
  return changes;
}

/** By method and path, whatever the parameters of the path are called: no caller sends their names. */
function callsOf(document: OpenApi): Map<string, Call> {
  const calls = new Map<string, Call>();
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of METHODS) {
      const operation = item[method];
      if (!operation) continue;
      const own = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map((parameter) =>
        resolve(document, parameter),
      );
      calls.set(`${method} ${path.replaceAll(/\{[^}]*\}/g, "{}")}`, {
        name: `${method.toUpperCase()} ${path}`,
        operation,
        parameters: own,
      });
    }
  }
  return calls;
}

function callChanges(before: OpenApi, old: Call, after: OpenApi, now: Call): Note[] {
  return [
    ...nameChanges(old, now),
    ...securityChanges(
      old.operation.security ?? before.security,
      now.operation.security ?? after.security,
    ),
    ...parameterChanges(before, old, after, now),
    ...bodyChanges(before, old.operation, after, now.operation),
    ...responsesChanges(before, old.operation, after, now.operation),
  ];
}

function nameChanges(old: Call, now: Call): Note[] {
  const [before, after] = [old.operation.operationId, now.operation.operationId];
  return before === after
    ? []
    : [other(`is called ${after ?? "nothing"} now, and was ${before ?? "without a name"}`)];
}

function parameterChanges(before: OpenApi, old: Call, after: OpenApi, now: Call): Note[] {
  const known = parametersOf(old);
  const wanted = parametersOf(now);
  const notes: Note[] = [];
  for (const [key, parameter] of known) {
    const same = wanted.get(key);
    const shown = `${parameter.in} ${parameter.name}`;
    if (!same) {
      notes.push(breaking(`does not take ${shown} any more`));
      continue;
    }
    if (same.required === true && parameter.required !== true) {
      notes.push(breaking(`requires ${shown}`));
    } else if (same.required !== true && parameter.required === true) {
      notes.push(other(`does not require ${shown} any more`));
    }
    notes.push(
      ...said(
        requestChanges(
          { document: before, schema: parameter.schema },
          { document: after, schema: same.schema },
          shown,
        ),
      ),
    );
  }
  for (const [key, { in: where, name, required }] of wanted) {
    if (known.has(key)) continue;
    notes.push(
      required === true
        ? breaking(`requires ${where} ${name}, which is new`)
        : other(`takes ${where} ${name} too`),
    );
  }
  return notes;
}

/** Those of the path by their order, headers without regard to capitals. */
function parametersOf({ parameters }: Call): Map<string, Parameter> {
  const inPath = parameters.filter(({ in: where }) => where === "path");
  return new Map(
    parameters.map((parameter): [string, Parameter] => [
      parameter.in === "path"
        ? `path ${inPath.indexOf(parameter)}`
        : `${parameter.in} ${parameter.in === "header" ? parameter.name.toLowerCase() : parameter.name}`,
      parameter,
    ]),
  );
}

function bodyChanges(before: OpenApi, old: Operation, after: OpenApi, now: Operation): Note[] {
  const known = resolve(before, old.requestBody);
  const wanted = resolve(after, now.requestBody);
  if (!known && !wanted) return [];
  if (!known)
    return [wanted?.required === true ? breaking("requires a body") : other("takes a body too")];
  if (!wanted) return [breaking("takes no body any more")];
  const notes: Note[] = [];
  if (wanted.required === true && known.required !== true) notes.push(breaking("requires a body"));
  if (wanted.required !== true && known.required === true) {
    notes.push(other("does not require a body any more"));
  }
  for (const [type, { schema }] of Object.entries(known.content ?? {})) {
    const same = wanted.content?.[type];
    notes.push(
      ...(same
        ? said(
            requestChanges(
              { document: before, schema },
              { document: after, schema: same.schema },
              "body",
            ),
          )
        : [breaking(`does not take ${type} any more`)]),
    );
  }
  for (const type of Object.keys(wanted.content ?? {})) {
    if (!known.content?.[type]) notes.push(other(`takes ${type} too`));
  }
  return notes;
}

function responsesChanges(before: OpenApi, old: Operation, after: OpenApi, now: Operation): Note[] {
  const notes: Note[] = [];
  for (const [status, one] of Object.entries(old.responses ?? {})) {
    const known = resolve(before, one);
    const same = resolve(after, now.responses?.[status]);
    if (!same) {
      notes.push(breaking(`never answers ${status} any more`));
      continue;
    }
    for (const name of Object.keys(known.headers ?? {})) {
      const isThere = Object.keys(same.headers ?? {}).some(
        (header) => header.toLowerCase() === name.toLowerCase(),
      );
      if (!isThere) notes.push(breaking(`answers ${status} without the header ${name}`));
    }
    for (const [type, { schema }] of Object.entries(known.content ?? {})) {
      const answer = same.content?.[type];
      notes.push(
        ...(answer
          ? said(
              answerChanges(
                { document: before, schema },
                { document: after, schema: answer.schema },
                `answer ${status}`,
              ),
            )
          : [breaking(`answers ${status} in no ${type} any more`)]),
      );
    }
  }
  for (const status of Object.keys(now.responses ?? {})) {
    if (!old.responses?.[status]) notes.push(other(`may answer ${status} too`));
  }
  return notes;
}

/** A change of a schema, under its path. */
const said = (changes: readonly SchemaChange[]): Note[] =>
  changes.map(({ path, what, isBreaking }) => ({ what: `${path} ${what}`, isBreaking }));
