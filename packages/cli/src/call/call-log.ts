import { SpecDocument } from '@opencontainers-ts/runtime-spec';

import { factFields } from '../log/fact-fields.js';
import type { LogFields, LogLevel } from '../log/format-record.js';
import { podFields } from '../log/pod-fields.js';
import { forgetTold, tellOnce } from '../log/told-once.js';
import { isLogged, type LogSettings, writeLog } from '../log/wrapper-log.js';
import { programVersion } from '../main/program-version.js';
import type { System } from '../system/system.js';
import { textOf } from '../system/text.js';
import type { PlannedCall } from './planned-call.js';

/**
 * Writes to our log, of one call.
 *
 * @param facts - of rules
 */
export type CallLog = (
  level: LogLevel,
  msg: string,
  fields?: LogFields,
  facts?: Readonly<Record<string, string>>,
) => void;

/** The log of a call: each record says which call it is of. That it cannot be written is told elsewhere. */
export function callLog(system: System, settings: LogSettings, call: PlannedCall): CallLog {
  return (level, msg, fields = {}, facts = {}) => {
    if (!isLogged(settings, level)) return;
    const members = { ...fieldsOf(system, call), ...fields, ...factFields(facts) };
    const failure = writeLog(system, settings, level, msg, members);
    if (failure === undefined) forgetTold(system, 'log', settings.file);
    else tellOnce(system, { kind: 'log', file: settings.file }, failure, call);
  };
}

function fieldsOf(system: System, call: PlannedCall): LogFields {
  const { invocation, resolution } = call;
  const document = examinedDocument(call);
  return {
    id: invocation.id && textOf(invocation.id),
    ...(document === undefined ? {} : podFields(document)),
    verb: invocation.verb,
    bundle: invocation.bundle && textOf(invocation.bundle),
    runtime: resolution.runtime?.path,
    durationMs: Math.round(system.uptime() * 10) / 10,
    version: programVersion(system),
  };
}

/** The document that rules looked at. One that none had to look at is not parsed for the sake of a record. */
function examinedDocument({ plan, slips = [], file }: PlannedCall): SpecDocument | undefined {
  if (plan !== undefined || slips.length === 0 || file === undefined) return plan?.document;
  return SpecDocument.parse(file.bytes);
}
