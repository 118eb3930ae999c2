#!/usr/bin/env node
import { refuseCall, runWrapper } from '../call/run-wrapper.js';
import { CliError } from '../cli-error.js';
import { nodeSystem } from '../system/node-system.js';
import { failUnlessEnded } from './process-end.js';

// The wrapper on Node.js, which no node should have: what Node.js changes of a process stays changed (README of exec-native).
// Tests hold the one inside the launcher to it.
const system = nodeSystem();
process.exitCode = 1;
const unfinished = new CliError('ERR_CALL_UNFINISHED', 'the program was ended before the call was decided');
const end = failUnlessEnded((error = unfinished) => refuseCall(system, error));
void Promise.resolve()
  .then(() => runWrapper(system))
  .catch((error) => refuseCall(system, error))
  .then(end);
