import type { JsonObject } from './frame.js';
import type { Action, CallHandlers, RequestOf, ResponseOf } from './messages.js';
import { RpcError } from './rpc-error.js';

/** Answers an inbound CALL whose payload has passed its schema. */
export type CallAnswerer = (action: string, payload: JsonObject) => Promise<object>;

/** One answerer out of a table of handlers; an action without handler is NotSupported. */
export function answering(handlers: CallHandlers): CallAnswerer {
  return async (action, payload) => {
    if (!hasHandler(handlers, action)) throw new RpcError('NotSupported', `${action} is not supported here`);
    return answer(handlers, action, payload);
  };
}

function hasHandler(handlers: CallHandlers, action: string): action is Action {
  return Object.hasOwn(handlers, action);
}

function answer<A extends Action>(
  handlers: CallHandlers,
  action: A,
  payload: JsonObject,
): Promise<ResponseOf<A>> {
  const handler = handlers[action];
  if (handler === undefined) throw new RpcError('NotSupported', `${action} is not supported here`);
  // The schema has proved what the type claims.
  return handler(payload as RequestOf<A>);
}
