import { AppError } from '../../base/errors.ts';
import type { NativeCallControl } from '../native-child.ts';
import type { SherpaAnswer, SherpaCall, SherpaUpdate } from './sherpa-config.ts';

/** A model that a child process has loaded. */
export interface LoadedModel {
  call(call: SherpaCall, control: NativeCallControl<SherpaUpdate>): Promise<SherpaAnswer>;
}

/** A call that a model of another kind would have to answer: a fault of ours, not of the caller. */
export function unexpectedCall(call: SherpaCall): AppError {
  return new AppError('internal', `This model does not answer '${call.kind}'.`);
}
