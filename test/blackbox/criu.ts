import { readFileSync } from 'node:fs';

/** CRIU 3.17, that of bookworm, understands no vDSO of today's kernels (`Unexpected rt vDSO area bounds`): it is not installed there. */
export const hasCriu = !readFileSync('/etc/os-release', 'utf8').includes('bookworm');

/**
 * CRIU lets a process run to a hardware breakpoint when it leaves it, and waits for that. Where a virtual machine has none that work,
 * it waits for good (https://github.com/checkpoint-restore/criu/issues/2618); told so, it goes from one system call to the next
 * (`FI_NO_BREAKPOINTS` in CRIU's `include/fault-injection.h`).
 */
export const WITHOUT_BREAKPOINTS = { CRIU_FAULT: '130' };
