import { Environment } from '@marcbachmann/cel-js';

import type { KubernetesObject } from './rendered.js';

interface Validation {
  readonly expression: string;
  readonly message?: string;
  readonly messageExpression?: string;
}

interface Policy {
  readonly variables: readonly { readonly name: string; readonly expression: string }[];
  readonly validations: readonly Validation[];
}

/** A request as the API server gives it to a policy: `oldObject` is null where something is created. */
export interface AdmissionRequest {
  readonly object: object;
  readonly oldObject: object | null;
}

/** Only what a ValidatingAdmissionPolicy has declared is there: anything else is an error, as in the API server. */
const environment = new Environment({ unlistedVariablesAreDyn: false })
  .registerVariable('object', 'dyn')
  .registerVariable('oldObject', 'dyn')
  .registerVariable('variables', 'map');

/**
 * Asks a policy as the API server does: variables in their order, of which each sees those before it, then every validation.
 *
 * @returns the messages of those that are not met; an expression that fails throws, where the policy rejects (`failurePolicy: Fail`)
 */
export function rejections(
  policy: KubernetesObject,
  { object, oldObject }: AdmissionRequest,
): readonly string[] {
  const { variables, validations } = policy['spec'] as Policy;
  const known: Record<string, unknown> = {};
  const evaluate = (expression: string) =>
    environment.evaluate(expression, { object, oldObject, variables: known });
  for (const { name, expression } of variables) known[name] = evaluate(expression);
  return validations
    .filter(({ expression }) => evaluate(expression) !== true)
    .map(({ message, messageExpression }) =>
      messageExpression === undefined ? (message ?? '') : String(evaluate(messageExpression)),
    );
}
