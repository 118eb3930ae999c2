#!/usr/bin/env node
import { refusalLine, refusalOf } from '../call/refusal.js';
import { CliError } from '../cli-error.js';
import { winstonLog } from '../log/winston-log.js';
import { nodeHookRunner } from '../system/node-hook-runner.js';
import { nodeSystem } from '../system/node-system.js';
import { bytesOf } from '../system/text.js';
import { ociwrapProgram } from './ociwrap-program.js';
import { failUnlessEnded } from './process-end.js';

const system = nodeSystem();
process.exitCode = 1;
const unfinished = new CliError('ERR_CALL_UNFINISHED', 'the command was ended before it was done');
const end = failUnlessEnded((error = unfinished) => {
  system.write(2, bytesOf(`ociwrap: ${refusalLine(refusalOf(error))}\n`));
});
const containers = async () => (await import('../containers/node-containers.js')).nodeContainers();
void ociwrapProgram(system, { makeLog: winstonLog, hookRunner: nodeHookRunner, containers }).then(end);
