/** The option `database`: a table of the service's own, and its changes on a bus. docs/growth.md#table. */
import { tableName } from "../names.ts";
import type { Option } from "../options/option.ts";
import type { Settings } from "../settings/parse.ts";
import { databaseAlarms } from "./alarms.ts";
import { OUTBOX_NAME, OUTBOX_TABLE } from "./outbox.ts";
import { deployRights, handlerRights } from "./rights.ts";
import { changesBus, hasDatabase, WRITE_UNITS_A_CHANGE } from "./settings.ts";

export const DATABASE: Option = {
  faults: (settings, environment) => [
    ...brakeFaults(settings, environment),
    ...sourceFaults(settings, environment),
  ],
  rights: (location, settings) => (hasDatabase(settings) ? handlerRights(location, settings) : []),
  deployRights: (location, settings) =>
    hasDatabase(settings) ? deployRights(location, settings) : { change: [], read: [] },
  alarms: (settings) => (hasDatabase(settings) ? databaseAlarms(settings) : {}),
};

/** A brake that lets no change through. */
function brakeFaults(settings: Partial<Settings>, environment: string): readonly string[] {
  const { databaseMaxWriteUnitsPerSecond: units = 0 } = settings;
  if (!hasDatabase(settings) || units === 0 || units >= WRITE_UNITS_A_CHANGE) return [];
  return [
    `databaseMaxWriteUnitsPerSecond: "${units}"; a change of one record takes ${WRITE_UNITS_A_CHANGE} write units, so DynamoDB would refuse most of them; raise it, or set it to 0 for no brake in Pulumi.${environment}.yaml`,
  ];
}

/** The table's stream calls the function once: Lambda takes one mapping of a stream and a function. */
function sourceFaults(settings: Partial<Settings>, environment: string): readonly string[] {
  const { sources = [], serviceName } = settings;
  if (changesBus(settings) === undefined) return [];
  const file = `Pulumi.${environment}.yaml`;
  const table = serviceName === undefined ? undefined : tableName({ serviceName, environment });
  return sources.flatMap((source) => {
    const faults: string[] = [];
    if (source.name === OUTBOX_NAME) {
      faults.push(
        `sources "${source.name}" name: "${source.name}"; is the name of the source that publishes the table's changes; name it otherwise, or set databaseChangesBus to none in ${file}`,
      );
    }
    if (
      source.kind === "stream" &&
      (source.table === OUTBOX_TABLE || (table && source.table.includes(`:table/${table}/`)))
    ) {
      faults.push(
        `sources "${source.name}" table: "${source.table}"; its stream calls the function already, to publish changes, and Lambda takes one mapping of a stream and a function; listen to the bus by a source of kind rule, or set databaseChangesBus to none in ${file}`,
      );
    }
    return faults;
  });
}
